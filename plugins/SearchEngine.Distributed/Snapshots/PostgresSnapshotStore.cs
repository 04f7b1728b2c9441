using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using static SearchEngine.Distributed.Log.PostgresLog;

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
        await ExecuteAsync(
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
                    ExecuteAsync(
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
                var kept = await ExecuteAsync(
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
    public Task<IReadOnlyList<ShardSnapshot>> ListAsync(LogShard shard, CancellationToken cancellationToken = default) =>
        database.RunAsync<IReadOnlyList<ShardSnapshot>>(
            async (connection, token) =>
            {
                using var command = new NpgsqlCommand(
                    """
                    select id, position, entry, bytes, taken from searchengine.snapshots
                    where collection = $1 and shard = $2 and complete order by position desc, taken desc
                    """,
                    connection
                )
                {
                    Parameters = { Of(shard.Collection), Of(shard.Shard) },
                };
                var snapshots = new List<ShardSnapshot>();
                using var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    snapshots.Add(
                        new ShardSnapshot(
                            reader.GetGuid(0),
                            shard,
                            new LogCursor(reader.GetInt64(1), reader.GetGuid(2)),
                            reader.GetInt64(3),
                            reader.GetFieldValue<DateTimeOffset>(4)
                        )
                    );
                }

                return snapshots;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task LoadAsync(ShardSnapshot snapshot, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var chunks =
            await ScalarAsync<int?>(
                    "select chunks from searchengine.snapshots where id = $1 and complete",
                    cancellationToken,
                    Of(snapshot.Id)
                )
                .ConfigureAwait(false)
            ?? throw Gone(snapshot);
        var source = new ChunkReader(
            chunks,
            async (ordinal, token) =>
                await ScalarAsync<byte[]?>(
                        "select body from searchengine.snapshot_chunks where snapshot = $1 and ordinal = $2",
                        token,
                        Of(snapshot.Id),
                        Of(ordinal)
                    )
                    .ConfigureAwait(false)
                ?? throw Gone(snapshot)
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
        ExecuteAsync(
            """
            delete from searchengine.snapshots
            where collection = $1 or (not complete and taken < clock_timestamp() - interval '1 day')
            """,
            cancellationToken,
            Of(collection)
        );

    private static FileNotFoundException Gone(ShardSnapshot snapshot) =>
        new($"Snapshot {snapshot.Id} of shard {snapshot.Shard} is not kept any more.");

    private Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        ExecuteAsync("delete from searchengine.snapshots where id = $1", cancellationToken, Of(id));

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

    private Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        database.RunAsync(
            async (connection, token) =>
            {
                using var command = Command(connection, sql, parameters);
                return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            },
            cancellationToken
        );

    private Task<T?> ScalarAsync<T>(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        database.RunAsync(
            async (connection, token) =>
            {
                using var command = Command(connection, sql, parameters);
                return (T?)await command.ExecuteScalarAsync(token).ConfigureAwait(false);
            },
            cancellationToken
        );

    /// <summary>A statement with its own copies of the parameters: one that is run again may not share them with the first.</summary>
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter.Clone());
        return command;
    }
}
