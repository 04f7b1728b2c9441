using Npgsql;
using SearchEngine.Distributed.Postgres;

namespace SearchEngine.Distributed.Log;

/// <summary>The list of the cluster's collections in PostgreSQL. Thread-safe.</summary>
internal sealed class PostgresCollections(PostgresDatabase database)
{
    /// <summary>Shards of a collection at most: a search asks each of them.</summary>
    public const int MaxShards = 1024;

    public Task<SharedCollection> CreateAsync(CollectionSchema schema, int shards, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (shards is < 1 or > MaxShards)
            throw new ArgumentException($"{shards} shards: 1 to {MaxShards} can be made.", nameof(shards));
        // The id is given out here, so that a creation that is tried again finds its own.
        var collection = new SharedCollection(Guid.NewGuid(), schema, shards);
        return database.RunAsync((connection, token) => CreateAsync(connection, collection, token), cancellationToken);
    }

    public Task<bool> DropAsync(Guid collection, CancellationToken cancellationToken) =>
        database.RunAsync(
            async (connection, token) =>
            {
                using var batch = new NpgsqlBatch(connection);
                // The heads first: whoever appends holds their locks, and finds none of them afterwards.
                foreach (var table in new[] { "heads", "entries" })
                {
                    batch.BatchCommands.Add(
                        new NpgsqlBatchCommand($"delete from searchengine.{table} where collection = $1")
                        {
                            Parameters = { PostgresLog.Of(collection) },
                        }
                    );
                }

                var last = new NpgsqlBatchCommand("delete from searchengine.collections where id = $1")
                {
                    Parameters = { PostgresLog.Of(collection) },
                };
                batch.BatchCommands.Add(last);
                await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                return last.RecordsAffected > 0;
            },
            cancellationToken
        );

    /// <summary>All collections, or the one of a name.</summary>
    public Task<IReadOnlyList<SharedCollection>> ListAsync(string? name, CancellationToken cancellationToken) =>
        database.RunAsync<IReadOnlyList<SharedCollection>>(
            async (connection, token) =>
            {
                using var command = new NpgsqlCommand(
                    "select id, schema, shards from searchengine.collections where $1 is null or name = $1 order by name collate \"C\"",
                    connection
                )
                {
                    Parameters = { PostgresLog.Of(name) },
                };
                var collections = new List<SharedCollection>();
                using var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                    collections.Add(new SharedCollection(reader.GetGuid(0), SchemaJson.Read(reader.GetString(1)), reader.GetInt32(2)));
                return collections;
            },
            cancellationToken
        );

    private static async Task<SharedCollection> CreateAsync(
        NpgsqlConnection connection,
        SharedCollection collection,
        CancellationToken token
    )
    {
        using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(
                    "insert into searchengine.collections (id, name, schema, shards) values ($1, $2, $3, $4) on conflict (id) do nothing"
                )
                {
                    Parameters =
                    {
                        PostgresLog.Of(collection.Id),
                        PostgresLog.Of(collection.Name),
                        PostgresLog.Of(SchemaJson.Write(collection.Schema)),
                        PostgresLog.Of(collection.Shards),
                    },
                },
                new NpgsqlBatchCommand(
                    "insert into searchengine.heads (collection, shard) select $1, s from generate_series(0, $2 - 1) s on conflict do nothing"
                )
                {
                    Parameters = { PostgresLog.Of(collection.Id), PostgresLog.Of(collection.Shards) },
                },
            },
        };
        try
        {
            await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            return collection;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new SharedLogException(SharedLogError.CollectionExists, $"The cluster has a collection '{collection.Name}' already.", e);
        }
    }
}
