using System.Numerics.Tensors;

namespace SearchEngine.Workloads.Ann;

/// <summary>
/// Unit vectors in groups of uneven size and tightness: sizes by a power law, a width for each group between a third of the usual and one
/// and a half
/// times it, noise along directions of each group's own that fall off quickly (anisotropic), and one vector in seven between two groups.
/// </summary>
internal static class AnnUneven
{
    private const double SizeExponent = 0.8;
    private const double SpectrumExponent = 0.5;
    private const double Narrowest = 0.35;
    private const double Widest = 1.5;
    private const int BetweenEvery = 7;

    /// <summary>Base and queries of the same groups.</summary>
    public static (VectorSet Base, VectorSet Queries) Make(int count, int queries, int dimension, int groups, double spread, int seed)
    {
        var random = new Random(seed);
        var centres = new float[(long)groups * dimension];
        for (var i = 0; i < centres.Length; i++)
        {
            centres[i] = (float)(AnnData.Gaussian(random) / Math.Sqrt(dimension));
        }

        // The share of the groups up to each, the largest first.
        var shares = new double[groups];
        double sum = 0;
        for (var g = 0; g < groups; g++)
        {
            shares[g] = sum += Math.Pow(g + 1, -SizeExponent);
        }

        var spectrum = Spectrum(dimension, spread);
        var widths = new float[groups];
        var shifts = new int[groups];
        for (var g = 0; g < groups; g++)
        {
            widths[g] = (float)(Narrowest * Math.Pow(Widest / Narrowest, random.NextDouble()));
            shifts[g] = random.Next(dimension);
        }

        return (Draw(count), Draw(queries));

        VectorSet Draw(int n)
        {
            var values = new float[(long)n * dimension];
            for (var i = 0; i < n; i++)
            {
                var row = values.AsSpan(i * dimension, dimension);
                int group = Group(),
                    other = i % BetweenEvery == 0 ? Group() : group;
                var along = other == group ? 0f : (float)(0.2 + 0.6 * random.NextDouble());
                for (var d = 0; d < dimension; d++)
                {
                    var centre = centres[group * dimension + d] * (1 - along) + centres[other * dimension + d] * along;
                    row[d] = centre + widths[group] * spectrum[(d + shifts[group]) % dimension] * (float)AnnData.Gaussian(random);
                }

                TensorPrimitives.Multiply(row, 1 / TensorPrimitives.Norm(row), row);
            }

            return new VectorSet(values, dimension);
        }

        int Group()
        {
            var at = Array.BinarySearch(shares, random.NextDouble() * sum);
            return Math.Min(groups - 1, at < 0 ? ~at : at);
        }
    }

    private static float[] Spectrum(int dimension, double spread)
    {
        var noise = new float[dimension];
        double sum = 0;
        for (var d = 0; d < dimension; d++)
        {
            noise[d] = (float)Math.Pow(1 + d, -SpectrumExponent);
            sum += noise[d] * noise[d];
        }

        TensorPrimitives.Multiply(noise, (float)(spread / Math.Sqrt(sum)), noise);
        return noise;
    }
}
