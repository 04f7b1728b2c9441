namespace SearchEngine;

/// <summary>A search. Immutable; all of it optional but a query (text, keywords or vector).</summary>
public sealed record SearchRequest
{
    /// <summary>The query text: embedded for the vector ranking (unless <see cref="Vector"/> is given) and analyzed for the keyword ranking (unless <see cref="Keywords"/> is given).</summary>
    public string? Text { get; init; }

    /// <summary>A query vector in place of an embedded text; its length is the field's dimension.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>Keywords in place of the analyzed text; any of them may match. An empty list without <see cref="Text"/> leaves a hybrid search its vector ranking alone, with the scores of the fusion.</summary>
    public IReadOnlyList<string>? Keywords { get; init; }

    /// <summary>Which rankers answer.</summary>
    public SearchMode Mode { get; init; } = SearchMode.Hybrid;

    /// <summary>The vector field to search; null where the collection has just one.</summary>
    public string? VectorField { get; init; }

    /// <summary>The full-text fields to search; null for all.</summary>
    public IReadOnlyList<string>? TextFields { get; init; }

    /// <summary>Hits to return, at least 1.</summary>
    public int Top { get; init; } = SearchDefaults.Top;

    /// <summary>Hits to pass over first, at least 0.</summary>
    public int Skip { get; init; }

    /// <summary>Only records that match are ranked; null for all.</summary>
    public DocumentFilter? Filter { get; init; }

    /// <summary>Only hits of at least this <see cref="SearchHit.Score"/>; null for all.</summary>
    public double? MinimumScore { get; init; }

    /// <summary>Only vector candidates of at most this distance (the metric's own; smaller is better); null for all. Keyword candidates are not touched.</summary>
    public float? MaximumDistance { get; init; }

    /// <summary>Beam width of the graph search; 0 takes the field's.</summary>
    public int Ef { get; init; }

    /// <summary>How the rankings are fused (hybrid only).</summary>
    public FusionOptions Fusion { get; init; } = new();

    /// <summary>Whether hits carry the records' vectors.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether hits carry an <see cref="SearchHit.Explanation"/>.</summary>
    public bool Explain { get; init; }

    /// <summary>A text field of which each hit carries a snippet with the matches marked; null for none.</summary>
    public string? SnippetField { get; init; }

    /// <summary>About how many characters a snippet has.</summary>
    public int SnippetLength { get; init; } = SearchDefaults.SnippetLength;
}
