using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

namespace SearchEngine.Distributed.Snapshots;

/// <summary>
/// Snapshots in the cluster's PostgreSQL, in pieces of a megabyte: nothing besides is needed, and a failover takes them along. For shards up
/// to some gigabytes; larger ones are better kept in a folder (<see cref="FolderSnapshotStore"/>). Thread-safe.
/// </summary>
public sealed class PostgresSnapshotStore(PostgresDatabase database) : ISnapshotStore
{
    private const int ChunkBytes = 1 << 20;

    /// <inheritdoc />
    public async Task<ShardSnapshot> SaveAsync(
        LogShard shard,
        LogCursor cursor,
        string folder,
        CancellationToken cancellationToken = default
    )
    {
        var id = Guid.NewGuid();
        await database
            .ExecuteAsync(
                "insert into searchengine.snapshots (id, collection, shard, position, entry) values ($1, $2, $3, $4, $5) on conflict (id) do nothing",
                cancellationToken,
                Of(id),
                Of(shard.Collection),
                Of(shard.Shard),
                Of(cursor.Position),
                Of(cursor.Id)
            )
            .ConfigureAwait(false);
        try
        {
            var target = new ChunkWriter(
                ChunkBytes,
                (ordinal, body, token) =>
                    database.ExecuteAsync(
                        "insert into searchengine.snapshot_chunks (snapshot, ordinal, body) values ($1, $2, $3) on conflict do nothing",
                        token,
                        Of(id),
                        Of(ordinal),
                        Of(body)
                    )
            );
            await using (target.ConfigureAwait(false))
            {
                var bytes = await SnapshotArchive.PackAsync(folder, target, cancellationToken).ConfigureAwait(false);
                await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
                var kept = await database
                    .ExecuteAsync(
                        "update searchengine.snapshots set bytes = $2, chunks = $3, complete = true where id = $1",
                        cancellationToken,
                        Of(id),
                        Of(bytes),
                        Of(target.Chunks)
                    )
                    .ConfigureAwait(false);
                return kept == 1
                    ? new ShardSnapshot(id, shard, cursor, bytes, DateTimeOffset.UtcNow)
                    : throw new SharedLogException(
                        SharedLogError.CollectionNotFound,
                        $"The collection of shard {shard} was dropped while a snapshot of it was kept."
                    );
            }
        }
        catch
        {
            // Where this fails too, the next removal of a day later takes it away.
            await Quietly(() => RemoveAsync(id, CancellationToken.None)).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ShardSnapshot>> ListAsync(LogShard shard, CancellationToken cancellationToken = default) =>
        await database
            .ListAsync(
                """
                select id, position, entry, bytes, taken from searchengine.snapshots
                where collection = $1 and shard = $2 and complete order by position desc, taken desc
                """,
                reader => new ShardSnapshot(
                    reader.GetGuid(0),
                    shard,
                    new LogCursor(reader.GetInt64(1), reader.GetGuid(2)),
                    reader.GetInt64(3),
                    reader.GetFieldValue<DateTimeOffset>(4)
                ),
                cancellationToken,
                Of(shard.Collection),
                Of(shard.Shard)
            )
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task LoadAsync(ShardSnapshot snapshot, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var chunks =
            await database
                .ScalarAsync<int?>(
                    "select chunks from searchengine.snapshots where id = $1 and complete",
                    cancellationToken,
                    Of(snapshot.Id)
                )
                .ConfigureAwait(false)
            ?? throw snapshot.Gone();
        var source = new ChunkReader(
            chunks,
            async (ordinal, token) =>
                await database
                    .ScalarAsync<byte[]?>(
                        "select body from searchengine.snapshot_chunks where snapshot = $1 and ordinal = $2",
                        token,
                        Of(snapshot.Id),
                        Of(ordinal)
                    )
                    .ConfigureAwait(false)
                ?? throw snapshot.Gone()
        );
        await using (source.ConfigureAwait(false))
            await SnapshotArchive.UnpackAsync(source, folder, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task RemoveAsync(ShardSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return RemoveAsync(snapshot.Id, cancellationToken);
    }

    /// <inheritdoc />
    public Task RemoveAllAsync(Guid collection, CancellationToken cancellationToken = default) =>
        database.ExecuteAsync(
            """
            delete from searchengine.snapshots
            where collection = $1 or (not complete and taken < clock_timestamp() - interval '1 day')
            """,
            cancellationToken,
            Of(collection)
        );

    private Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from searchengine.snapshots where id = $1", cancellationToken, Of(id));

    private static async Task Quietly(Func<Task> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (SharedLogException)
        {
            // Another error is on its way already.
        }
    }
}
