using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Replication;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

namespace SearchEngine.Distributed.Placement;

/// <summary>Map and reports in the cluster's PostgreSQL; the map is changed by compare-and-swap on its epoch. Thread-safe.</summary>
public sealed class PostgresPlacement(PostgresDatabase database) : IPlacementStore
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
    };

    private sealed record Stored(int? ReplicationFactor, Dictionary<string, MemberState>? Members);

    /// <inheritdoc />
    public async Task<ClusterMap> GetMapAsync(CancellationToken cancellationToken = default)
    {
        var rows = await database
            .ListAsync(
                "select epoch, map from searchengine.placement",
                reader => (Epoch: reader.GetInt64(0), Map: reader.GetString(1)),
                cancellationToken
            )
            .ConfigureAwait(false);
        if (rows is not [var (epoch, map)])
        {
            throw new SharedLogException(
                SharedLogError.Refused,
                "The table searchengine.placement is empty: it was changed by other hands. Restore PostgreSQL's backup."
            );
        }

        var stored = JsonSerializer.Deserialize<Stored>(map, Json)!;
        return new ClusterMap(epoch, stored.ReplicationFactor ?? ClusterMap.DefaultReplicationFactor, stored.Members ?? []);
    }

    /// <inheritdoc />
    public async Task<ClusterMap> ChangeMapAsync(Func<ClusterMap, ClusterMap> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        while (true)
        {
            var map = await GetMapAsync(cancellationToken).ConfigureAwait(false);
            var changed = change(map);
            if (ReferenceEquals(changed, map))
                return map;
            // One that was carried out although its answer was lost is found when the change is made again of what stands then.
            var stored = JsonSerializer.Serialize(new Stored(changed.ReplicationFactor, new(changed.Members)), Json);
            var swapped = await database
                .ExecuteAsync(
                    "update searchengine.placement set epoch = epoch + 1, map = $2 where epoch = $1",
                    cancellationToken,
                    Of(map.Epoch),
                    Of(stored)
                )
                .ConfigureAwait(false);
            if (swapped == 1)
                return changed with { Epoch = map.Epoch + 1 };
        }
    }

    /// <inheritdoc />
    public Task ReportAsync(string silo, IReadOnlyList<ReplicaReport> replicas, CancellationToken cancellationToken = default)
    {
        ClusterMap.ValidateName(silo);
        ArgumentNullException.ThrowIfNull(replicas);
        return database.RunAsync(
            async (connection, token) =>
            {
                using var batch = new NpgsqlBatch(connection);
                var collections = replicas.Select(replica => replica.Shard.Collection).ToArray();
                var shards = replicas.Select(replica => replica.Shard.Shard).ToArray();
                batch.BatchCommands.Add(
                    new NpgsqlBatchCommand(
                        """
                        delete from searchengine.replicas r where r.silo = $1 and not exists (
                          select 1 from unnest($2, $3) as g(c, s) where g.c = r.collection and g.s = r.shard)
                        """
                    )
                    {
                        Parameters = { Of(silo), Of(collections), Of(shards) },
                    }
                );
                batch.BatchCommands.Add(
                    new NpgsqlBatchCommand(
                        """
                        insert into searchengine.replicas (silo, collection, shard, position, serving, bytes, fault)
                        select $1, g.* from unnest($2, $3, $4, $5, $6, $7) as g(c, s, p, v, b, f)
                        on conflict (collection, shard, silo) do update set position = excluded.position, serving = excluded.serving,
                          bytes = excluded.bytes, fault = excluded.fault, reported = clock_timestamp()
                        """
                    )
                    {
                        Parameters =
                        {
                            Of(silo),
                            Of(collections),
                            Of(shards),
                            Of(replicas.Select(replica => replica.Position).ToArray()),
                            Of(replicas.Select(replica => replica.IsServing).ToArray()),
                            Of(replicas.Select(replica => replica.DiskBytes).ToArray()),
                            Of(replicas.Select(replica => replica.Fault).ToArray()),
                        },
                    }
                );
                batch.BatchCommands.Add(
                    new NpgsqlBatchCommand(
                        """
                        insert into searchengine.silos (silo) values ($1)
                        on conflict (silo) do update set reported = clock_timestamp()
                        """
                    )
                    {
                        Parameters = { Of(silo) },
                    }
                );
                return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            },
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, TimeSpan>> ListSilosAsync(CancellationToken cancellationToken = default)
    {
        var silos = await database
            .ListAsync(
                "select silo, clock_timestamp() - reported from searchengine.silos",
                reader => KeyValuePair.Create(reader.GetString(0), reader.GetTimeSpan(1)),
                cancellationToken
            )
            .ConfigureAwait(false);
        return silos.ToDictionary();
    }

    /// <inheritdoc />
    public Task ForgetAsync(string silo, CancellationToken cancellationToken = default) =>
        database.RunAsync(
            async (connection, token) =>
            {
                using var batch = new NpgsqlBatch(connection);
                foreach (var table in new[] { "replicas", "silos" })
                {
                    batch.BatchCommands.Add(
                        new NpgsqlBatchCommand($"delete from searchengine.{table} where silo = $1") { Parameters = { Of(silo) } }
                    );
                }

                return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<IReadOnlyList<SiloReport>> ListReportsAsync(CancellationToken cancellationToken = default) =>
        await database
            .ListAsync(
                """
                select silo, collection, shard, position, serving, bytes, fault, clock_timestamp() - reported
                from searchengine.replicas order by collection, shard, silo
                """,
                reader => new SiloReport(
                    reader.GetString(0),
                    new ReplicaReport(
                        new LogShard(reader.GetGuid(1), reader.GetInt32(2)),
                        reader.GetInt64(3),
                        reader.GetBoolean(4),
                        reader.GetInt64(5),
                        reader.IsDBNull(6) ? null : reader.GetString(6)
                    ),
                    reader.GetTimeSpan(7)
                ),
                cancellationToken
            )
            .ConfigureAwait(false);
}
