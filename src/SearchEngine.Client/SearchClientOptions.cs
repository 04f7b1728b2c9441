namespace SearchEngine.Client;

/// <summary>How a host is called.</summary>
public sealed record SearchClientOptions
{
    /// <summary>The host's address, such as http://127.0.0.1:5080; may end in a path where a proxy puts the host under one.</summary>
    public required Uri Address { get; init; }

    /// <summary>The API key; null for a host without keys.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How often a request is sent again that the host was too busy to take (429), after the time that it asks for.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>Time for one request, streams left out.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);
}
