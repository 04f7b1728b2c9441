using System.Buffers;
using System.Text;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class RecordStoreTests
{
    private static readonly RecordStoreOptions Small = new()
    {
        MemoryBytes = 4 << 20,
        SegmentBytes = 1 << 20,
        IndexImageBytes = 2 << 20,
    };

    private static byte[] Key(int i) => Encoding.UTF8.GetBytes($"key {i}");

    private static byte[] Value(int i, int version, int length)
    {
        var value = new byte[length];
        new Random(i * 7919 + version).NextBytes(value);
        return value;
    }

    private static byte[]? Read(RecordStore store, byte space, byte[] key)
    {
        var writer = new ArrayBufferWriter<byte>();
        return store.TryRead(space, key, writer) ? writer.WrittenSpan.ToArray() : null;
    }

    private static Dictionary<string, byte[]> ScanAll(RecordStore store, byte space)
    {
        var found = new Dictionary<string, byte[]>();
        store.Scan(space, (key, value) => found.Add(Encoding.UTF8.GetString(key), value.ToArray()), default);
        return found;
    }

    [Theory]
    [InlineData(16 << 10, true)]
    [InlineData(256 << 10, true)]
    [InlineData(64 << 10, false)]
    public async Task An_index_image_opens_in_a_store_of_another_index_and_without_preloading(int indexBytes, bool preload)
    {
        const int Count = 6_000;
        using var directory = new TemporaryDirectory();
        var options = Small with { HashIndexBytes = 64 << 10 };
        RecordCheckpoint checkpoint;
        using (var store = RecordStore.Create(directory.FullPath, options))
        {
            for (var i = 0; i < Count; i++)
                store.Upsert(1, Key(i), Value(i, 0, 500));
            await store.CheckpointAsync(TestContext.Current.CancellationToken);
            Assert.False(store.IsClosingImageDue);
            for (var i = 0; i < Count; i += 3)
                store.Upsert(1, Key(i), Value(i, 1, 500));
            checkpoint = await store.CheckpointAsync(closing: true, TestContext.Current.CancellationToken);
        }

        Assert.NotEqual(Guid.Empty, checkpoint.IndexToken);
        using var opened = RecordStore.Recover(
            directory.FullPath,
            options with
            {
                HashIndexBytes = indexBytes,
                Preload = preload,
            },
            checkpoint
        );
        for (var i = 0; i < Count; i++)
            Assert.Equal(Value(i, i % 3 == 0 ? 1 : 0, 500), Read(opened, 1, Key(i)));
        opened.Upsert(1, Key(0), Value(0, 2, 500));
        Assert.Equal(Value(0, 2, 500), Read(opened, 1, Key(0)));
        var next = await opened.CheckpointAsync(TestContext.Current.CancellationToken);
        opened.Dispose();
        using var again = RecordStore.Recover(directory.FullPath, options, next);
        Assert.Equal(Count, ScanAll(again, 1).Count);
        Assert.Equal(Value(0, 2, 500), Read(again, 1, Key(0)));
    }

    [Fact]
    public void Reads_what_was_written_and_keeps_spaces_apart()
    {
        using var directory = new TemporaryDirectory();
        using var store = RecordStore.Create(directory.FullPath, Small);
        store.Upsert(1, Key(1), "a"u8);
        store.Upsert(2, Key(1), "b"u8);
        store.Upsert(1, Key(2), default);
        Assert.Equal("a"u8.ToArray(), Read(store, 1, Key(1)));
        Assert.Equal("b"u8.ToArray(), Read(store, 2, Key(1)));
        Assert.Equal(Array.Empty<byte>(), Read(store, 1, Key(2)));
        Assert.Null(Read(store, 3, Key(1)));
        store.Upsert(1, Key(1), "longer than before"u8);
        Assert.Equal("longer than before"u8.ToArray(), Read(store, 1, Key(1)));
        Assert.True(store.Delete(1, Key(1)));
        Assert.False(store.Delete(1, Key(1)));
        Assert.False(store.Contains(1, Key(1)));
        Assert.True(store.Contains(2, Key(1)));
        Assert.Null(Read(store, 1, Key(1)));
        Assert.Throws<ArgumentException>(() => store.Upsert(1, default, "x"u8));
        Assert.Throws<ArgumentException>(() => store.Upsert(1, new byte[RecordStore.MaxKeyBytes + 1], "x"u8));
        store.Upsert(1, new byte[RecordStore.MaxKeyBytes], "long key"u8);
        Assert.Equal("long key"u8.ToArray(), Read(store, 1, new byte[RecordStore.MaxKeyBytes]));
    }

    [Fact]
    public async Task Data_larger_than_memory_survives_reopening()
    {
        using var directory = new TemporaryDirectory();
        const int Count = 20_000;
        RecordCheckpoint checkpoint;
        using (var store = RecordStore.Create(directory.FullPath, Small))
        {
            for (var i = 0; i < Count; i++)
                store.Upsert(1, Key(i), Value(i, 0, 700 + i % 301));
            for (var i = 0; i < Count; i += 3)
                store.Upsert(1, Key(i), Value(i, 1, 300 + i % 1001));
            for (var i = 0; i < Count; i += 5)
                store.Delete(1, Key(i));
            Check(store);
            Assert.True(store.Statistics.MemoryBytes <= Small.MemoryBytes);
            checkpoint = await store.CheckpointAsync();
            store.Upsert(1, Key(0), "after the checkpoint"u8);
        }

        for (var round = 0; round < 2; round++)
        {
            using var store = RecordStore.Recover(directory.FullPath, Small, checkpoint);
            Check(store);
            store.Upsert(1, Key(0), "lost again"u8);
            store.Upsert(1, Key(1), Value(1, 9, 50_000));
        }

        static void Check(RecordStore store)
        {
            for (var i = 0; i < Count; i++)
            {
                var expected =
                    i % 5 == 0 ? null
                    : i % 3 == 0 ? Value(i, 1, 300 + i % 1001)
                    : Value(i, 0, 700 + i % 301);
                Assert.Equal(expected, Read(store, 1, Key(i)));
            }

            var scanned = ScanAll(store, 1);
            Assert.Equal(Enumerable.Range(0, Count).Count(i => i % 5 != 0), scanned.Count);
            Assert.Empty(ScanAll(store, 2));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16 << 10)]
    [InlineData((16 << 10) + 1)]
    [InlineData(1 << 20)]
    [InlineData((4 << 20) + 77)]
    public async Task Long_values_are_split_and_come_back(int length)
    {
        using var directory = new TemporaryDirectory();
        RecordCheckpoint checkpoint;
        using (var store = RecordStore.Create(directory.FullPath, Small))
        {
            store.Upsert(1, Key(1), Value(1, 1, length));
            store.Upsert(1, Key(1), Value(1, 2, length));
            store.Upsert(1, Key(2), Value(2, 1, length));
            store.Upsert(1, Key(2), "short"u8);
            store.Upsert(1, Key(3), Value(3, 1, length));
            store.Delete(1, Key(3));
            Check(store, length);
            checkpoint = await store.CheckpointAsync();
        }

        using (var store = RecordStore.Recover(directory.FullPath, Small, checkpoint))
        {
            Check(store, length);
            store.Compact(default);
            Check(store, length);
            Assert.True(store.Statistics.LogBytes < length + 200_000, $"{store.Statistics}");
        }

        static void Check(RecordStore store, int length)
        {
            Assert.True(Value(1, 2, length).AsSpan().SequenceEqual(Read(store, 1, Key(1))));
            Assert.Equal("short"u8.ToArray(), Read(store, 1, Key(2)));
            Assert.Null(Read(store, 1, Key(3)));
            Assert.Equal(["key 1", "key 2"], ScanAll(store, 1).Keys.Order());
        }
    }

    [Fact]
    public async Task A_killed_process_is_recovered_from_its_last_checkpoint()
    {
        using var directory = new TemporaryDirectory();
        var store = RecordStore.Create(directory.Combine("store"), Small);
        var checkpoints = new List<(RecordCheckpoint Checkpoint, int Version)>();
        for (var version = 0; version < 6; version++)
        {
            for (var i = 0; i < 2000; i++)
                store.Upsert(1, Key(i), Value(i, version, 100 + (i * 31 + version) % 900));
            checkpoints.Add((await store.CheckpointAsync(), version));
        }

        // What comes after is partly on disk, in pages that were evicted.
        for (var i = 0; i < 5000; i++)
            store.Upsert(1, Key(i), Value(i, 99, 1000));
        foreach (var (checkpoint, version) in checkpoints.AsEnumerable().Reverse())
        {
            TemporaryDirectory.Copy(directory.Combine("store"), directory.Combine("copy"));
            using (var copy = RecordStore.Recover(directory.Combine("copy"), Small, checkpoint))
            {
                for (var i = 0; i < 2000; i++)
                    Assert.Equal(Value(i, version, 100 + (i * 31 + version) % 900), Read(copy, 1, Key(i)));
                Assert.Equal(2000, ScanAll(copy, 1).Count);
            }

            Directory.Delete(directory.Combine("copy"), recursive: true);
        }

        store.Dispose();
    }

    [Fact]
    public async Task A_checkpoint_right_after_a_scan_holds_everything()
    {
        using var directory = new TemporaryDirectory();
        using var store = RecordStore.Create(directory.Combine("store"), Small);
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 300; i++)
                store.Upsert(1, Key(i), Value(i, round, 900));
            Assert.Equal(300, ScanAll(store, 1).Count);
            var checkpoint = await store.CheckpointAsync();
            TemporaryDirectory.Copy(directory.Combine("store"), directory.Combine("copy"));
            using (var copy = RecordStore.Recover(directory.Combine("copy"), Small, checkpoint))
            {
                for (var i = 0; i < 300; i++)
                    Assert.Equal(Value(i, round, 900), Read(copy, 1, Key(i)));
            }

            Directory.Delete(directory.Combine("copy"), recursive: true);
        }
    }

    [Fact]
    public async Task Compaction_gives_space_back_and_kept_checkpoints_still_open()
    {
        using var directory = new TemporaryDirectory();
        const int Count = 3000;
        var store = RecordStore.Create(directory.Combine("store"), Small);
        for (var i = 0; i < Count; i++)
            store.Upsert(1, Key(i), Value(i, 0, 1000));
        var first = await store.CheckpointAsync();
        for (var version = 1; version <= 10; version++)
        {
            for (var i = 0; i < Count; i++)
                store.Upsert(1, Key(i), Value(i, version, 1000));
        }

        for (var i = 0; i < Count; i += 2)
            store.Delete(1, Key(i));
        Assert.True(store.Statistics.CompactionAdvised);
        store.Compact(default);
        var second = await store.CheckpointAsync();
        store.RemoveCheckpointsExcept(first, second);
        store.Dispose();

        TemporaryDirectory.Copy(directory.Combine("store"), directory.Combine("copy"));
        using (var old = RecordStore.Recover(directory.Combine("copy"), Small, first))
        {
            for (var i = 0; i < Count; i++)
                Assert.Equal(Value(i, 0, 1000), Read(old, 1, Key(i)));
        }

        Directory.Delete(directory.Combine("copy"), recursive: true);
        using (var reopened = RecordStore.Recover(directory.Combine("store"), Small, second))
        {
            reopened.RemoveCheckpointsExcept(second);
            for (var i = 0; i < Count; i++)
                Assert.Equal(i % 2 == 0 ? null : Value(i, 10, 1000), Read(reopened, 1, Key(i)));
            Assert.Equal(Count / 2, ScanAll(reopened, 1).Count);
            var live = Count / 2 * 1040L;
            Assert.True(reopened.Statistics.DiskBytes < 2.5 * live + (1 << 20), $"{reopened.Statistics}");
            Assert.False(reopened.Statistics.CompactionAdvised);
        }

        using var again = RecordStore.Recover(directory.Combine("store"), Small, second);
        Assert.Equal(Count / 2, ScanAll(again, 1).Count);
    }

    [Fact]
    public async Task Readers_writers_scans_checkpoints_and_compaction_at_once_never_see_a_wrong_value()
    {
        using var directory = new TemporaryDirectory();
        using var store = RecordStore.Create(directory.FullPath, Small);
        const int Keys = 3000;
        var seed = TestSeed.Get(11);
        for (var i = 0; i < Keys; i++)
            store.Upsert(1, Key(i), Stamped(i, 0, 300));
        var work = new SideBySide();
        for (var thread = 0; thread < 3; thread++)
        {
            var (own, random) = (thread, new Random(seed + thread));
            work.Add(
                4000,
                turn =>
                {
                    var i = random.Next(Keys / 3) * 3 + own;
                    if (random.Next(20) == 0 && i >= Keys / 2)
                        store.Delete(1, Key(i));
                    else
                        store.Upsert(1, Key(i), Stamped(i, turn + 1, random.Next(16, random.Next(50) == 0 ? 40_000 : 1200)));
                }
            );
        }

        for (var thread = 0; thread < 2; thread++)
        {
            var random = new Random(seed + 100 + thread);
            work.Add(
                4000,
                _ =>
                {
                    var i = random.Next(Keys);
                    var found = Read(store, 1, Key(i));
                    Assert.True(found is not null || i >= Keys / 2, $"key {i} is missing (seed {seed})");
                    if (found is not null)
                        CheckStamped(i, found);
                }
            );
        }

        work.Add(
            10,
            _ =>
            {
                var seen = new HashSet<string>();
                store.Scan(
                    1,
                    (key, value) =>
                    {
                        var name = Encoding.UTF8.GetString(key);
                        Assert.True(seen.Add(name), $"{name} twice (seed {seed})");
                        CheckStamped(int.Parse(name.AsSpan(4)), value);
                    },
                    default
                );
                for (var i = 0; i < Keys / 2; i++)
                    Assert.Contains($"key {i}", seen);
            }
        );
        work.Add(
            10,
            async _ =>
            {
                store.RemoveCheckpointsExcept(await store.CheckpointAsync());
                store.CompactFirst(8 << 20, default);
            }
        );
        await work.RunAsync();
        var expected = ScanAll(store, 1);
        var checkpoint = await store.CheckpointAsync();
        store.Dispose();
        using var reopened = RecordStore.Recover(directory.FullPath, Small, checkpoint);
        var recovered = ScanAll(reopened, 1);
        Assert.Equal(expected.Count, recovered.Count);
        foreach (var (key, value) in expected)
            Assert.Equal(value, recovered[key]);
    }

    private static byte[] Stamped(int key, int version, int length)
    {
        var value = new byte[length];
        Array.Fill(value, (byte)(key * 31 + version));
        BitConverter.TryWriteBytes(value, key);
        BitConverter.TryWriteBytes(value.AsSpan(4), version);
        BitConverter.TryWriteBytes(value.AsSpan(8), length);
        return value;
    }

    private static void CheckStamped(int key, ReadOnlySpan<byte> value)
    {
        Assert.Equal(key, BitConverter.ToInt32(value));
        Assert.Equal(value.Length, BitConverter.ToInt32(value[8..]));
        Assert.False(value[12..].ContainsAnyExcept((byte)(key * 31 + BitConverter.ToInt32(value[4..]))));
    }
}
