using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Tests.Postgres;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>A collection in shards whose replicas all run in this process, over a log in PostgreSQL.</summary>
internal sealed class LocalCluster : IShardMap, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly PostgresDatabase _database;
    private readonly List<LocalReplica>[] _replicas;

    private LocalCluster(PostgresDatabase database, PostgresLog log, SharedCollection shared)
    {
        (_database, Log, Shared) = (database, log, shared);
        _replicas = [.. Enumerable.Range(0, shared.Shards).Select(_ => new List<LocalReplica>())];
    }

    public SharedCollection Shared { get; }

    public ISharedLog Log { get; }

    public int Shards => Shared.Shards;

    public static async Task<LocalCluster> StartAsync(PostgresFixture postgres, CollectionSchema schema, int shards, int replicas = 1)
    {
        var database = await postgres.OpenAsync();
        var log = new PostgresLog(database);
        var cluster = new LocalCluster(database, log, await log.CreateCollectionAsync(schema, shards));
        for (var shard = 0; shard < shards; shard++)
        {
            for (var replica = 0; replica < replicas; replica++)
                await cluster.AddAsync(shard);
        }

        return cluster;
    }

    public async Task<LocalReplica> AddAsync(int shard)
    {
        var made = await LocalReplica.StartAsync(Log, Shared, shard, $"replica {_replicas[shard].Count} of shard {shard}");
        _replicas[shard].Add(made);
        return made;
    }

    /// <summary>A router; one that is not told otherwise has all the time that a busy machine may take.</summary>
    public DistributedCollection Router(RouterOptions? options = null)
    {
        var (plain, given) = (new RouterOptions(), options ?? new RouterOptions());
        if (given.Timeout == plain.Timeout && given.AttemptTimeout == plain.AttemptTimeout)
            given = given with { Timeout = Patience, AttemptTimeout = Patience };
        return new(Shared, this, Log, given);
    }

    public IReadOnlyList<LocalReplica> ReplicasAt(int shard) => _replicas[shard];

    public IReadOnlyList<IShardTransport> ReplicasOf(int shard) => [.. _replicas[shard]];

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas.SelectMany(replicas => replicas))
            await replica.DisposeAsync();
        await Log.DisposeAsync();
        await _database.DisposeAsync();
    }
}
