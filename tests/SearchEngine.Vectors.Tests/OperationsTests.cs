using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>Random operations against a dictionary, and many threads at once.</summary>
public class OperationsTests
{
    // Pivots are for vectors of 32 components and more.
    private const int Dimension = 32,
        WithoutPivots = int.MaxValue;

    [Theory]
    [InlineData(1, VectorQuantization.Int8, WithoutPivots)]
    [InlineData(2, VectorQuantization.Int4, WithoutPivots)]
    [InlineData(3, VectorQuantization.None, WithoutPivots)]
    [InlineData(4, VectorQuantization.Int8, 100)]
    [InlineData(5, VectorQuantization.None, 300)]
    public void RandomOperationsKeepTheGraphSound(int seed, VectorQuantization quantization, int pivotsFrom)
    {
        const int Slots = 600;
        var random = new Random(seed);
        var model = new Dictionary<int, float[]>();
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Metric = DistanceMetric.Euclidean,
            Quantization = quantization,
            M = 6,
            EfConstruction = 40,
            PivotsFrom = pivotsFrom,
        };
        VectorIndex index = new HnswIndex(options, null);
        var image = new MemoryImage();
        for (var step = 0; step < 6000; step++)
        {
            var ordinal = random.Next(Slots);
            switch (random.Next(100))
            {
                case < 60:
                    // A few vectors occur again and again.
                    var vector = random.Next(10) == 0 ? new float[Dimension] : TestData.Gaussian(random, Dimension);
                    Assert.Equal(!model.ContainsKey(ordinal), index.TryAdd(ordinal, vector));
                    model.TryAdd(ordinal, vector);
                    break;
                case < 95:
                    Assert.Equal(model.Remove(ordinal), index.Remove(ordinal));
                    break;
                case < 97:
                    index.Repair();
                    Assert.Equal(0, index.Statistics.Removed);
                    Assert.Empty(index.Verify());
                    break;
                default:
                    index.SaveChanges(image);
                    if (random.Next(3) == 0)
                    {
                        index.Dispose();
                        index = VectorIndex.Load(options, image, null);
                    }
                    break;
            }
            Assert.Equal(model.Count, index.Count);
        }
        index.Repair();
        Assert.True(index.Verify() is { Count: 0 }, $"seed {seed}: {string.Join(' ', index.Verify())}");
        foreach (var ordinal in Enumerable.Range(0, Slots))
            Assert.Equal(model.ContainsKey(ordinal), index.Contains(ordinal));
        // Everything that is in can be found by its own vector.
        var lost = 0;
        var hits = new VectorHit[1];
        foreach ((var ordinal, var vector) in model)
        {
            index.Search(vector, hits, new VectorQueryOptions { Ef = 100 });
            lost += hits[0].Distance > 1e-3f ? 1 : 0;
        }
        Assert.True(lost == 0, $"seed {seed}: {lost} of {model.Count} not found");
        index.Dispose();
    }

    [Theory]
    [InlineData(VectorQuantization.Int8, WithoutPivots)]
    [InlineData(VectorQuantization.Binary, WithoutPivots)]
    [InlineData(VectorQuantization.Int8, 1200)]
    [InlineData(VectorQuantization.None, 1200)]
    public async Task SearchesInsertsAndRemovalsRunTogether(VectorQuantization quantization, int pivotsFrom)
    {
        const int Count = 6000;
        var rows = TestData.Clustered(Count, Dimension, 30, seed: 31);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Metric = DistanceMetric.Euclidean,
                Quantization = quantization,
                EfConstruction = 60,
                PivotsFrom = pivotsFrom,
            },
            new ArrayReader(rows, Dimension)
        );
        index.AddRange(TestData.Ordinals(1000), rows.AsMemory(0, 1000 * Dimension), 1);
        var next = 999;
        var removed = new bool[Count];
        var image = new MemoryImage();
        Task Insert() =>
            Task.Run(() =>
            {
                int i;
                while ((i = Interlocked.Increment(ref next)) < Count)
                    index.Add(i, rows.AsSpan(i * Dimension, Dimension));
            });
        Task[] writers =
        [
            Insert(),
            Insert(),
            Task.Run(() =>
            {
                var random = new Random(32);
                var gone = 0;
                while (Volatile.Read(ref next) < Count)
                {
                    // Enough stay for the searches, however long those that insert are not let run.
                    if (gone > Volatile.Read(ref next) / 2)
                    {
                        Thread.Yield();
                        continue;
                    }

                    var victim = random.Next(Math.Min(Count, Volatile.Read(ref next)));
                    if (index.Remove(victim))
                    {
                        removed[victim] = true;
                        gone++;
                    }
                    if (random.Next(500) == 0)
                        index.Repair();
                    if (random.Next(500) == 0)
                        index.SaveChanges(image);
                }
            }),
        ];
        var search = Task.Run(() =>
        {
            var hits = new VectorHit[10];
            for (var q = 0; !Task.WhenAll(writers).IsCompleted; q = (q + 1) % 1000)
            {
                var n = index.Search(rows.AsSpan(q * Dimension, Dimension), hits, default);
                Assert.Equal(10, n);
                for (var i = 1; i < n; i++)
                    Assert.True(hits[i - 1].Distance <= hits[i].Distance);
            }
        });
        await Task.WhenAll([.. writers, search]);
        Assert.Equal(Count - removed.Count(x => x), index.Count);
        for (var i = 0; i < Count; i++)
            Assert.Equal(!removed[i], index.Contains(i));
        index.Repair();
        Assert.Empty(index.Verify());
        var recall = TestData.Recall(index, rows, rows[..(50 * Dimension)], 10, new VectorQueryOptions { Ef = 200 }, i => !removed[i]);
        Assert.True(recall >= (quantization == VectorQuantization.Binary ? 0.75 : 0.98), $"recall {recall}");
        // An image taken while all that went on opens, and a last save brings it up to date.
        index.SaveChanges(image);
        using var loaded = VectorIndex.Load(index.Options, image, new ArrayReader(rows, Dimension));
        Assert.Empty(loaded.Verify());
        Assert.Equal(index.Count, loaded.Count);
    }

    [Fact]
    public void SearchesAllocateNothingAfterWarmUp()
    {
        const int Count = 5000;
        var rows = TestData.Clustered(Count, Dimension, 30, seed: 33);
        foreach (
            (var quantization, var pivotsFrom) in Enum.GetValues<VectorQuantization>()
                .SelectMany(q => new[] { (q, WithoutPivots), (q, 1000) })
        )
        {
            using var index = new HnswIndex(
                new VectorIndexOptions
                {
                    Dimension = Dimension,
                    Quantization = quantization,
                    EfConstruction = 40,
                    PivotsFrom = pivotsFrom,
                },
                null
            );
            index.AddRange(TestData.Ordinals(Count), rows, 2);
            Assert.Equal(pivotsFrom != WithoutPivots && quantization != VectorQuantization.Binary, index.Pivots != null);
            var filter = new OrdinalSet(Count);
            for (var i = 0; i < Count; i += 2)
                filter.Add(i);
            var hits = new VectorHit[10];
            void Round()
            {
                for (var q = 0; q < 100; q++)
                {
                    index.Search(rows.AsSpan(q * Dimension, Dimension), hits, new VectorQueryOptions { Ef = 20 });
                    index.Search(rows.AsSpan(q * Dimension, Dimension), hits, new VectorQueryOptions { Ef = 20, Filter = filter });
                    index.Search(rows.AsSpan(q * Dimension, Dimension), hits, new VectorQueryOptions { Ef = 60000 });
                }
            }
            Round();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Round();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void AQuantizerIsFittedAgainWhenTheDistributionMoves()
    {
        const int Count = 3000,
            Wide = 128;
        var rows = TestData.Clustered(2 * Count, Wide, 20, seed: 34);
        // Everything lies around one far point, later around another.
        for (var i = 0; i < 2 * Count; i++)
        {
            for (var d = 0; d < Wide; d++)
                rows[i * Wide + d] += (i < Count) == (d % 2 == 0) ? 4f : 0;
        }
        var options = new VectorIndexOptions
        {
            Dimension = Wide,
            Metric = DistanceMetric.Euclidean,
            Quantization = VectorQuantization.Int4,
            EfConstruction = 60,
        };
        using var index = new HnswIndex(options, new ArrayReader(rows, Wide));
        var image = new MemoryImage();
        index.AddRange(TestData.Ordinals(Count), rows.AsMemory(0, Count * Wide), 1);
        index.SaveChanges(image);
        var before = image.Blobs[-1];
        Assert.InRange(index.Statistics.QuantizerDrift, 0.8, 1.2);
        index.AddRange([.. Enumerable.Range(Count, Count)], rows.AsMemory(Count * Wide), 1);
        index.SaveChanges(image);
        Assert.NotEqual(before[44..], image.Blobs[-1][44..]);
        Assert.InRange(index.Statistics.QuantizerDrift, 0.5, 1.5);
        var recall = TestData.Recall(index, rows, rows[(Count * Wide)..((Count + 40) * Wide)], 10, new VectorQueryOptions { Ef = 100 });
        Assert.True(recall >= 0.95, $"recall {recall}");
        using var loaded = VectorIndex.Load(options, image, new ArrayReader(rows, Wide));
        var again = TestData.Recall(loaded, rows, rows[(Count * Wide)..((Count + 40) * Wide)], 10, new VectorQueryOptions { Ef = 100 });
        Assert.Equal(recall, again, 0.001);
    }
}
