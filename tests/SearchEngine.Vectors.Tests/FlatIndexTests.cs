using SearchEngine.Vectors.Flat;
using Xunit;

namespace SearchEngine.Vectors.Tests;

public class FlatIndexTests
{
    [Theory]
    [InlineData(DistanceMetric.Cosine)]
    [InlineData(DistanceMetric.DotProduct)]
    [InlineData(DistanceMetric.Euclidean)]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Hamming)]
    public void FindsTheExactNeighboursInEveryMetric(DistanceMetric metric)
    {
        foreach (var dimension in new[] { 2, 3, 17, 64, 100 })
        {
            var rows = TestData.Clustered(300, dimension, 8, seed: 1);
            if (metric == DistanceMetric.Hamming)
                rows = [.. rows.Select(x => MathF.Round(x))];
            using var index = new FlatIndex(new VectorIndexOptions { Dimension = dimension, Metric = metric });
            index.AddRange(TestData.Ordinals(300), rows, 1);
            var query = rows[..dimension];
            if (query.All(x => x == 0))
                continue;
            var hits = new VectorHit[10];
            Assert.Equal(10, index.Search(query, hits, default));
            double[] expected =
            [
                .. TestData
                    .Nearest(metric, rows, dimension, query, 10)
                    .Select(i => TestData.Distance(metric, query, rows.AsSpan(i * dimension, dimension))),
            ];
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal(expected[i], hits[i].Distance, 1e-3);
                Assert.Equal(TestData.Distance(metric, query, rows.AsSpan(hits[i].Ordinal * dimension, dimension)), hits[i].Distance, 1e-3);
            }
        }
    }

    [Fact]
    public void FiltersRemovesAndReopens()
    {
        const int dimension = 24;
        var rows = TestData.Clustered(500, dimension, 5, seed: 2);
        var options = new VectorIndexOptions { Dimension = dimension, Metric = DistanceMetric.Euclidean };
        using var index = new FlatIndex(options);
        index.AddRange(TestData.Ordinals(500), rows, 1);
        var filter = new OrdinalSet(500);
        for (var i = 0; i < 500; i += 3)
            filter.Add(i);
        for (var i = 0; i < 500; i += 6)
            Assert.True(index.Remove(i));
        Assert.False(index.Remove(0));
        Assert.False(index.Contains(6));
        var hits = new VectorHit[20];
        ReadOnlySpan<float> query = rows.AsSpan(0, dimension);
        var n = index.Search(query, hits, new VectorQueryOptions { Filter = filter });
        var expected = TestData.Nearest(options.Metric, rows, dimension, query, 20, i => i % 3 == 0 && i % 6 != 0);
        Assert.Equal(expected, hits.Take(n).Select(h => h.Ordinal));

        var image = new MemoryImage();
        index.SaveChanges(image);
        using var loaded = VectorIndex.Load(options, image, null);
        Assert.Equal(index.Count, loaded.Count);
        var again = new VectorHit[20];
        Assert.Equal(n, loaded.Search(query, again, new VectorQueryOptions { Filter = filter }));
        Assert.Equal(hits, again);
        var writes = image.Writes;
        index.Add(0, rows.AsSpan(0, dimension));
        index.SaveChanges(image);
        Assert.Equal(writes + 2, image.Writes);
    }

    [Fact]
    public void AParallelScanFindsWhatASingleOneDoes()
    {
        const int dimension = 512,
            count = 20_000;
        var rows = TestData.Clustered(count, dimension, 50, seed: 3);
        using var index = new FlatIndex(new VectorIndexOptions { Dimension = dimension, Metric = DistanceMetric.Euclidean });
        index.AddRange(TestData.Ordinals(count), rows, 1);
        var hits = new VectorHit[10];
        index.Search(rows.AsSpan(77 * dimension, dimension), hits, default);
        Assert.Equal(
            TestData.Nearest(DistanceMetric.Euclidean, rows, dimension, rows.AsSpan(77 * dimension, dimension), 10),
            hits.Select(h => h.Ordinal)
        );
    }

    [Fact]
    public void AfterDisposalEveryCallSaysSo()
    {
        var index = new FlatIndex(new VectorIndexOptions { Dimension = 2 });
        index.Add(1, [1, 0]);
        index.Dispose();

        Assert.Throws<ObjectDisposedException>(() => index.Search([1, 0], new VectorHit[1], default));
        Assert.Throws<ObjectDisposedException>(() => index.Add(2, [0, 1]));
    }
}
