using System.Text;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>What the store takes on disk, what recovery reads, and what long use wears out.</summary>
public sealed class RecordSpaceTests
{
    private static byte[] Key(int i) => Encoding.UTF8.GetBytes($"key {i}");

    private static byte[] Value(int i, int version)
    {
        var value = new byte[500 + i % 300];
        new Random(i * 7919 + version).NextBytes(value);
        return value;
    }

    private static bool Has(RecordStore store, int i, byte[]? expected)
    {
        var same = false;
        var state = (expected, same);
        var found = store.TryRead(
            1,
            Key(i),
            ref state,
            static (ref (byte[]? Expected, bool Same) s, ReadOnlySpan<byte> value) => s.Same = value.SequenceEqual(s.Expected)
        );
        return found ? state.same : expected is null;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disk_use_with_the_files_of_two_checkpoints_stays_under_2_5_times_the_live_data(bool randomOrder)
    {
        using var directory = new TemporaryDirectory();
        const int Count = 24_000;
        var random = new Random(TestSeed.Get(17));
        long live = 0;
        for (var i = 0; i < Count; i++)
            live += 500 + i % 300;
        var versions = new int[Count];
        using var store = RecordStore.Create(directory.FullPath, new RecordStoreOptions { MemoryBytes = 4 << 20 });
        double worst = 0;
        for (var write = 0; write < 5 * Count; write++)
        {
            var i = randomOrder && write >= Count ? random.Next(Count) : write % Count;
            store.Upsert(1, Key(i), Value(i, ++versions[i]));
            if (write % 2000 != 1999)
                continue;
            if (store.Statistics.CompactionAdvised)
                store.Reclaim();
            var checkpoint = await store.CheckpointAsync();
            if (write >= Count)
                worst = Math.Max(worst, store.Statistics.DiskBytes / (double)live);
            store.RemoveCheckpointsExcept(checkpoint);
        }

        for (var i = 0; i < Count; i++)
            Assert.True(Has(store, i, Value(i, versions[i])), $"key {i}");
        Assert.True(worst < 2.5, $"{worst:F2} times the live data");
    }

    [Fact]
    public async Task The_space_of_deleted_records_comes_back()
    {
        using var directory = new TemporaryDirectory();
        const int Count = 20_000;
        const int Kept = 1_000;
        using var store = RecordStore.Create(directory.FullPath, new RecordStoreOptions { MemoryBytes = 4 << 20 });
        for (var i = 0; i < Count; i++)
            store.Upsert(1, Key(i), Value(i, 0));
        for (var i = Kept; i < Count; i++)
            store.Delete(1, Key(i));
        for (var round = 0; round < 5 && store.Statistics.CompactionAdvised; round++)
            store.Reclaim();
        store.RemoveCheckpointsExcept(await store.CheckpointAsync());
        Assert.False(store.Statistics.CompactionAdvised);
        Assert.True(store.Statistics.DiskBytes < 6 << 20, $"{store.Statistics.DiskBytes} bytes");
        for (var i = 0; i < Count; i++)
            Assert.True(Has(store, i, i < Kept ? Value(i, 0) : null), $"key {i}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_short_log_needs_no_index_image_and_a_long_one_gets_it(int compactions)
    {
        using var directory = new TemporaryDirectory();
        var options = new RecordStoreOptions { MemoryBytes = 4 << 20, IndexImageBytes = 4 << 20 };
        const int Count = 3_000;
        RecordCheckpoint early;
        using (var store = RecordStore.Create(directory.FullPath, options))
        {
            for (var i = 0; i < Count; i++)
                store.Upsert(1, Key(i), Value(i, 0));
            for (var i = 0; i < compactions; i++)
                store.Compact();
            early = await store.CheckpointAsync();
            Assert.Equal(Guid.Empty, early.IndexToken);
            Assert.Empty(Directory.GetFiles(directory.FullPath, "index-*"));
        }

        RecordCheckpoint late;
        using (var store = RecordStore.Recover(directory.FullPath, options, early))
        {
            for (var i = 0; i < Count; i++)
                Assert.True(Has(store, i, Value(i, 0)), $"key {i}");
            for (var i = 0; i < 3 * Count; i++)
                store.Upsert(1, Key(i), Value(i, 1));
            late = await store.CheckpointAsync();
            store.RemoveCheckpointsExcept(late);
            Assert.NotEqual(Guid.Empty, late.IndexToken);
            Assert.NotEmpty(Directory.GetFiles(directory.FullPath, "index-*"));
        }

        // How long the log after the image is survives reopening, so that it cannot grow over many short runs.
        for (var run = 0; run < 4; run++)
        {
            using var store = RecordStore.Recover(directory.FullPath, options, late);
            for (var i = 0; i < 3 * Count; i++)
                Assert.True(Has(store, i, Value(i, 1)), $"key {i}");
            for (var i = 0; i < Count; i++)
                store.Upsert(1, Key(i), Value(i, 1));
            var next = await store.CheckpointAsync();
            store.RemoveCheckpointsExcept(next);
            Assert.True(next.TailAddress - next.IndexTailAddress < 7 << 20, $"{next.TailAddress} after {next.IndexTailAddress}");
            late = next;
        }
    }

    [Fact]
    public async Task Sessions_are_renewed_while_readers_writers_and_checkpoints_run()
    {
        using var directory = new TemporaryDirectory();
        const int Count = 20_000;
        using var store = RecordStore.Create(directory.FullPath, new RecordStoreOptions { MemoryBytes = 4 << 20, ReadsPerSession = 50 });
        for (var i = 0; i < Count; i++)
            store.Upsert(1, Key(i), Value(i, 0));
        using var stop = new CancellationTokenSource();
        var maintenance = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                store.RemoveCheckpointsExcept(await store.CheckpointAsync());
        });
        var work = Enumerable
            .Range(0, 4)
            .Select(thread =>
                Task.Run(() =>
                {
                    var random = new Random(TestSeed.Get(1) + thread);
                    for (var n = 0; n < 3_000; n++)
                    {
                        var i = random.Next(Count);
                        if (n % 4 == 0)
                            store.Upsert(1, Key(i), Value(i, 0));
                        else
                            Assert.True(Has(store, i, Value(i, 0)), $"key {i}, seed {thread}");
                    }
                })
            )
            .ToArray();
        await Task.WhenAll(work);
        await stop.CancelAsync();
        await maintenance;
        for (var i = 0; i < Count; i++)
            Assert.True(Has(store, i, Value(i, 0)), $"key {i}");
    }
}
