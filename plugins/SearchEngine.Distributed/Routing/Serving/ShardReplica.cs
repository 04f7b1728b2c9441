using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Routing.Wire;
using SearchEngine.Sharding;

namespace SearchEngine.Distributed.Routing.Serving;

/// <summary>
/// A replica over a collection of this process. What an entry comes to, and the entry's position, are metadata of the very batch that the
/// entry writes; one that writes nothing (a version conflict) writes these alone. Applying is for one at a time, calls are thread-safe.
/// </summary>
public sealed class ShardReplica : IShardReplica
{
    private readonly SearchCollection _collection;
    private readonly ShardWire _wire;
    private readonly AppliedPosition _applied;
    private readonly ShardServer _server;

    private ShardReplica(SearchCollection collection, LogCursor cursor)
    {
        _collection = collection;
        _wire = new ShardWire(collection.Schema);
        _applied = new AppliedPosition(cursor);
        _server = new ShardServer(collection, _wire, _applied);
    }

    /// <inheritdoc />
    public LogCursor Cursor => _applied.Cursor;

    /// <summary>The replica that a collection is, as far as it has applied the log. The collection stays the caller's.</summary>
    /// <exception cref="FormatException">What it says of its position cannot be read.</exception>
    public static async Task<ShardReplica> OpenAsync(SearchCollection collection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var stored = await collection.GetMetadataAsync(ReplicaMetadata.Cursor, cancellationToken).ConfigureAwait(false);
        return new ShardReplica(collection, stored is null ? LogCursor.Beginning : LogCursor.Parse(stored));
    }

    /// <inheritdoc />
    public async Task<ShardOutcome?> ApplyAsync(LogEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (position, _) = Cursor;
        if (entry.Position <= position)
            return await _server.OutcomeAsync(entry.Position, cancellationToken).ConfigureAwait(false);
        if (entry.Position != position + 1)
        {
            throw new ArgumentException(
                $"Entry {entry.Position} of the log of collection '{_collection.Name}' follows {position}: entries are missing between."
            );
        }
        cancellationToken.ThrowIfCancellationRequested();
        ShardOutcome outcome;
        try
        {
            var batch = await BatchOfAsync(entry).ConfigureAwait(false);
            outcome = await WriteAsync(entry, batch, refusal: null).ConfigureAwait(false);
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.VersionConflict)
        {
            outcome = await WriteAsync(entry, new WriteBatch(), new ShardRefusal(e.Error, e.Message, e.Key)).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            // The router checks before it appends: this is an entry of another build, and no replica of this one takes it.
            outcome = await WriteAsync(entry, new WriteBatch(), new ShardRefusal(null, e.Message)).ConfigureAwait(false);
        }

        _applied.MoveTo(entry.Cursor);
        return outcome;
    }

    /// <inheritdoc />
    public Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    ) => _server.CallAsync(operation, minimumPosition, body, cancellationToken);

    /// <summary>Closes cursors and views that are open.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>What an entry does: of a filter, to the records that match now, when all entries before it are applied.</summary>
    private async Task<WriteBatch> BatchOfAsync(LogEntry entry)
    {
        var read = ShardEntry.Read(entry.Body, _collection.Schema);
        if (read.Batch is { } batch)
            return batch;
        var made = new WriteBatch();
        await foreach (var document in _collection.QueryAsync(new RecordQuery { Filter = read.Filter }).ConfigureAwait(false))
        {
            if (read.Changes is not { } changes)
            {
                made.Delete(document.Key);
                continue;
            }

            made.Patch(new Document(document.Key) { Fields = changes.Fields, Vectors = changes.Vectors });
        }

        return made;
    }

    private async Task<ShardOutcome> WriteAsync(LogEntry entry, WriteBatch batch, ShardRefusal? refusal)
    {
        ShardOutcome? outcome = null;
        var stamp = new WriteStamp(
            RecordVersion.OfPosition(entry.Position),
            result =>
            {
                outcome = new ShardOutcome(
                    entry.Position,
                    result.Inserted,
                    result.Updated,
                    result.Deleted,
                    result.NotFound,
                    result.Version,
                    refusal
                );
                return
                [
                    new(ReplicaMetadata.Cursor, entry.Cursor.ToString()),
                    new(ReplicaMetadata.OutcomeOf(entry.Position), System.Text.Encoding.UTF8.GetString(_wire.Write(outcome).Span)),
                ];
            }
        );
        await _collection.WriteAsync(batch, stamp).ConfigureAwait(false);
        return outcome!;
    }
}
