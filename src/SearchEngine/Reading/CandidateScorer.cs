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
    public Candidates Score(SearchPlan plan, IReadOnlyList<ReadOnlyMemory<float>> queries, Candidates found)
    {
        var nearest = Array.ConvertAll(found.Nearest, hit => hit.Ordinal);
        int[] matching = [.. found.Keyword.Select(hit => hit.Ordinal)];
        int[] unmeasured = [.. matching.Except(nearest)];
        return found with
        {
            Measured = found.Joint is { } joint ? joint.Score(unmeasured) : Measure(plan.Vector!, queries[0].Span, unmeasured),
            Weighed = plan.Keyword is null ? [] : Weigh(plan.Keyword, [.. nearest.Except(matching)]),
        };
    }

    /// <summary>The distances of one record by each target of a plan; null where it has no vector.</summary>
    public float?[] DistancesOf(SearchPlan plan, IReadOnlyList<ReadOnlyMemory<float>> queries, int ordinal) =>
        [
            .. plan.Vectors.Select(
                (target, i) => Measure(target.Field, queries[i].Span, [ordinal]) is [var hit] ? hit.Distance : (float?)null
            ),
        ];

    /// <summary>The keyword score of one record; null where it does not match.</summary>
    public double? KeywordScoreOf(LexicalQuery query, int ordinal) => Weigh(query, [ordinal]) is [var hit] ? hit.Score : null;

    private VectorHit[] Measure(VectorField field, ReadOnlySpan<float> query, int[] ordinals)
    {
        var distances = ranker.Measure(field, query, ordinals);
        var hits = new List<VectorHit>(ordinals.Length);
        for (var i = 0; i < ordinals.Length; i++)
        {
            // A record without a vector has no distance.
            if (!float.IsNaN(distances[i]))
                hits.Add(new VectorHit(ordinals[i], distances[i]));
        }

        return [.. hits];
    }

    private LexicalHit[] Weigh(LexicalQuery query, int[] ordinals)
    {
        var scores = lexical!.Fresh().Score(query, ordinals);
        var hits = new List<LexicalHit>(ordinals.Length);
        for (var i = 0; i < ordinals.Length; i++)
        {
            if (scores[i] > 0)
                hits.Add(new LexicalHit(ordinals[i], scores[i]));
        }

        return [.. hits];
    }
}
