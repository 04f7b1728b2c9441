namespace SearchEngine;

/// <summary>Which rankers answer a search.</summary>
public enum SearchMode
{
    /// <summary>Vector and keyword search, fused.</summary>
    Hybrid,

    /// <summary>Vector search alone.</summary>
    Vector,

    /// <summary>Keyword search (BM25) alone.</summary>
    Keyword,
}
