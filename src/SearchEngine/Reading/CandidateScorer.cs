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
    public Candidates Score(SearchPlan plan, ReadOnlySpan<float> query, Candidates found) =>
        found with
        {
            Measured = Measure(plan.Vector!, query, Without(found.Keyword.Select(h => h.Ordinal), found.Nearest.Select(h => h.Ordinal))),
            Weighed = plan.Keyword is null
                ? []
                : Weigh(plan.Keyword, Without(found.Nearest.Select(h => h.Ordinal), found.Keyword.Select(h => h.Ordinal))),
        };

    private VectorHit[] Measure(VectorField field, ReadOnlySpan<float> query, int[] ordinals)
    {
        if (ordinals.Length == 0)
            return [];
        var set = new OrdinalSet(ordinals.Max() + 1);
        foreach (var ordinal in ordinals)
            set.Add(ordinal);
        var hits = new VectorHit[ordinals.Length];
        // Of a set this small every vector is compared; a record without a vector is not found.
        var index = vectors.First(v => v.Field.Name == field.Name).Index;
        return hits[..index.Search(query, hits, new VectorQueryOptions { Filter = set })];
    }

    private LexicalHit[] Weigh(LexicalQuery query, int[] ordinals)
    {
        var scores = lexical!.Fresh().Score(query, ordinals);
        return [.. ordinals.Select((ordinal, i) => new LexicalHit(ordinal, scores[i])).Where(hit => hit.Score > 0)];
    }

    private static int[] Without(IEnumerable<int> ordinals, IEnumerable<int> others) => [.. ordinals.Except(others)];
}
