namespace SearchEngine.Hosting;

/// <summary>The section "Api": where the web host listens, whom it lets in, and how much it takes on.</summary>
internal sealed record ApiSettings
{
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>Requests that work at a time; their bodies are there already.</summary>
    public int MaxConcurrentRequests { get; init; } = 32;

    /// <summary>Requests that wait for their turn; the others are refused with 429.</summary>
    public int QueueLimit { get; init; } = 64;

    /// <summary>Long transfers (import, export, uploads, streams of events) at a time.</summary>
    public int MaxStreams { get; init; } = 16;

    /// <summary>Connections at a time.</summary>
    public int MaxConnections { get; init; } = 2_000;

    /// <summary>Most hits, documents or names of one reply.</summary>
    public int MaxTop { get; init; } = 1_000;

    /// <summary>Bytes of a JSON body at most.</summary>
    public int MaxRequestBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of all JSON bodies that are being read or worked on.</summary>
    public long MaxBufferedBytes { get; init; } = 512L << 20;

    /// <summary>Bytes of an upload (files, an import, a snapshot) at most.</summary>
    public long MaxUploadBytes { get; init; } = 1L << 30;

    /// <summary>Seconds in which a JSON body must have arrived.</summary>
    public int BodySeconds { get; init; } = 20;

    /// <summary>Seconds after which a request's work is given up.</summary>
    public int RequestSeconds { get; init; } = 60;

    /// <summary>Seconds for accepted requests to be answered when the host is told to stop.</summary>
    public int DrainSeconds { get; init; } = 20;

    /// <summary>Where snapshots go, a folder per collection.</summary>
    public string Snapshots { get; init; } = "./snapshots";

    /// <summary>Folders of this machine from which a request may have files ingested; none unless listed.</summary>
    public IReadOnlyList<string> IngestFolders { get; init; } = [];

    /// <summary>Who may call; empty with an empty KeyFile: everybody, on the loopback address.</summary>
    public IReadOnlyList<ApiKeySettings> Keys { get; init; } = [];

    /// <summary>A JSON file with more keys, a list like Keys; empty for none.</summary>
    public string KeyFile { get; init; } = string.Empty;

    /// <summary>Whether the host may listen on a public address without any key: whoever reaches it owns the data.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Names by which the host is called (the Host header), besides localhost and the loopback addresses.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Origins whose pages may call the host from a browser ("https://app.example"); none unless listed.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];
}
