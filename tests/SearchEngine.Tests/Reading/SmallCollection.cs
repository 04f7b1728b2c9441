using SearchEngine.TestSupport;
using SearchEngine.Vectors;

namespace SearchEngine.Tests.Reading;

/// <summary>A collection of small records on the disk, with its parts: each is tested by itself over the others.</summary>
internal sealed class SmallCollection : IAsyncDisposable
{
    public static readonly CollectionSchema Schema = new()
    {
        Name = "small",
        KeyKind = RecordKeyKind.Int32,
        Fields =
        [
            new DataField("tag", DataFieldType.Int32) { IsFilterable = true },
            new DataField("size", DataFieldType.Int32),
            new DataField("word", DataFieldType.String) { IsFullText = true },
        ],
        Vectors = [new VectorField("vector", 4) { Metric = DistanceMetric.Euclidean, Quantization = VectorQuantization.None }],
    };

    private readonly TemporaryDirectory _directory;
    private readonly SearchDatabase _database;

    private SmallCollection(TemporaryDirectory directory, SearchDatabase database, SearchCollection collection) =>
        (_directory, _database, Collection) = (directory, database, collection);

    public SearchCollection Collection { get; }

    public CollectionEngine Engine => Collection.Engine;

    public static async Task<SmallCollection> CreateAsync(StorageSettings? storage = null)
    {
        var directory = new TemporaryDirectory();
        var database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = directory.FullPath,
                MemoryBytes = 16 << 20,
                CheckpointInterval = TimeSpan.Zero,
                Storage = storage ?? StorageSettings.Default,
            }
        );
        return new SmallCollection(directory, database, await database.CreateCollectionAsync(Schema));
    }

    public static Document Record(int key, int tag = 0, int size = 0, string word = "word") =>
        new(key)
        {
            ["tag"] = tag,
            ["size"] = size,
            ["word"] = word,
            Vectors = { ["vector"] = VectorOf(key) },
        };

    public static float[] VectorOf(int key) => [key, key % 7, key % 3, 1];

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }
}
