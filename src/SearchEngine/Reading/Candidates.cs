using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>What the rankers brought to a search.</summary>
/// <param name="Nearest">The vector ranking, before <see cref="SearchRequest.MaximumDistance"/>.</param>
/// <param name="Keyword">The keyword ranking.</param>
internal sealed record Candidates(VectorHit[] Nearest, IReadOnlyList<LexicalHit> Keyword)
{
    /// <summary>How several vectors became the vector ranking; null where the search goes by one, or by none.</summary>
    public JointRanking? Joint { get; init; }

    /// <summary>What the keyword ranking found of the query's words; null where there was none.</summary>
    public LexicalLookup? Words { get; init; }

    /// <summary>Distances of keyword candidates that the vector ranking does not hold, where the fusion asks for them.</summary>
    public VectorHit[] Measured { get; init; } = [];

    /// <summary>Keyword scores of vector candidates that the keyword ranking does not hold but that match, likewise.</summary>
    public LexicalHit[] Weighed { get; init; } = [];

    /// <summary>The largest distance of a vector candidate that counts; null for any.</summary>
    public float? FarthestOf(SearchRequest request) =>
        request.MaximumDistance is { } limit ? limit
        : request is { FarthestAnswer: { } farthest, Mode: SearchMode.Hybrid }
        && Joint is null
        && Keyword.Count == 0
        && !Array.Exists(Nearest, hit => hit.Distance <= farthest)
            ? farthest
        : null;

    /// <summary>The candidates with the scores that only one of the rankers has given so far.</summary>
    /// <param name="measure">Distances of records; <see cref="float.NaN"/> where one has no vector.</param>
    /// <param name="weigh">Keyword scores of records; 0 where one does not match.</param>
    public Candidates ScoreUnion(Func<int[], float[]> measure, Func<int[], IReadOnlyList<float>> weigh)
    {
        var nearest = Array.ConvertAll(Nearest, hit => hit.Ordinal);
        int[] matching = [.. Keyword.Select(hit => hit.Ordinal)];
        int[] unmeasured = [.. matching.Except(nearest)],
            unweighed = [.. nearest.Except(matching)];
        return this with
        {
            Measured = Joint is { } joint ? joint.Score(unmeasured) : HitsOf(unmeasured, measure),
            Weighed = HitsOf(unweighed, weigh),
        };
    }

    private static VectorHit[] HitsOf(int[] ordinals, Func<int[], float[]> measure)
    {
        var distances = measure(ordinals);
        var hits = new List<VectorHit>(ordinals.Length);
        for (var i = 0; i < ordinals.Length; i++)
        {
            if (!float.IsNaN(distances[i]))
                hits.Add(new VectorHit(ordinals[i], distances[i]));
        }

        return [.. hits];
    }

    private static LexicalHit[] HitsOf(int[] ordinals, Func<int[], IReadOnlyList<float>> weigh)
    {
        var scores = weigh(ordinals);
        var hits = new List<LexicalHit>(ordinals.Length);
        for (var i = 0; i < ordinals.Length; i++)
        {
            if (scores[i] > 0)
                hits.Add(new LexicalHit(ordinals[i], scores[i]));
        }

        return [.. hits];
    }
}
