using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>Vectors that are alike, or so near each other that their codes are.</summary>
public class DuplicateTests
{
    [Theory]
    [InlineData(VectorQuantization.Int8)]
    [InlineData(VectorQuantization.Int4)]
    [InlineData(VectorQuantization.None)]
    public async Task NearlyAlikeVectorsStayReachableUnderConcurrentChanges(VectorQuantization quantization)
    {
        const int Threads = 8,
            PerThread = 250;
        var options = new VectorIndexOptions
        {
            Dimension = 3,
            Quantization = quantization,
            M = 8,
            EfConstruction = 60,
        };
        using var index = new HnswIndex(options, null);
        var next = -1;
        await Task.WhenAll(
            Enumerable
                .Range(0, Threads)
                .Select(t =>
                    Task.Run(() =>
                    {
                        var random = new Random(50 + t);
                        var mine = new List<int>();
                        for (var i = 0; i < PerThread; i++)
                        {
                            var ordinal = Interlocked.Increment(ref next);
                            index.Add(ordinal, [1, 2, 2 + ordinal]);
                            mine.Add(ordinal);
                            if (random.Next(3) > 0)
                                continue;
                            // An upsert: the new ordinal goes in before the old one goes out; sometimes a plain removal.
                            var victim = mine[random.Next(mine.Count)];
                            if (random.Next(2) == 0)
                            {
                                var fresh = Interlocked.Increment(ref next);
                                index.Add(fresh, [1, 2, 2 + victim]);
                                mine.Add(fresh);
                            }
                            Assert.True(index.Remove(victim));
                            mine.Remove(victim);
                            if (t == 0 && random.Next(20) == 0)
                                index.Repair();
                        }
                    })
                )
        );
        Assert.Empty(index.Verify());
        index.Repair();
        Assert.Empty(index.Verify());
        var image = new MemoryImage();
        index.SaveChanges(image);
        using var loaded = VectorIndex.Load(options, image, null);
        Assert.Empty(loaded.Verify());
    }

    [Theory]
    [InlineData(VectorQuantization.Int8)]
    [InlineData(VectorQuantization.Int4)]
    public void AClumpOfEqualVectorsDoesNotSwallowSearches(VectorQuantization quantization)
    {
        // 1,500 copies of one vector between 1,500 different ones, as the same boilerplate text in many documents gives.
        const int Different = 1500,
            Copies = 1500,
            Dimension = 32,
            Clusters = 15;
        var rows = TestData.Clustered(Different, Dimension, Clusters, seed: 51);
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Metric = DistanceMetric.Euclidean,
            Quantization = quantization,
            M = 8,
            EfConstruction = 60,
        };
        using var plain = new HnswIndex(options, null);
        using var index = new HnswIndex(options, null);
        for (var i = 0; i < Different; i++)
        {
            plain.Add(2 * i, rows.AsSpan(i * Dimension, Dimension));
            index.Add(2 * i, rows.AsSpan(i * Dimension, Dimension));
            index.Add(2 * i + 1, rows.AsSpan(0, Dimension));
        }
        Assert.Empty(index.Verify());
        int alone = Found(plain),
            among = Found(index);
        // A little is lost: copies take places in beams.
        Assert.True(among >= 0.95 * alone, $"{alone} found without the copies, {among} with them");
        var copies = new VectorHit[20];
        Assert.Equal(20, index.Search(rows.AsSpan(0, Dimension), copies, new VectorQueryOptions { Ef = 24 }));
        Assert.All(copies, hit => Assert.Equal(0, hit.Distance, 1e-3));
        for (var i = 0; i < Copies; i += 2)
            Assert.True(index.Remove(2 * i + 1));
        index.Repair();
        Assert.Empty(index.Verify());

        int Found(HnswIndex searched)
        {
            // A beam this narrow makes the graph the cheaper way, so that nothing is scanned.
            var hits = new VectorHit[1];
            var found = 0;
            // Not from the copies' own cluster: there they are the nearest.
            for (var i = 1; i < 200; i += i % Clusters == Clusters - 1 ? 2 : 1)
            {
                searched.Search(rows.AsSpan(i * Dimension, Dimension), hits, new VectorQueryOptions { Ef = 24 });
                found += hits[0].Ordinal == 2 * i ? 1 : 0;
            }
            return found;
        }
    }

    [Fact]
    public void APlaceThatWasEmptiedTakesNewVectorsBeforeTheRepair()
    {
        // All of one region is removed; what comes there meets only removed nodes.
        const int Count = 2000,
            Dimension = 16;
        var rows = TestData.Clustered(Count, Dimension, 2, seed: 52);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Metric = DistanceMetric.Euclidean,
                M = 8,
                EfConstruction = 40,
            },
            null
        );
        index.AddRange(TestData.Ordinals(Count), rows, 1);
        for (var i = 0; i < Count; i += 2)
            Assert.True(index.Remove(i));
        for (var i = 0; i < Count; i += 20)
            index.Add(Count + i, rows.AsSpan(i * Dimension, Dimension));
        Assert.Empty(index.Verify());
        index.Repair();
        Assert.Empty(index.Verify());
        // And all of it at once: the index is empty and fills again.
        for (var i = 0; i < 2 * Count; i++)
            index.Remove(i);
        Assert.Equal(0, index.Count);
        index.Add(3 * Count, rows.AsSpan(0, Dimension));
        Assert.Empty(index.Verify());
        index.Repair();
        index.Add(3 * Count + 1, rows.AsSpan(Dimension, Dimension));
        Assert.Empty(index.Verify());
        Assert.Equal(2, index.Count);
    }
}
