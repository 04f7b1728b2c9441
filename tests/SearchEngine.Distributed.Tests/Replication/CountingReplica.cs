using System.Globalization;
using System.Text;
using System.Text.Json;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing;

namespace SearchEngine.Distributed.Tests.Replication;

/// <summary>
/// The simplest replica there can be, for tests of what hosts replicas: entries are batches as JSON; a call answers how many records there
/// are. Every entry also counts itself in the metadata, so that one that is applied twice, or not, shows.
/// </summary>
public sealed class CountingReplica(SearchCollection collection) : IShardReplica
{
    private const string CursorName = "cursor";
    private const string CountName = "count";

    private LogCursor _cursor = collection.GetMetadata(CursorName) is { } text ? LogCursor.Parse(text) : default;

    public LogCursor Cursor => _cursor;

    public ValueTask DisposeAsync() => default;

    public static Task<IShardReplica> OpenAsync(SearchCollection collection, CancellationToken cancellationToken) =>
        Task.FromResult<IShardReplica>(new CountingReplica(collection));

    public static long CountOf(SearchCollection collection) =>
        long.Parse(collection.GetMetadata(CountName) ?? "0", CultureInfo.InvariantCulture);

    public static byte[] Entry(WriteBatch batch, CollectionSchema schema)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
            WriteBatchJson.Write(json, batch, schema);
        return bytes.ToArray();
    }

    public async Task<ShardOutcome?> ApplyAsync(LogEntry entry, CancellationToken cancellationToken = default)
    {
        using var json = JsonDocument.Parse(entry.Body);
        var batch = WriteBatchJson.Read(json.RootElement, collection.Schema);
        batch.SetMetadata(CursorName, entry.Cursor.ToString());
        batch.SetMetadata(CountName, (CountOf(collection) + 1).ToString(CultureInfo.InvariantCulture));
        var result = await collection.WriteAsync(batch, cancellationToken);
        _cursor = entry.Cursor;
        return new ShardOutcome(entry.Position, result.Inserted, result.Updated, result.Deleted, result.NotFound, RecordVersion.None);
    }

    public async Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    )
    {
        while (Cursor.Position < minimumPosition)
            await Task.Delay(5, cancellationToken);
        return Encoding.UTF8.GetBytes(collection.Count.ToString(CultureInfo.InvariantCulture));
    }
}
