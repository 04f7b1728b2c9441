using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>
/// Has each ranker score what only the other one brought: some hundred distances, and as many look-ups in the postings. Thread-safe.
/// </summary>
internal sealed class CandidateScorer(LexicalView? lexical, VectorRanker ranker)
{
    /// <summary>The candidates with the scores that they lack. The caller has entered the moment in which they are visible.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="queries">The query vectors, in the order of the plan's targets.</param>
    /// <param name="found">What the rankers brought.</param>
    public Candidates Score(SearchPlan plan, IReadOnlyList<ReadOnlyMemory<float>> queries, Candidates found) =>
        found.ScoreUnion(
            ordinals => ranker.Measure(plan.Vector!, queries[0].Span, ordinals),
            ordinals => plan.Keyword is null ? new float[ordinals.Length] : Weigh(plan.Keyword, ordinals, found.Words)
        );

    /// <summary>The distances of one record by each target of a plan; null where it has no vector.</summary>
    public float?[] DistancesOf(SearchPlan plan, IReadOnlyList<ReadOnlyMemory<float>> queries, int ordinal) =>
        [
            .. plan.Vectors.Select(
                (target, i) =>
                    ranker.Measure(target.Field, queries[i].Span, [ordinal])[0] is var distance && float.IsNaN(distance)
                        ? (float?)null
                        : distance
            ),
        ];

    /// <summary>The keyword score of one record; null where it does not match.</summary>
    public double? KeywordScoreOf(LexicalQuery query, int ordinal) => Weigh(query, [ordinal], null)[0] is > 0 and var score ? score : null;

    private IReadOnlyList<float> Weigh(LexicalQuery query, int[] ordinals, LexicalLookup? words) =>
        lexical!.Fresh().Score(query, ordinals, words);
}
