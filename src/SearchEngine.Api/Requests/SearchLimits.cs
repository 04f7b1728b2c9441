namespace SearchEngine.Api.Requests;

/// <summary>How much one search may ask of the host; the engine itself takes more.</summary>
internal static class SearchLimits
{
    /// <summary>Beam width: beyond this a graph of millions is nearly read whole.</summary>
    public const int MaxEf = 10_000;

    /// <summary>Candidates of each ranker.</summary>
    public const int MaxDepth = 10_000;

    /// <summary>Characters of a snippet.</summary>
    public const int MaxSnippet = 10_000;

    /// <summary>Values of a facet.</summary>
    public const int MaxFacetValues = 1_000;

    /// <summary>Characters of a query: a long passage. Reading, correcting and embedding one costs more than its length.</summary>
    public const int MaxQuery = 20_000;

    /// <summary>Facets, boosts, and the like, of one search.</summary>
    public const int MaxParts = 100;

    /// <summary>Searches of a batch.</summary>
    public const int MaxSearches = 100;

    /// <summary>Searches of a batch that run at a time: a batch is there to use all processors.</summary>
    public static int SearchesAtATime => Environment.ProcessorCount;
}
