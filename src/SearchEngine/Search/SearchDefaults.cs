namespace SearchEngine;

/// <summary>Defaults of the search, each with its reason.</summary>
public static class SearchDefaults
{
    /// <summary>Hits returned.</summary>
    public const int Top = 10;

    /// <summary>Candidates a ranker brings to the fusion: deeper ones change the first ten hardly ever, and cost time.</summary>
    public const int FusionDepth = 100;

    /// <summary>Weight of the vector ranking in the fusion.</summary>
    public const double VectorWeight = 1.0;

    /// <summary>Weight of the keyword ranking in the fusion.</summary>
    public const double KeywordWeight = 1.0;

    /// <summary>Characters of a snippet: about two lines of a terminal.</summary>
    public const int SnippetLength = 240;
}
