namespace SearchEngine.Training.Evaluation;

/// <summary>What a comparison of two systems over the same queries says.</summary>
/// <param name="Difference">Mean of the second less the first.</param>
/// <param name="Low">Lower end of the 95 % interval of the difference.</param>
/// <param name="High">Its upper end.</param>
/// <param name="PValue">Two-sided: how often chance alone gives a difference as large.</param>
public sealed record PairedComparison(double Difference, double Low, double High, double PValue);

/// <summary>
/// The paired bootstrap over queries (Efron and Tibshirani 1993; Sakai 2006 for retrieval): queries are drawn with replacement, the
/// interval comes from the
/// differences of their means, the p-value from the differences shifted to mean zero. A function of its arguments. Thread-safe.
/// </summary>
public static class PairedBootstrap
{
    /// <summary>Enough for the second decimal of a p-value at .05.</summary>
    public const int DefaultSamples = 10_000;

    private const int Stream = 21;

    /// <summary>Compares two systems.</summary>
    /// <param name="first">A measure of each query for the first system.</param>
    /// <param name="second">The same queries, in the same order, for the second.</param>
    /// <param name="samples">Bootstrap samples.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <exception cref="ArgumentException">The lists are of different lengths or shorter than two.</exception>
    public static PairedComparison Compare(
        IReadOnlyList<double> first,
        IReadOnlyList<double> second,
        int samples = DefaultSamples,
        long seed = 1
    )
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 100);
        if (first.Count != second.Count || first.Count < 2)
        {
            throw new ArgumentException(
                $"Two lists of one length of at least 2 are needed, not {first.Count} and {second.Count}.",
                nameof(second)
            );
        }
        var differences = first.Zip(second, (a, b) => b - a).ToArray();
        var mean = differences.Average();
        var means = new double[samples];
        var extreme = 0;
        for (var s = 0; s < samples; s++)
        {
            var random = DeterministicRandom.For(seed, Stream, s);
            var sum = 0.0;
            for (var i = 0; i < differences.Length; i++)
                sum += differences[random.Next(differences.Length)];
            means[s] = sum / differences.Length;
            if (Math.Abs(means[s] - mean) >= Math.Abs(mean))
                extreme++;
        }

        Array.Sort(means);
        return new PairedComparison(
            mean,
            means[(int)(0.025 * (samples - 1))],
            means[(int)(0.975 * (samples - 1))],
            (extreme + 1.0) / (samples + 1.0)
        );
    }
}
