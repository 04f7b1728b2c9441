using SearchEngine.DatabaseComparison.Data;
using SearchEngine.Vectors;

namespace SearchEngine.DatabaseComparison.Contenders;

/// <summary>This project's database.</summary>
internal sealed class SearchEngineContender(string directory) : IContender
{
    private const string Name = "passages";
    private const int Batch = 1_000;
    private const int Hits = 10;

    private static readonly int[] Beams = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384];

    private SearchDatabase? _database;
    private SearchCollection? _collection;

    public int Efforts => Beams.Length;

    public async Task IngestAsync(DataSet data)
    {
        _database = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = directory }).ConfigureAwait(false);
        _collection = await _database
            .CreateCollectionAsync(
                new CollectionSchema
                {
                    Name = Name,
                    KeyKind = RecordKeyKind.Int32,
                    Fields =
                    [
                        new DataField("text", DataFieldType.String) { IsFullText = true },
                        new DataField("bucket", DataFieldType.Int32) { IsFilterable = true },
                    ],
                    Vectors = [new VectorField("vector", data.Dimension) { Metric = DistanceMetric.Cosine }],
                }
            )
            .ConfigureAwait(false);
        for (var from = 0; from < data.Count; from += Batch)
            await WriteAsync(data, from, Math.Min(Batch, data.Count - from)).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    public async Task OpenAsync()
    {
        _database = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = directory }).ConfigureAwait(false);
        _collection = await _database.GetCollectionAsync(Name).ConfigureAwait(false);
    }

    public async Task<int[]> SearchAsync(ReadOnlyMemory<float>? vector, string? text, int? below, int effort, int reader)
    {
        var hits = await _collection!
            .SearchAsync(
                new SearchRequest
                {
                    Vector = vector,
                    Text = text,
                    Mode =
                        text is null ? SearchMode.Vector
                        : vector is null ? SearchMode.Keyword
                        : SearchMode.Hybrid,
                    Filter = below is { } bucket ? DocumentFilter.Less("bucket", bucket) : null,
                    Ef = Beams[effort],
                    Top = Hits,
                }
            )
            .ConfigureAwait(false);
        return [.. hits.Select(hit => (int)hit.Key.Value)];
    }

    public Task WriteAsync(DataSet data, int from, int count) =>
        _collection!.UpsertAsync([
            .. Enumerable
                .Range(from, count)
                .Select(record => new Document(record)
                {
                    ["text"] = data.Texts[record],
                    ["bucket"] = DataSet.BucketOf(record),
                    Vectors = { ["vector"] = data.Vector(record) },
                }),
        ]);

    public Task DeleteAsync(int from, int count) =>
        _collection!.DeleteAsync([.. Enumerable.Range(from, count).Select(record => (RecordKey)record)]);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync().ConfigureAwait(false);
        _database = null;
    }
}
