using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>
/// Points on a cubic lattice: the neighbours of any position are known without searching. Recall and hops are baselines: the build is
/// deterministic, so they may change only with the algorithm, and then for the better.
/// </summary>
public class LatticeTests
{
    private const int Side = 14;

    // Baselines of a build with one thread, M = 8, efConstruction = 64, seed 42; the search goes one node ahead, which is 17 of the hops.
    private const int BaselineHops = 1633;

    [Fact]
    public void FindsTheCornersOfTheCellAroundAnyPosition()
    {
        using var index = Build(1);
        (var recall, var hops) = Measure(index);
        Assert.Equal(1.0, recall);
        Assert.InRange(hops, BaselineHops * 8 / 10, BaselineHops);
    }

    [Fact]
    public void RecallDoesNotDependOnTheNumberOfThreads()
    {
        using var index = Build(4);
        (var recall, var hops) = Measure(index);
        Assert.InRange(recall, 0.995, 1.0);
        Assert.InRange(hops, BaselineHops * 8 / 10, BaselineHops * 12 / 10);
    }

    private static HnswIndex Build(int threads)
    {
        var rows = new float[Side * Side * Side * 3];
        for (var i = 0; i < rows.Length / 3; i++)
            (rows[3 * i], rows[3 * i + 1], rows[3 * i + 2]) = (i % Side, i / Side % Side, i / (Side * Side));
        var ordinals = TestData.Ordinals(rows.Length / 3);
        // In an order that has nothing to do with position, as data comes.
        new Random(1).Shuffle(ordinals);
        var shuffled = new float[rows.Length];
        for (var i = 0; i < ordinals.Length; i++)
            rows.AsSpan(3 * ordinals[i], 3).CopyTo(shuffled.AsSpan(3 * i));
        var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = 3,
                Metric = DistanceMetric.Euclidean,
                Quantization = VectorQuantization.None,
                M = 8,
                EfConstruction = 64,
            },
            null
        );
        index.AddRange(ordinals, shuffled, threads);
        Assert.Empty(index.Verify());
        return index;
    }

    // The eight corners of the cell around a position are its eight nearest points when the position is near the middle of the cell.
    private static (double Recall, int Hops) Measure(HnswIndex index)
    {
        var random = new Random(2);
        var hits = new VectorHit[8];
        int found = 0,
            hops = 0;
        const int Queries = 100;
        for (var q = 0; q < Queries; q++)
        {
            int x = random.Next(Side - 1),
                y = random.Next(Side - 1),
                z = random.Next(Side - 1);
            float[] query =
            [
                x + 0.5f + 0.1f * random.NextSingle(),
                y + 0.5f + 0.1f * random.NextSingle(),
                z + 0.5f + 0.1f * random.NextSingle(),
            ];
            var n = index.Search(query, hits, new VectorQueryOptions { Ef = 16 });
            hops += index.MeasureHops(query, 16);
            for (var i = 0; i < n; i++)
            {
                var o = hits[i].Ordinal;
                int dx = o % Side - x,
                    dy = o / Side % Side - y,
                    dz = o / (Side * Side) - z;
                found += dx is 0 or 1 && dy is 0 or 1 && dz is 0 or 1 ? 1 : 0;
            }
        }
        return (found / (8.0 * Queries), hops);
    }
}
