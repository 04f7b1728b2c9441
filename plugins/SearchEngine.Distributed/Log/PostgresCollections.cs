using System.Text.Json;
using Npgsql;
using SearchEngine.Distributed.Postgres;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

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
                            Parameters = { Of(collection) },
                        }
                    );
                }

                var last = new NpgsqlBatchCommand("delete from searchengine.collections where id = $1") { Parameters = { Of(collection) } };
                batch.BatchCommands.Add(last);
                await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                return last.RecordsAffected > 0;
            },
            cancellationToken
        );

    /// <summary>All collections, or the one of a name.</summary>
    public async Task<IReadOnlyList<SharedCollection>> ListAsync(string? name, CancellationToken cancellationToken) =>
        await database
            .ListAsync(
                "select id, schema, shards from searchengine.collections where $1 is null or name = $1 order by name collate \"C\"",
                reader => new SharedCollection(reader.GetGuid(0), ReadSchema(reader.GetString(1)), reader.GetInt32(2)),
                cancellationToken,
                Of(name)
            )
            .ConfigureAwait(false);

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
                    Parameters = { Of(collection.Id), Of(collection.Name), Of(SchemaJson.Write(collection.Schema)), Of(collection.Shards) },
                },
                new NpgsqlBatchCommand(
                    "insert into searchengine.heads (collection, shard) select $1, s from generate_series(0, $2 - 1) s on conflict do nothing"
                )
                {
                    Parameters = { Of(collection.Id), Of(collection.Shards) },
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

    private static CollectionSchema ReadSchema(string json)
    {
        try
        {
            return SchemaJson.Read(json);
        }
        catch (JsonException e)
        {
            throw new SharedLogException(SharedLogError.Refused, $"A collection's stored schema cannot be read: {e.Message}", e);
        }
    }
}
