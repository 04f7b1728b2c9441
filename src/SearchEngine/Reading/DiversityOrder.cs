namespace SearchEngine.Reading;

/// <summary>Chooses candidates by maximal marginal relevance; <see cref="DiversityOptions"/> has the formula.</summary>
internal static class DiversityOrder
{
    /// <summary>The order: places in the ranking before, each with what it was chosen by.</summary>
    /// <param name="scores">The candidates' scores, in the order before.</param>
    /// <param name="least">The least score that the ranking can give; null where there is none, then the least there is.</param>
    /// <param name="weight">The share of difference, 0 to 1.</param>
    /// <param name="likeness">How alike two candidates are, by their places.</param>
    public static IEnumerable<DiversityExplanation> Choose(
        IReadOnlyList<double> scores,
        double? least,
        double weight,
        Func<int, int, double> likeness
    )
    {
        if (scores.Count == 0)
            yield break;
        var lowest = least ?? scores.Min();
        var range = scores.Max() - lowest;
        var relevance = scores.Select(score => range > 0 ? (score - lowest) / range : 1).ToArray();
        var nearest = new double[scores.Count];
        var left = Enumerable.Range(0, scores.Count).ToList();
        while (left.Count > 0)
        {
            double Value(int i) => (1 - weight) * relevance[i] - weight * nearest[i];
            // Of equals the one that stood before. Before anything is chosen, nothing is like anything: the most relevant comes first,
            // whatever the weight.
            var chosen = left.Count == scores.Count ? left.MaxBy(i => relevance[i]) : left.MaxBy(Value);
            left.Remove(chosen);
            yield return new DiversityExplanation(chosen + 1, relevance[chosen], nearest[chosen], Value(chosen));
            foreach (var i in left)
                nearest[i] = Math.Max(nearest[i], likeness(i, chosen));
        }
    }
}
