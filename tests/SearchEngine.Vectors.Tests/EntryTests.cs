using SearchEngine.TestSupport;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>
/// The entry stands on the highest layer of any live node, whatever inserts, removals and repairs run beside each other. With two links a
/// node half of all nodes are on an upper layer, so that the entry dies and is surpassed all the time.
/// </summary>
public class EntryTests
{
    private const int Dimension = 8;
    private const int Ordinals = 96;

    [Fact]
    public async Task NoLiveNodeIsAboveTheEntryWhenTheEntryDiesBesideAnInsert()
    {
        const int Attempts = 4000;
        var rows = TestData.Gaussian(new Random(TestSeed.Fresh()), Ordinals * Dimension);
        using var index = Create(rows);
        var layerOf = new int[Ordinals];
        for (var ordinal = 0; ordinal < Ordinals; ordinal++)
        {
            using var alone = Create(rows);
            Add(alone, rows, ordinal);
            layerOf[ordinal] = alone.Statistics.Layers;
            Add(index, rows, ordinal);
        }
        var highest = Enumerable.Range(0, Ordinals).OrderByDescending(ordinal => layerOf[ordinal]).ToArray();
        int first = highest[0],
            second = highest[1];
        Assert.True(layerOf[second] > layerOf[highest[2]], "the second is not above the rest");
        // Each attempt: the entry is removed and repaired away while the second highest is inserted, and both are put back after.
        index.Remove(second);
        index.Repair();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using var start = new Barrier(2);
            var insert = Task.Run(() =>
            {
                start.SignalAndWait();
                Thread.SpinWait(attempt % 64);
                Add(index, rows, second);
            });
            index.Remove(first);
            start.SignalAndWait();
            index.Repair();
            await insert;
            Assert.Empty(index.Verify());
            Assert.Equal(layerOf[second], index.Statistics.Layers);
            Add(index, rows, first);
            index.Remove(second);
            index.Repair();
        }
    }

    [Fact]
    public void ARepairThatWasCancelledLeavesASoundGraph()
    {
        var rows = TestData.Gaussian(new Random(7), Ordinals * Dimension);
        using var index = Create(rows);
        for (var ordinal = 0; ordinal < Ordinals; ordinal++)
            Add(index, rows, ordinal);
        var layers = index.Statistics.Layers;
        // One after the other the highest nodes are removed, and the repair gives up when the entry is another one already.
        for (var ordinal = 0; ordinal < Ordinals && index.Statistics.Layers == layers; ordinal++)
        {
            index.Remove(ordinal);
            Assert.Throws<OperationCanceledException>(() => index.Repair(new CancellationToken(canceled: true)));
            Assert.Empty(index.Verify());
        }
        Assert.True(index.Statistics.Layers < layers, "the entry was never lost");
        // Removed nodes above the entry come back in their own place, and are the entry then.
        for (var ordinal = 0; ordinal < Ordinals; ordinal++)
            index.TryAdd(ordinal, rows.AsSpan(ordinal * Dimension, Dimension));
        Assert.Empty(index.Verify());
        Assert.Equal(layers, index.Statistics.Layers);
        index.Repair();
        Assert.Empty(index.Verify());
    }

    [Fact]
    public void ARepairCancelledOnItsWayLeavesEveryLiveNodeReachable()
    {
        const int Count = 12_000;
        const int Attempts = 30;
        const int Cancelled = 10;
        var seed = TestSeed.Fresh();
        var random = new Random(seed);
        var rows = TestData.Gaussian(random, Count * Dimension);
        using var index = Create(rows);
        index.AddRange(TestData.Ordinals(Count), rows, 0);
        // How long a repair takes is the machine's: the moment comes earlier after each repair that ended before it, down to the start.
        var latest = 1 << 16;
        for (int attempt = 0, cancelled = 0; attempt < Attempts || cancelled < Cancelled; attempt++)
        {
            for (var i = 0; i < Count / 40; i++)
                index.Remove(random.Next(Count));
            using var source = new CancellationTokenSource();
            var turns = random.Next(latest);
            // A thread of its own: one of the pool may wait for other tests.
            var canceller = new Thread(() =>
            {
                Thread.SpinWait(turns);
                source.Cancel();
            });
            canceller.Start();
            if (latest == 1)
                canceller.Join();
            try
            {
                index.Repair(source.Token);
                latest = Math.Max(1, latest / 2);
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                latest = Math.Min(1 << 20, latest * 2);
            }
            canceller.Join();
            Assert.Empty(index.Verify());
            // A graph of few live nodes would be little to heal.
            for (var ordinal = 0; ordinal < Count && index.Count < Count / 2; ordinal++)
                index.TryAdd(ordinal, rows.AsSpan(ordinal * Dimension, Dimension));
        }
    }

    [Fact]
    public async Task NodesRemovedBesideARepairAreSoundWhenTheyComeBack()
    {
        const int Attempts = 4000;
        const int Few = 24;
        var rows = TestData.Gaussian(new Random(TestSeed.Fresh()), Ordinals * Dimension);
        using var index = Create(rows);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            for (var ordinal = 0; ordinal < Few; ordinal++)
                index.TryAdd(ordinal, rows.AsSpan(ordinal * Dimension, Dimension));
            Assert.Empty(index.Verify());
            Assert.Equal(Few, index.Count);
            var order = Enumerable.Range(0, Few).ToArray();
            new Random(attempt).Shuffle(order);
            using var start = new Barrier(2);
            var repair = Task.Run(() =>
            {
                start.SignalAndWait();
                index.Repair();
            });
            for (var i = 0; i < Few; i++)
            {
                if (i == Few / 2)
                    start.SignalAndWait();
                index.Remove(order[i]);
            }
            await repair;
            Assert.Empty(index.Verify());
        }
    }

    [Fact]
    public async Task AnyMixtureOfWritesAndRepairsLeavesASoundGraph()
    {
        const int Rounds = 1000;
        const int Operations = 40;
        const int Writers = 3;
        var seed = TestSeed.Fresh();
        var rows = TestData.Gaussian(new Random(seed), Ordinals * Dimension);
        using var index = Create(rows);
        for (var round = 0; round < Rounds; round++)
        {
            var own = seed + round * (Writers + 1);
            var few = 4 + round % (Ordinals - 4);
            var writers = Enumerable
                .Range(own, Writers)
                .Select(with => Task.Run(() => Write(index, rows, few, Operations, new Random(with))));
            var repair = Task.Run(() =>
            {
                var random = new Random(own + Writers);
                for (var i = 0; i < Operations / 4; i++)
                {
                    try
                    {
                        index.Repair(new CancellationToken(random.Next(3) == 0));
                    }
                    catch (OperationCanceledException) { }
                }
            });
            await Task.WhenAll([.. writers, repair]);
            Assert.Empty(index.Verify());
        }
    }

    private static void Write(HnswIndex index, float[] rows, int few, int operations, Random random)
    {
        for (var i = 0; i < operations; i++)
        {
            var ordinal = random.Next(few);
            if (random.Next(2) == 0)
                index.Remove(ordinal);
            else
                index.TryAdd(ordinal, rows.AsSpan(ordinal * Dimension, Dimension));
        }
    }

    private static void Add(HnswIndex index, float[] rows, int ordinal) => index.Add(ordinal, rows.AsSpan(ordinal * Dimension, Dimension));

    private static HnswIndex Create(float[] rows) =>
        new(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Metric = DistanceMetric.Euclidean,
                Quantization = VectorQuantization.None,
                M = 2,
                EfConstruction = 8,
                BuildThreads = 1,
            },
            new ArrayReader(rows, Dimension)
        );
}
