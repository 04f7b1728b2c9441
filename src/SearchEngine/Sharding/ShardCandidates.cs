namespace SearchEngine.Sharding;

/// <summary>
/// A shard's candidates. Records go by numbers that mean something in this moment of this shard alone; places are places in
/// <see cref="Records"/>.
/// </summary>
public sealed record ShardCandidates
{
    /// <summary>The moment, to read records of.</summary>
    public required long Moment { get; init; }

    /// <summary>The candidates of all rankings, each once.</summary>
    public required int[] Records { get; init; }

    /// <summary>By vector of the search its ranking: places, nearest first (in blocks, as <see cref="SearchRequest.Top"/> has them).</summary>
    public required int[][] Nearest { get; init; }

    /// <summary>By vector of the search and place the distance; <see cref="float.NaN"/> where there is none, or it was not asked for.</summary>
    public required float[][] Distances { get; init; }

    /// <summary>The keyword ranking, or the order by a field: places.</summary>
    public required int[] Keyword { get; init; }

    /// <summary>By place the keyword score; 0 where no word matches, or it was not asked for.</summary>
    public required float[] Scores { get; init; }

    /// <summary>The field's values in the order of <see cref="Keyword"/>, where it is the order by a field; else empty.</summary>
    public IReadOnlyList<object?> SortValues { get; init; } = [];

    /// <summary>Records that match; 0 unless counted.</summary>
    public long Total { get; init; }

    /// <summary>The counts, in the order of the requests; values all, and not the most frequent alone.</summary>
    public IReadOnlyList<Facet> Facets { get; init; } = [];

    /// <summary>The place of the record of <see cref="ShardSearch.ExplainKey"/>; -1 where it is not here.</summary>
    public int Explained { get; init; } = -1;
}
