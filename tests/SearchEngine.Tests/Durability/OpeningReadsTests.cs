using SearchEngine.Storage;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>What an opening reads, in bytes, and not how long it takes: five times the records must not read more.</summary>
public sealed class OpeningReadsTests : IDisposable
{
    private const int Few = 1_200;
    private const int Many = 5 * Few;
    private const int Dimension = 16;
    private const int Late = 20;

    private static readonly string Payload = new('x', 2_000);

    private static readonly CollectionSchema Schema = new()
    {
        Name = "numbers",
        KeyKind = RecordKeyKind.Int32,
        Fields = [new DataField("payload", DataFieldType.String)],
        Vectors = [new VectorField("vector", Dimension) { M = 4, EfConstruction = 16 }],
    };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_opening_reads_what_changed_and_no_more_of_more_records(bool killed)
    {
        var (few, _) = await ReadByOpeningAsync(Few, killed);
        var (many, stored) = await ReadByOpeningAsync(Many, killed);
        Assert.InRange(many, 1, (long)(1.3 * few));
        Assert.InRange(many, 1, stored / 4);
    }

    // The bytes that opening and a first vector search read, and those of all files.
    private async Task<(long Read, long Stored)> ReadByOpeningAsync(int count, bool killed)
    {
        var folder = _directory.Combine($"written-{count}");
        var left = folder;
        await using (var database = await SearchDatabase.OpenAsync(Options(folder, new CountingDisk())))
        {
            var collection = await database.CreateCollectionAsync(Schema);
            for (var from = 0; from < count; from += 300)
                await collection.UpsertAsync([.. Enumerable.Range(from, 300).Select(Record)]);
            if (killed)
            {
                await collection.CheckpointAsync();
                await collection.UpsertAsync([.. Enumerable.Range(count, Late).Select(Record)]);
                left = _directory.Combine($"left-{count}");
                TemporaryDirectory.Copy(folder, left);
            }
        }

        var disk = new CountingDisk();
        await using (var database = await SearchDatabase.OpenAsync(Options(left, disk)))
        {
            var collection = await database.GetCollectionAsync(Schema.Name);
            Assert.Equal(count + (killed ? Late : 0), collection.Count);
            var hits = await collection.SearchAsync(new SearchRequest { Vector = Vector(7), Mode = SearchMode.Vector });
            Assert.Equal(7, hits[0].Key);
        }

        return (disk.BytesRead, Directory.GetFiles(left, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length));
    }

    private static SearchDatabaseOptions Options(string directory, StorageDisk disk) =>
        new()
        {
            Directory = directory,
            CheckpointInterval = TimeSpan.Zero,
            IndexThreads = 1,
            Storage = new StorageSettings
            {
                Files = disk,
                StoreBytes = RecordStoreOptions.MinimumMemoryBytes,
                HashIndexBytes = 128 << 10,
                IndexImageBytes = 64 << 10,
                ImagesFrom = 1,
            },
        };

    private static Document Record(int key) => new(key) { ["payload"] = Payload, Vectors = { ["vector"] = Vector(key) } };

    private static float[] Vector(int key)
    {
        var random = new Random(key);
        return [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f)];
    }

    private sealed class CountingDisk : StorageDisk
    {
        private long _bytesRead;

        public long BytesRead => Interlocked.Read(ref _bytesRead);

        public override StorageFile Open(string path, FileMode mode, FileAccess access) => new CountingFile(this, path, mode, access);

        private sealed class CountingFile(CountingDisk disk, string path, FileMode mode, FileAccess access)
            : StorageFile(path, mode, access)
        {
            public override int Read(Span<byte> data, long offset)
            {
                var read = base.Read(data, offset);
                Interlocked.Add(ref disk._bytesRead, read);
                return read;
            }
        }
    }
}
