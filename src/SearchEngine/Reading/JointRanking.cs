using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>
/// One vector ranking of several: each candidate of any of them gets <c>Σ w·(s − least) / (best − least)</c> over the targets, s being its
/// score by a target, best the best score among the first candidates, and least the least that the metric can give (where there is none,
/// the least among the first candidates). A record without a vector gets nothing for it. The first n do not depend on how many are asked
/// for: those up to each depth come of that many candidates of each target. Built by one thread, then read by any.
/// </summary>
internal sealed class JointRanking
{
    private readonly IReadOnlyList<VectorTarget> _targets;
    private readonly IReadOnlyList<VectorHit[]> _nearest;
    private readonly Func<int, int[], float[]> _measure;
    private readonly Dictionary<int, float[]> _distances = [];
    private readonly double[] _least;
    private readonly double[] _range;

    /// <param name="targets">What the search goes by.</param>
    /// <param name="nearest">The ranking of each.</param>
    /// <param name="depths">Depths, ascending; the last is as deep as the rankings.</param>
    /// <param name="measure">Distances of records by a target, by its place; <see cref="float.NaN"/> where a record has no vector.</param>
    public JointRanking(
        IReadOnlyList<VectorTarget> targets,
        IReadOnlyList<VectorHit[]> nearest,
        IEnumerable<int> depths,
        Func<int, int[], float[]> measure
    )
    {
        (_targets, _nearest, _measure) = (targets, nearest, measure);
        _least = new double[targets.Count];
        _range = new double[targets.Count];
        var hits = new List<VectorHit>();
        var chosen = new HashSet<int>();
        foreach (var depth in depths)
        {
            int[] candidates = [.. nearest.SelectMany(ranking => ranking.Take(depth)).Select(hit => hit.Ordinal).Distinct()];
            Measure(candidates);
            if (hits.Count == 0)
                FindRanges(candidates);
            foreach (
                var (ordinal, score) in candidates
                    .Where(ordinal => !chosen.Contains(ordinal))
                    .Select(ordinal => (ordinal, ScoreOf(ordinal)))
                    .OrderByDescending(candidate => candidate.Item2)
                    .ThenBy(candidate => candidate.ordinal)
                    .Take(depth - hits.Count)
            )
            {
                chosen.Add(ordinal);
                hits.Add(HitOf(ordinal, score));
            }
        }

        Hits = [.. hits];
    }

    /// <summary>
    /// The ranking, in blocks as those of a vector index are, each sorted; a distance is 1 − the score, as under the cosine metric.
    /// </summary>
    public VectorHit[] Hits { get; }

    /// <summary>The same of given records, those without any vector left out.</summary>
    public VectorHit[] Score(int[] ordinals)
    {
        Measure(ordinals);
        return [.. ordinals.Where(HasVector).Select(ordinal => HitOf(ordinal, ScoreOf(ordinal)))];
    }

    /// <summary>Whether a record that was measured has any of the vectors.</summary>
    public bool HasVector(int ordinal) => _distances.TryGetValue(ordinal, out var distances) && !Array.TrueForAll(distances, float.IsNaN);

    /// <summary>What each target adds to <paramref name="whole"/>, which they gave a measured record together.</summary>
    public IReadOnlyList<VectorContribution> Explain(int ordinal, double whole)
    {
        var shares = _targets.Select((_, i) => ShareOf(ordinal, i)).ToArray();
        var sum = shares.Sum();
        var parts = new List<VectorContribution>(shares.Length);
        for (var i = 0; i < shares.Length; i++)
        {
            var distance = _distances[ordinal][i];
            if (float.IsNaN(distance))
                continue;
            var field = _targets[i].Field;
            var rank = 1 + Array.FindIndex(_nearest[i], hit => hit.Ordinal == ordinal);
            var part = sum > 0 ? whole * (shares[i] / sum) : 0;
            parts.Add(new VectorContribution(field.Name, rank, DistanceScore.FromDistance(field.Metric, distance), part));
        }

        return parts;
    }

    private static VectorHit HitOf(int ordinal, double score) => new(ordinal, (float)(1 - score));

    private double ScoreOf(int ordinal) => Enumerable.Range(0, _targets.Count).Sum(i => ShareOf(ordinal, i));

    private double ShareOf(int ordinal, int target)
    {
        var distance = _distances[ordinal][target];
        if (float.IsNaN(distance))
            return 0;
        var above = DistanceScore.FromDistance(_targets[target].Field.Metric, distance) - _least[target];
        // Where all score the same, each gets all of it.
        return _targets[target].Weight * (_range[target] > 0 ? Math.Clamp(above / _range[target], 0, 1) : 1);
    }

    private void FindRanges(int[] candidates)
    {
        for (var i = 0; i < _targets.Count; i++)
        {
            var metric = _targets[i].Field.Metric;
            double[] scores =
            [
                .. candidates
                    .Select(ordinal => _distances[ordinal][i])
                    .Where(distance => !float.IsNaN(distance))
                    .Select(distance => DistanceScore.FromDistance(metric, distance)),
            ];
            if (scores.Length == 0)
                continue;
            _least[i] = metric == DistanceMetric.Cosine ? -1 : scores.Min();
            _range[i] = scores.Max() - _least[i];
        }
    }

    private void Measure(int[] ordinals)
    {
        int[] unknown = [.. ordinals.Where(ordinal => !_distances.ContainsKey(ordinal))];
        foreach (var ordinal in unknown)
            _distances.Add(ordinal, new float[_targets.Count]);
        for (var i = 0; i < _targets.Count && unknown.Length > 0; i++)
        {
            var distances = _measure(i, unknown);
            for (var j = 0; j < unknown.Length; j++)
                _distances[unknown[j]][i] = distances[j];
        }
    }
}
