namespace SearchEngine.Hosting;

/// <summary>One API key, as the settings or the key file have it: never the key itself.</summary>
internal sealed record ApiKeySettings
{
    /// <summary>Whose it is; appears in the log.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>"sha256:" and the 64 hexadecimal digits of the key's SHA-256; `searchengine key` makes both.</summary>
    public string Hash { get; init; } = string.Empty;

    /// <summary>read, write (and read) or admin (everything).</summary>
    public string Access { get; init; } = "read";

    /// <summary>The collections it opens, a name or a beginning with '*' behind it; empty for all.</summary>
    public IReadOnlyList<string> Collections { get; init; } = [];
}
