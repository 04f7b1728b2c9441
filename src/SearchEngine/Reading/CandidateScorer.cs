using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>
/// Has each ranker score what only the other one brought: some hundred distances, and as many look-ups in the postings. Thread-safe.
/// </summary>
internal sealed class CandidateScorer(LexicalView? lexical, IReadOnlyList<VectorFieldIndex> vectors)
{
    /// <summary>The candidates with the scores that they lack. The caller has entered the moment in which they are visible.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="query">The query vector.</param>
    /// <param name="found">What the rankers brought.</param>
    public Candidates Score(SearchPlan plan, ReadOnlySpan<float> query, Candidates found)
    {
        int[] nearest = Array.ConvertAll(found.Nearest, hit => hit.Ordinal),
            matching = [.. found.Keyword.Select(hit => hit.Ordinal)];
        return found with
        {
            Measured = Measure(plan.Vector!, query, [.. matching.Except(nearest)]),
            Weighed = plan.Keyword is null ? [] : Weigh(plan.Keyword, [.. nearest.Except(matching)]),
        };
    }

    /// <summary>The distance of one record; null where it has no vector.</summary>
    public float? DistanceOf(SearchPlan plan, ReadOnlySpan<float> query, int ordinal) =>
        Measure(plan.Vector!, query, [ordinal]) is [var hit] ? hit.Distance : null;

    /// <summary>The keyword score of one record; null where it does not match.</summary>
    public double? KeywordScoreOf(LexicalQuery query, int ordinal) => Weigh(query, [ordinal]) is [var hit] ? hit.Score : null;

    private VectorHit[] Measure(VectorField field, ReadOnlySpan<float> query, int[] ordinals)
    {
        var distances = new float[ordinals.Length];
        vectors.First(v => v.Field.Name == field.Name).Index.Measure(query, ordinals, distances);
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
