using SearchEngine.Storage.Tests.Records;
using SearchEngine.TestDisks;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>What is beneath the stores, each by itself.</summary>
public sealed class SmallPartsTests
{
    [Fact]
    public void Sums_behind_a_place_are_forgotten_and_those_before_it_kept()
    {
        using var directory = new TemporaryDirectory();
        foreach (var (first, sum) in new[] { (3, 77u), (3, 0u), (0, 5u), (2_000, 9u), (599, 0u) })
        {
            using var segment = new RecordSegment(directory.Combine($"segment {first} {sum}.0"), StorageDisk.Real);
            segment.OpenFile();
            for (var i = 0; i < 600; i++)
                segment.SetSum(i, (uint)i + 1);
            segment.Flush();
            segment.RestoreSums(first, sum);

            for (var i = 0; i < 2_100; i++)
            {
                var expected =
                    i == first ? sum
                    : i < first && i < 600 ? (uint)i + 1
                    : 0;
                Assert.Equal(expected, segment.GetSum(i));
            }
        }
    }

    [Fact]
    public void Sums_come_back_from_the_disk_however_they_were_written()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Combine("segment.0");
        var model = new uint[3_000];
        var random = new Random(3);
        for (var round = 0; round < 8; round++)
        {
            using var segment = new RecordSegment(path, StorageDisk.Real);
            for (var i = 0; i < model.Length; i++)
                Assert.Equal(model[i], segment.GetSum(i));
            segment.OpenFile();
            Assert.False(segment.Flush());
            for (var flush = 0; flush < 3; flush++)
            {
                var from = random.Next(model.Length - 50);
                for (var i = from; i < from + random.Next(1, 50); i++)
                    segment.SetSum(i, model[i] = (uint)random.Next());
                // The name is new once.
                Assert.Equal(round == 0 && flush == 0, segment.Flush());
            }
        }
    }

    [Fact]
    public void An_owner_is_named_as_well_as_it_is_known()
    {
        Assert.Contains("another process", new DatabaseInUseException("d", null).Message, StringComparison.Ordinal);
        var own = Environment.ProcessId;
        Assert.Contains($"this process ({own})", new DatabaseInUseException("d", own).Message, StringComparison.Ordinal);
        Assert.Contains($"by process {own + 1}.", new DatabaseInUseException("d", own + 1).Message, StringComparison.Ordinal);
        Assert.Equal(own, new DatabaseInUseException("d", own).ProcessId);
    }

    [Fact]
    public void A_file_is_the_same_by_every_name_and_no_other_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere it cannot be told.");
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.Combine("a"), "");
        File.WriteAllText(directory.Combine("b"), "");
        File.CreateSymbolicLink(directory.Combine("link"), directory.Combine("a"));

        var a = NativeFile.IdentityOf(directory.Combine("a"));
        Assert.NotNull(a);
        Assert.Equal(a, NativeFile.IdentityOf(directory.Combine("link")));
        Assert.NotEqual(a, NativeFile.IdentityOf(directory.Combine("b")));
        Assert.Null(NativeFile.IdentityOf(directory.Combine("none")));
    }

    [Fact]
    public async Task A_copy_of_a_checkpoint_ends_where_the_checkpoint_does()
    {
        using var directory = new TemporaryDirectory();
        var options = new RecordStoreOptions { MemoryBytes = 4 << 20, SegmentBytes = 1 << 20 };
        using var store = RecordStore.Create(directory.Combine("store"), options);
        for (var i = 0; i < 3_000; i++)
            store.Upsert(1, RecordParts.Key(i), RecordParts.Value(i, 700));
        var checkpoint = await store.CheckpointAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 6_000; i++)
            store.Upsert(1, RecordParts.Key(i), RecordParts.Value(i + 1, 700));
        await store.CheckpointAsync(TestContext.Current.CancellationToken);
        store.CopyCheckpoint(checkpoint, directory.Combine("copy"), TestContext.Current.CancellationToken);

        var bytes = RecordSegment
            .List(Path.Combine(directory.Combine("copy"), Path.GetFileName(Data(directory.Combine("store")))))
            .Sum(segment => new FileInfo(segment.Path).Length);
        Assert.InRange(bytes, checkpoint.TailAddress - checkpoint.BeginAddress, checkpoint.TailAddress + RecordDevice.BlockBytes);
        using var copy = RecordStore.Recover(directory.Combine("copy"), options, checkpoint);
        for (var i = 0; i < 6_000; i++)
            Assert.Equal(i < 3_000, copy.Contains(1, RecordParts.Key(i)));

        // The name of the data files without their numbers.
        static string Data(string store) =>
            Path.ChangeExtension(Directory.GetFiles(store).First(path => path.EndsWith(".0", StringComparison.Ordinal)), null);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_not_durable()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows makes names durable by itself.");
        using var directory = new TemporaryDirectory();
        NativeFile.FlushDirectory(directory.FullPath);
        var exception = Assert.Throws<StorageException>(() => NativeFile.FlushDirectory(directory.Combine("none")));
        Assert.Contains($"Cannot open the directory '{directory.Combine("none")}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovering_an_earlier_checkpoint_deletes_the_files_of_what_came_later()
    {
        using var directory = new TemporaryDirectory();
        var options = new RecordStoreOptions { MemoryBytes = 4 << 20, SegmentBytes = 1 << 20 };
        RecordCheckpoint early;
        using (var store = RecordStore.Create(directory.FullPath, options))
        {
            for (var i = 0; i < 3_000; i++)
                store.Upsert(1, RecordParts.Key(i), RecordParts.Value(i, 700));
            early = await store.CheckpointAsync(TestContext.Current.CancellationToken);
            for (var i = 3_000; i < 12_000; i++)
                store.Upsert(1, RecordParts.Key(i), RecordParts.Value(i, 700));
            await store.CheckpointAsync(TestContext.Current.CancellationToken);
        }

        var most = 1 + early.TailAddress / (1 << 20);
        Assert.True(Segments().Length > most);
        using (RecordStore.Recover(directory.FullPath, options with { ReadOnly = true }, early))
            Assert.True(Segments().Length > most);
        using (var store = RecordStore.Recover(directory.FullPath, options, early))
        {
            Assert.InRange(Segments().Length, 1, most);
            for (var i = 0; i < 12_000; i++)
                Assert.Equal(i < 3_000, store.Contains(1, RecordParts.Key(i)));
        }

        string[] Segments() =>
            [
                .. Directory
                    .GetFiles(directory.FullPath)
                    .Where(path => Path.GetExtension(path).AsSpan(1).ContainsAnyExceptInRange('0', '9') == false),
            ];
    }

    [Fact]
    public async Task After_a_failed_write_no_checkpoint_is_removed()
    {
        using var directory = new TemporaryDirectory();
        var disk = new SimulatedDisk(directory.Combine("disk"), Fault.WriteError, 400);
        var options = new RecordStoreOptions
        {
            MemoryBytes = 4 << 20,
            SegmentBytes = 1 << 20,
            FileFactory = disk,
        };
        using var store = RecordStore.Create(Path.Combine(directory.Combine("disk"), "records"), options);
        store.Upsert(1, RecordParts.Key(1), [1]);
        await store.CheckpointAsync(TestContext.Current.CancellationToken);
        store.Upsert(1, RecordParts.Key(2), [2]);
        var kept = await store.CheckpointAsync(TestContext.Current.CancellationToken);
        Assert.False(disk.FaultHappened);
        Assert.Throws<StorageException>(() =>
        {
            for (var i = 0; i < 1_000_000; i++)
                store.Upsert(1, RecordParts.Key(i % 9_000), RecordParts.Value(i, 700));
        });

        Assert.ThrowsAny<StorageException>(() => store.RemoveCheckpointsExcept(kept));
    }
}
