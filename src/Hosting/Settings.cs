namespace SearchEngine.Hosting;

/// <summary>The section "SearchEngine" of appsettings.json; the file at the repository's root is the one list of defaults.</summary>
internal sealed record Settings
{
    /// <summary>The database's directory.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>The collection where none is named.</summary>
    public string Collection { get; init; } = "default";

    /// <summary>
    /// The model's folder; empty: models/default beside the program or in the repository; "none": no model, for keyword search and vectors
    /// that callers bring.
    /// </summary>
    public string Model { get; init; } = string.Empty;

    public EmbeddingSettings Embedding { get; init; } = new();

    public SearchSettings Search { get; init; } = new();

    public IngestionSettings Ingestion { get; init; } = new();

    public DatabaseSettings Database { get; init; } = new();

    /// <summary>Read by the web host; listed so that one file serves both hosts.</summary>
    public ApiSettings Api { get; init; } = new();
}
