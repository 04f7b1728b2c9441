using System.Buffers;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>
/// Rule: an image that could not be read back, or was arranged in part, is no image: the checkpoint fails, the one before stands, and the
/// next one takes another.
/// </summary>
public sealed class ImageFaultTests
{
    private const int Count = 12_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fault_at_any_operation_on_an_image_fails_the_checkpoint_and_nothing_else(bool reads)
    {
        var options = new RecordStoreOptions
        {
            MemoryBytes = 4 << 20,
            HashIndexBytes = 16 << 10,
            IndexImageBytes = 64 << 10,
        };
        var faults = 0;
        for (var at = 1; at < 12; at++)
        {
            using var directory = new TemporaryDirectory();
            var disk = new ImageDisk(reads);
            var faulty = options with { FileFactory = disk };
            RecordCheckpoint first;
            RecordCheckpoint? second = null;
            using (var store = RecordStore.Create(directory.FullPath, faulty))
            {
                Write(store, 0);
                first = await store.CheckpointAsync(TestContext.Current.CancellationToken);
                Write(store, 1);
                disk.Left = at;
                try
                {
                    await store.CheckpointAsync(TestContext.Current.CancellationToken);
                    Assert.True(disk.Left > 0, "The fault was not noticed.");
                    break;
                }
                catch (StorageException) { }
                faults++;
                disk.Left = int.MaxValue;
                try
                {
                    Write(store, 1);
                    second = await store.CheckpointAsync(TestContext.Current.CancellationToken);
                }
                catch (StorageException)
                {
                    // The store takes no more: the first stands.
                }
            }
            Read(second is null ? first : second, second is null ? 0 : 1, directory.FullPath, options);
        }
        Assert.InRange(faults, 1, 10);
    }

    private static void Write(RecordStore store, int seed)
    {
        for (var key = 0; key < Count; key++)
            store.Upsert(RecordParts.Space, RecordParts.Key(key), RecordParts.Value(key + seed, 40));
    }

    private static void Read(RecordCheckpoint checkpoint, int seed, string directory, RecordStoreOptions options)
    {
        using var store = RecordStore.Recover(directory, options, checkpoint);
        for (var key = 0; key < Count; key++)
        {
            var value = new ArrayBufferWriter<byte>();
            Assert.True(store.TryRead(RecordParts.Space, RecordParts.Key(key), value));
            Assert.Equal(RecordParts.Value(key + seed, 40), value.WrittenSpan.ToArray());
        }
    }

    /// <summary>One read or write of an image fails; half of the write arrives.</summary>
    private sealed class ImageDisk(bool reads) : StorageDisk
    {
        public int Left = int.MaxValue;

        public override StorageFile Open(string path, FileMode mode, FileAccess access) =>
            path.EndsWith(".image.0", StringComparison.Ordinal) ? new ImageFile(this, path, mode, access) : base.Open(path, mode, access);

        private sealed class ImageFile(ImageDisk disk, string path, FileMode mode, FileAccess access) : StorageFile(path, mode, access)
        {
            public override int Read(Span<byte> data, long offset)
            {
                if (disk.IsReading && Interlocked.Decrement(ref disk.Left) == 0)
                    throw new IOException("Input/output error.");
                return base.Read(data, offset);
            }

            public override void Write(ReadOnlySpan<byte> data, long offset)
            {
                if (disk.IsReading || Interlocked.Decrement(ref disk.Left) != 0)
                {
                    base.Write(data, offset);
                    return;
                }
                base.Write(data[..(data.Length / 2)], offset);
                throw new IOException("Input/output error.");
            }
        }

        private bool IsReading => reads;
    }
}
