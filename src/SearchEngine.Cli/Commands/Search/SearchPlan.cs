using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>What to search for, where and how. The model is null where none is needed: in keyword mode.</summary>
internal sealed record SearchPlan(
    string Query,
    string Collection,
    int Top,
    SearchMode Mode,
    bool Explain,
    QuerySyntax Syntax,
    bool CorrectSpelling,
    SearchExtras Extras,
    bool AsJson,
    DatabasePlan Database,
    ModelPlan? Model,
    SearchSettings Settings
)
{
    /// <summary>Hits passed over first.</summary>
    public int Skip { get; init; }

    /// <summary>Whether each document is shown once, with its best passage.</summary>
    public bool Group { get; init; }

    public double? MinimumScore { get; init; }

    /// <summary>The largest distance of a hit by meaning; null for any.</summary>
    public float? MaximumDistance { get; init; }

    /// <summary>The number of the hit whose file is opened.</summary>
    public int? Open { get; init; }

    /// <summary>The reranker; null where none was asked for.</summary>
    public RerankPlan? Reranker { get; init; }

    /// <summary>What it reads, and for how long.</summary>
    public RerankOptions Rerank { get; init; } = new();

    /// <summary>What else changes the order of the hits.</summary>
    public OrderingPlan Ordering { get; init; } = new(Vectors: [], Boosts: [], Diversity: null, WhyNot: null);

    public required SearchScope Scope { get; init; }
}
