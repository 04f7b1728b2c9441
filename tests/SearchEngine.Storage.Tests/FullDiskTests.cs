using SearchEngine.Storage.Tests.Records;
using SearchEngine.TestDisks;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>Rule: after a failed write changes are refused, reads and scans go on with everything that was there, on disk or not.</summary>
public sealed class FullDiskTests
{
    [Theory]
    [InlineData(Fault.FullDisk)]
    [InlineData(Fault.WriteError)]
    [InlineData(Fault.TornWrite)]
    public void Reads_and_scans_go_on_after_a_failed_write(Fault fault)
    {
        for (var operations = 1; operations < 40; operations += 6)
        {
            using var directory = new TemporaryDirectory();
            var disk = new SimulatedDisk(directory.Combine("disk"), fault, operations);
            var options = new RecordStoreOptions
            {
                MemoryBytes = 4 << 20,
                SegmentBytes = 1 << 20,
                FileFactory = disk,
            };
            using var store = RecordStore.Create(Path.Combine(directory.Combine("disk"), "records"), options);
            var written = new Dictionary<int, byte[]>();
            StorageException? refused = null;
            for (var i = 0; refused is null && i < 200_000; i++)
            {
                // Values of the latest attempt may be there: the refusal comes after the change.
                var value = RecordParts.Value(i, 700);
                try
                {
                    store.Upsert(1, RecordParts.Key(i % 9000), value);
                    written[i % 9000] = value;
                }
                catch (StorageException exception)
                {
                    refused = exception;
                    written.Remove(i % 9000);
                }
            }

            Assert.True(refused is not null && disk.FaultHappened, $"{fault} at {operations}: nothing was refused");
            Assert.Throws<StorageException>(() => store.Upsert(1, RecordParts.Key(1), [1]));
            Assert.Throws<StorageException>(() => store.Delete(1, RecordParts.Key(1)));
            Assert.ThrowsAny<StorageException>(() => store.Compact(default));
            Assert.ThrowsAny<StorageException>(() => store.CheckpointAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult());
            foreach (var (key, value) in written)
            {
                byte[]? found = null;
                store.TryRead(1, RecordParts.Key(key), ref found, static (ref state, bytes) => state = bytes.ToArray());
                Assert.True(value.AsSpan().SequenceEqual(found), $"{fault} at {operations}: key {key} of {written.Count}");
            }

            var scanned = 0;
            store.Scan(1, (_, _) => scanned++, TestContext.Current.CancellationToken);
            Assert.InRange(scanned, written.Count, written.Count + 1);
        }
    }

    [Fact]
    public void A_block_that_was_not_written_is_read_from_memory_with_what_lies_around_it()
    {
        var blocks = new SearchEngine.Storage.Records.UnwrittenBlocks();
        var before = RecordParts.Value(1, RecordDevice.BlockBytes);
        blocks.Keep(
            RecordParts.Value(2, 100),
            50,
            (block, offset) =>
            {
                Assert.Equal(0, offset);
                before.CopyTo(block, 0);
            }
        );
        blocks.Keep(RecordParts.Value(3, 20), 60, (_, _) => throw new IOException("The block is here already."));
        var read = new byte[RecordDevice.BlockBytes];
        Assert.True(blocks.TryRead(0, read));
        var expected = before.ToArray();
        RecordParts.Value(2, 100).CopyTo(expected, 50);
        RecordParts.Value(3, 20).CopyTo(expected, 60);
        Assert.Equal(expected, read);
        Assert.False(blocks.TryRead(1, read));
        blocks.Keep([1, 2, 3], RecordDevice.BlockBytes + 5, (_, _) => throw new IOException("unreadable"));
        Assert.Throws<IOException>(() => blocks.TryRead(1, read));
    }

    /// <summary>
    /// A value longer than the log's memory goes on through it after a write has failed: what had been written before is out of memory
    /// then, and was never on the disk.
    /// </summary>
    [Theory]
    [InlineData(Fault.FullDisk)]
    [InlineData(Fault.WriteError)]
    [InlineData(Fault.TornWrite)]
    public void What_memory_let_go_after_a_failed_write_is_read_all_the_same(Fault fault)
    {
        const int Keys = 500;
        using var directory = new TemporaryDirectory();
        var disk = new SimulatedDisk(directory.Combine("disk"), fault, 1);
        var options = new RecordStoreOptions
        {
            MemoryBytes = 4 << 20,
            SegmentBytes = 1 << 20,
            FileFactory = disk,
        };
        using var store = RecordStore.Create(Path.Combine(directory.Combine("disk"), "records"), options);
        for (var i = 0; i < Keys; i++)
            store.Upsert(1, RecordParts.Key(i), RecordParts.Value(i, 300));
        Assert.Throws<StorageException>(() => store.Upsert(1, RecordParts.Key(Keys), RecordParts.Value(Keys, 8 << 20)));
        Assert.True(disk.FaultHappened);
        for (var i = 0; i < Keys; i++)
        {
            byte[]? found = null;
            store.TryRead(1, RecordParts.Key(i), ref found, static (ref state, bytes) => state = bytes.ToArray());
            Assert.Equal(RecordParts.Value(i, 300), found);
        }
    }
}
