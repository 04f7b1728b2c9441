namespace SearchEngine;

/// <summary>
/// How the best candidates of a search are put into a new order by a reranker, which reads query and passage together.
/// </summary>
/// <remarks>
/// Of the candidates that were read, each gets <c>(1 − w)·r + w·q</c>: r is its score before, from 0 (the least that its ranking can give,
/// or gave) to 1 (the best candidate), q the reranker's score from 0 (the worst of those it read) to 1 (the best), w the
/// <see cref="Weight"/>. Candidates behind them keep <c>(1 − w)·r</c> and stand behind.
/// </remarks>
public sealed record RerankOptions
{
    /// <summary>More are rarely worth their time: what stands further behind hardly ever holds the answer.</summary>
    public const int DefaultCandidates = 50;

    /// <summary>Both sides count alike where nothing was measured.</summary>
    public const double DefaultWeight = 0.5;

    /// <summary>Who reads; null for the database's (<see cref="SearchDatabaseOptions.Reranker"/>).</summary>
    public IReranker? Reranker { get; init; }

    /// <summary>How many of the best candidates are read, at least 1.</summary>
    public int Candidates { get; init; } = DefaultCandidates;

    /// <summary>
    /// Time for the reading; null for as long as it takes. When it is over, what was not read yet keeps its score and stands behind what
    /// was (<see cref="RerankReport.Read"/> says how many were). The first passages are always asked for.
    /// </summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>The reranker's share of the score, 0 to 1; null for the reranker's own (<see cref="IReranker.Weight"/>).</summary>
    public double? Weight { get; init; }

    /// <summary>
    /// The text fields that make a passage, each on its own lines; null for all full-text fields, or where there are none for the text that
    /// the vector was made from.
    /// </summary>
    public IReadOnlyList<string>? Fields { get; init; }
}
