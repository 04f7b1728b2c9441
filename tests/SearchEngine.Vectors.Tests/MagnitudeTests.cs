using SearchEngine.Vectors.Flat;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>
/// Every metric and codec on vectors whose squares and products leave the range of floats, beside a reference in 64 bits.
/// </summary>
public class MagnitudeTests
{
    private const int Dimension = 8;
    private const int Queries = 6;

    private static readonly double[] Scales = [1e-44, 1e-38, 1e-30, 1e-22, 1e-12, 1e-6, 1, 1e5, 1e12, 1e19, 1e25, 1e38];

    // The graph is walked, not scanned, from here on: 10 results of the default rules of M = 4.
    private const int Walked = 1500;

    public static TheoryData<DistanceMetric, VectorQuantization?> Kinds()
    {
        var kinds = new TheoryData<DistanceMetric, VectorQuantization?>();
        foreach (var metric in Enum.GetValues<DistanceMetric>())
        {
            kinds.Add(metric, null);
            foreach (var quantization in Enum.GetValues<VectorQuantization>())
            {
                if (metric is not (DistanceMetric.Manhattan or DistanceMetric.Hamming))
                {
                    kinds.Add(metric, quantization);
                }
            }
        }

        return kinds;
    }

    [Theory]
    [InlineData(1e-30f)]
    [InlineData(1e-22f)]
    [InlineData(1f)]
    [InlineData(1e20f)]
    public void TheCosineOfADiagonalIsTheSameAtEverySize(float size)
    {
        float[] rows = [size, size, 0];
        foreach (var quantization in Enum.GetValues<VectorQuantization>())
        {
            foreach (var reader in new[] { null, new ArrayReader(rows, 3) })
            {
                using var index = new HnswIndex(new VectorIndexOptions { Dimension = 3, Quantization = quantization }, reader);
                index.Add(0, rows);
                var hits = new VectorHit[1];
                Assert.Equal(1, index.Search([1, 0, 0], hits, default));
                Assert.Equal(1 - Math.Sqrt(0.5), hits[0].Distance, 1e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void DistancesAreThoseOfTheReferenceAtEverySize(DistanceMetric metric, VectorQuantization? quantization)
    {
        var random = new Random(17);
        foreach (var rowScale in Scales)
        {
            var rows = Scaled(random, 60, () => rowScale);
            Check(metric, quantization, rows, random, Scales);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void VectorsOfAllSizesLieInOneIndex(DistanceMetric metric, VectorQuantization? quantization)
    {
        var random = new Random(18);
        var rows = Scaled(random, 400, () => Scales[random.Next(Scales.Length)]);
        Check(metric, quantization, rows, random, Scales);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AWalkFindsNeighboursAtEverySize(DistanceMetric metric, VectorQuantization? quantization)
    {
        var random = new Random(19);
        foreach (var scale in new[] { 1e-38, 1e-22, 1e-6, 1e5, 1e19, 1e38 })
        {
            var rows = Scaled(random, Walked, () => scale);
            Check(metric, quantization, rows, random, [scale]);
        }
    }

    [Fact]
    public void ALoadedIndexKnowsThatItsCodesDoNotHold()
    {
        var random = new Random(20);
        var rows = Scaled(random, 50, () => 1e25);
        var options = Options(DistanceMetric.Euclidean, VectorQuantization.Int8);
        using var index = new HnswIndex(options, new ArrayReader(rows, Dimension));
        index.AddRange(TestData.Ordinals(50), rows, 1);
        var image = new MemoryImage();
        index.SaveChanges(image);
        using var loaded = VectorIndex.Load(options, image, new ArrayReader(rows, Dimension));
        Compare(loaded, rows, rows.AsSpan(0, Dimension), exact: true, "loaded");
    }

    private static void Check(DistanceMetric metric, VectorQuantization? quantization, float[] rows, Random random, double[] queryScales)
    {
        var count = rows.Length / Dimension;
        foreach (var reader in new[] { null, new ArrayReader(rows, Dimension) })
        {
            using VectorIndex index = quantization is { } codec
                ? new HnswIndex(Options(metric, codec), reader)
                : new FlatIndex(Options(metric, VectorQuantization.None));
            index.AddRange(TestData.Ordinals(count), rows, 1);
            Assert.Empty(index.Verify());
            foreach (var scale in queryScales)
            {
                for (var q = 0; q < Queries; q++)
                {
                    var query = Scaled(random, 1, () => scale);
                    // A beam of estimates may miss some; one bit of eight components says hardly anything.
                    var exact = count < Walked && quantization is not (VectorQuantization.Binary or VectorQuantization.Int4);
                    Compare(index, rows, query, exact, $"{metric} {quantization} query {scale}, own {reader is null}");
                }
            }
        }
    }

    private static void Compare(VectorIndex index, float[] rows, ReadOnlySpan<float> query, bool exact, string what)
    {
        var hits = new VectorHit[5];
        Assert.Equal(hits.Length, index.Search(query, hits, new VectorQueryOptions { Ef = 10 }));
        var metric = index.Metric;
        var q = query.ToArray();
        var truth = Enumerable
            .Range(0, rows.Length / Dimension)
            .Select(i => Reference(metric, q, rows.AsSpan(i * Dimension, Dimension)))
            .Order()
            .Take(hits.Length)
            .ToArray();
        for (var i = 0; i < hits.Length; i++)
        {
            var row = rows.AsSpan(hits[i].Ordinal * Dimension, Dimension);
            var distance = Reference(metric, q, row);
            Assert.True(float.IsFinite(hits[i].Distance), $"{what}: {hits[i].Distance}");
            AssertNear(distance, hits[i].Distance, Tolerance(metric, q, row), what);
            if (exact)
            {
                AssertNear(truth[i], hits[i].Distance, Tolerance(metric, q, row), what + ", rank");
            }
        }
    }

    // What the rounding of 32-bit floats may do, eight times the least subnormal float below.
    private static double Tolerance(DistanceMetric metric, float[] a, ReadOnlySpan<float> b)
    {
        double a2 = 0,
            b2 = 0;
        for (var i = 0; i < a.Length; i++)
        {
            a2 += (double)a[i] * a[i];
            b2 += (double)b[i] * b[i];
        }

        var size = metric switch
        {
            DistanceMetric.Cosine => 1,
            DistanceMetric.DotProduct => Math.Sqrt(a2) * Math.Sqrt(b2),
            _ => Math.Sqrt(a2) + Math.Sqrt(b2),
        };
        return 2e-6 * size + 1.2e-44;
    }

    private static void AssertNear(double expected, double actual, double tolerance, string what) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"{what}: {actual} where {expected} is right, within {tolerance}");

    private static double Reference(DistanceMetric metric, float[] a, ReadOnlySpan<float> b) =>
        Math.Clamp(TestData.Distance(metric, a, b), -float.MaxValue, float.MaxValue);

    private static float[] Scaled(Random random, int count, Func<double> scale)
    {
        var rows = new float[count * Dimension];
        for (var i = 0; i < count; i++)
        {
            var size = scale();
            do
            {
                for (var d = 0; d < Dimension; d++)
                {
                    rows[i * Dimension + d] = (float)(size * (2 * random.NextDouble() - 1));
                }
            } while (rows.AsSpan(i * Dimension, Dimension).IndexOfAnyExcept(0f) < 0);
        }

        return rows;
    }

    private static VectorIndexOptions Options(DistanceMetric metric, VectorQuantization quantization) =>
        new()
        {
            Dimension = Dimension,
            Metric = metric,
            Quantization = quantization,
            M = 4,
            EfConstruction = 20,
        };
}
