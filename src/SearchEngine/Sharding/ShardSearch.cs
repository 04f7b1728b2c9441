using SearchEngine.Lexical;

namespace SearchEngine.Sharding;

/// <summary>
/// The part of a search that a shard does: which candidates, how many, and what to count. Nothing is left to decide: texts are embedded, the
/// spelling is corrected, and the statistics are those of all shards.
/// </summary>
public sealed record ShardSearch
{
    /// <summary>Which rankers run.</summary>
    public required SearchMode Mode { get; init; }

    /// <summary>Candidates of each ranking.</summary>
    public required int Depth { get; init; }

    /// <summary>The text of the keyword ranking and of snippets.</summary>
    public string? Text { get; init; }

    /// <summary>Keywords in its place.</summary>
    public IReadOnlyList<string>? Keywords { get; init; }

    /// <summary>How the text is read.</summary>
    public QuerySyntax Syntax { get; init; }

    /// <summary>The full-text fields to search; null for all.</summary>
    public IReadOnlyList<string>? TextFields { get; init; }

    /// <summary>The statistics of all shards; null where no words are looked for.</summary>
    public TermStatistics? Statistics { get; init; }

    /// <summary>The vectors to go by, each with its vector; empty for none.</summary>
    public IReadOnlyList<VectorQuery> Vectors { get; init; } = [];

    /// <summary>Beam width of the graph search; 0 takes the field's.</summary>
    public int Ef { get; init; }

    /// <summary>Whether every candidate is scored by both rankers.</summary>
    public bool ScoresUnion { get; init; }

    /// <summary>Only records that match; null for all.</summary>
    public DocumentFilter? Filter { get; init; }

    /// <summary>The order by a field in place of the keyword ranking's; null for none.</summary>
    public SortOrder? Sort { get; init; }

    /// <summary>Whether records that match are counted.</summary>
    public bool CountTotal { get; init; }

    /// <summary>What to count over the records that match. Values are counted however many there are.</summary>
    public IReadOnlyList<FacetRequest> Facets { get; init; } = [];

    /// <summary>A text field of which <see cref="ISearchShard.ReadAsync"/> may be asked for snippets; null for none.</summary>
    public string? SnippetField { get; init; }

    /// <summary>About how many characters a snippet has.</summary>
    public int SnippetLength { get; init; } = SearchDefaults.SnippetLength;

    /// <summary>A record that is scored by all rankers whether it is a candidate or not; null for none.</summary>
    public RecordKey? ExplainKey { get; init; }
}
