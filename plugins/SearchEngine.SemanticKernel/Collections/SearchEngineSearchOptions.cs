using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel;

/// <summary>Options of a vector search, with the engine's own. They go through the abstraction's <c>SearchAsync</c> as well.</summary>
public sealed class SearchEngineSearchOptions<TRecord> : VectorSearchOptions<TRecord>
{
    /// <summary>Beam width of the graph search: the larger, the better the recall and the slower; 0 takes the field's.</summary>
    public int Ef { get; set; }
}

/// <summary>
/// Options of a hybrid search, with the engine's own. They go through the abstraction's <c>HybridSearchAsync</c> as well.
/// </summary>
public sealed class SearchEngineHybridSearchOptions<TRecord> : HybridSearchOptions<TRecord>
{
    /// <summary>Beam width of the graph search; 0 takes the field's.</summary>
    public int Ef { get; set; }

    /// <summary>Weights of the two rankings; null takes the collection's.</summary>
    public FusionOptions? Fusion { get; set; }

    /// <summary>
    /// Whether keywords are looked for in every full-text property, and not only in
    /// <see cref="HybridSearchOptions{TRecord}.AdditionalProperty"/>.
    /// </summary>
    public bool AllTextProperties { get; set; }

    /// <summary>
    /// Whether results that can carry it bring a snippet of the text property with the matches marked: of the one that is searched, and with
    /// <see cref="AllTextProperties"/> of the first one, which is where a match in another property leaves no mark.
    /// </summary>
    public bool IncludeSnippet { get; set; }
}
