namespace SearchEngine.Training.Evaluation;

/// <summary>Rank correlation. Thread-safe.</summary>
internal static class RankCorrelation
{
    /// <summary>Spearman's correlation: Pearson's over ranks, ties getting the mean of their ranks.</summary>
    /// <returns>-1..1; NaN where one side is constant.</returns>
    /// <exception cref="ArgumentException">The lengths differ or are below 2, or a value is not a number, which has no rank.</exception>
    public static double Spearman(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count || first.Count < 2)
        {
            throw new ArgumentException(
                $"Two lists of one length of at least 2 are needed, not {first.Count} and {second.Count}.",
                nameof(second)
            );
        }
        if (first.Any(double.IsNaN) || second.Any(double.IsNaN))
        {
            throw new ArgumentException(
                "A value is not a number and has no rank.",
                first.Any(double.IsNaN) ? nameof(first) : nameof(second)
            );
        }
        var x = Ranks(first);
        var y = Ranks(second);
        // Ranks always have this mean, ties or not.
        var mean = (first.Count + 1) / 2.0;
        double covariance = 0,
            varianceX = 0,
            varianceY = 0;
        for (var i = 0; i < x.Length; i++)
        {
            covariance += (x[i] - mean) * (y[i] - mean);
            varianceX += (x[i] - mean) * (x[i] - mean);
            varianceY += (y[i] - mean) * (y[i] - mean);
        }

        return covariance / Math.Sqrt(varianceX * varianceY);
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[order.Length];
        for (var start = 0; start < order.Length; )
        {
            var end = start;
            while (end < order.Length && values[order[end]] == values[order[start]])
                end++;
            for (var i = start; i < end; i++)
                ranks[order[i]] = (start + 1 + end) / 2.0;
            start = end;
        }

        return ranks;
    }
}
