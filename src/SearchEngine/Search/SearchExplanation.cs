namespace SearchEngine;

/// <summary>How a hit came by its score.</summary>
/// <param name="Vector">The vector ranker's part; null where it says nothing of the record.</param>
/// <param name="Keyword">The keyword ranker's part; null where it says nothing of the record.</param>
/// <param name="Fused">The score the hit is ordered by: the sum of the contributions.</param>
/// <param name="Terms">The query terms that matched, with each one's part of the BM25 score.</param>
public sealed record SearchExplanation(
    RankerExplanation? Vector,
    RankerExplanation? Keyword,
    double Fused,
    IReadOnlyList<TermContribution> Terms
)
{
    /// <summary>The reranker's part; null where it did not read the record. The others' contributions are what is left beside it.</summary>
    public RankerExplanation? Reranker { get; init; }

    /// <summary>
    /// Each vector's part of <see cref="Vector"/>'s contribution, where the search goes by several
    /// (<see cref="SearchRequest.VectorQueries"/>); else empty.
    /// </summary>
    public IReadOnlyList<VectorContribution> Vectors { get; init; } = [];

    /// <summary>What fields added; empty where no boosts were asked for, or where the record stands too far behind for them.</summary>
    public IReadOnlyList<BoostContribution> Boosts { get; init; } = [];

    /// <summary>
    /// Why the hit stands where it does although hits are not in the order of their scores; null where they are, or where it stands behind
    /// the candidates that were kept apart.
    /// </summary>
    public DiversityExplanation? Diversity { get; init; }
}

/// <summary>One ranker's view of a hit.</summary>
/// <param name="Rank">Place in that ranking, from 1; 0 where only the other ranker brought the record, and this one scored it.</param>
/// <param name="Score">That ranker's own score (larger is better).</param>
/// <param name="Contribution">What it adds to the fused score.</param>
public sealed record RankerExplanation(int Rank, double Score, double Contribution);

/// <summary>A query term's part of a keyword score.</summary>
/// <param name="Field">The field it matched in.</param>
/// <param name="Term">The term as indexed (stemmed).</param>
/// <param name="Score">Its part of the BM25 score.</param>
public sealed record TermContribution(string Field, string Term, double Score);
