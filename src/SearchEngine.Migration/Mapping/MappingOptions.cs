using SearchEngine.Vectors;

namespace SearchEngine.Migration;

/// <summary>What a user decides about a mapping.</summary>
public sealed record MappingOptions
{
    /// <summary>The collection's name; null takes the store's.</summary>
    public string? Collection { get; init; }

    /// <summary>The column that is the key; null takes the store's own.</summary>
    public string? Key { get; init; }

    /// <summary>Types of columns, by column, in place of what their values are.</summary>
    public IReadOnlyDictionary<string, DataFieldType> Types { get; init; } = new Dictionary<string, DataFieldType>();

    /// <summary>Other names of columns.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns to leave out.</summary>
    public IReadOnlyCollection<string> Skip { get; init; } = [];

    /// <summary>Columns that keyword search reads; null chooses texts of some length.</summary>
    public IReadOnlyCollection<string>? FullText { get; init; }

    /// <summary>The metric of vectors; null takes what the store says, else cosine.</summary>
    public DistanceMetric? Metric { get; init; }

    /// <summary>The text column to embed anew, in place of the vectors that are there; null keeps those.</summary>
    public string? Embed { get; init; }

    /// <summary>Components of the vectors that are made anew.</summary>
    public int EmbedDimension { get; init; }

    /// <summary>Identity of the model that makes vectors anew, or that made those that are kept; null where that is not known.</summary>
    public string? EmbeddingModel { get; init; }
}
