using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Routing.Serving;
using SearchEngine.Distributed.Snapshots;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>A cluster of one machine in this process: the log in PostgreSQL, replicas of all shards, and the database over both.</summary>
internal sealed class ClusterStore : IAsyncDisposable
{
    /// <summary>How to connect to a PostgreSQL whose user may make databases; where it is set, the tests of the connector run over a cluster.</summary>
    public const string Variable = "SEARCHENGINE_TEST_CLUSTER";

    private readonly TempDirectory _directory = new();
    private readonly PostgresDatabase _postgres;
    private readonly PostgresLog _log;
    private readonly ReplicaHost _host;

    private ClusterStore(PostgresDatabase postgres)
    {
        _postgres = postgres;
        _log = new PostgresLog(postgres);
        _host = new ReplicaHost(
            new ReplicaOptions
            {
                Directory = _directory.Sub("replicas"),
                Database = new SearchDatabaseOptions
                {
                    Directory = ".",
                    Durability = DatabaseDurability.None,
                    MemoryBytes = 16 << 20,
                },
                PollInterval = TimeSpan.FromMilliseconds(10),
            },
            _log,
            new FolderSnapshotStore(_directory.Sub("snapshots")),
            async (collection, token) => await ShardReplica.OpenAsync(collection, token)
        );
        Database = new DistributedDatabase(
            "db",
            _log,
            collection => new HostMap(_host, collection),
            new DistributedDatabaseOptions
            {
                Shards = 2,
                // What a batch of a test expects of several records is decided by each shard.
                Router = new RouterOptions { Atomicity = BatchAtomicity.PerShard },
            }
        );
    }

    public DistributedDatabase Database { get; }

    /// <summary>A cluster where the variable asks for one; else null.</summary>
    public static async Task<ClusterStore?> OpenIfAskedAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } admin)
            return null;
        var name = $"store{Guid.NewGuid():N}";
        await using (var source = NpgsqlDataSource.Create(admin))
            await source.CreateCommand($"create database {name}").ExecuteNonQueryAsync();
        var connection = new NpgsqlConnectionStringBuilder(admin) { Database = name, MaxPoolSize = 10 };
        return new ClusterStore(await PostgresDatabase.OpenAsync(new PostgresOptions { ConnectionString = connection.ConnectionString }));
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _host.DisposeAsync();
        await _log.DisposeAsync();
        await _postgres.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>All shards of a collection on the one host, which begins to hold them when they are first asked for.</summary>
    private sealed class HostMap(ReplicaHost host, SharedCollection collection) : IShardMap
    {
        private readonly Lazy<Task> _assigned = new(() =>
            host.AssignAsync(Enumerable.Range(0, collection.Shards).Select(shard => (collection, shard)))
        );

        public int Shards => collection.Shards;

        public IReadOnlyList<IShardTransport> ReplicasOf(int shard)
        {
            _ = _assigned.Value;
            return [new HostTransport(host, collection.LogOf(shard))];
        }
    }

    private sealed class HostTransport(ReplicaHost host, LogShard shard) : IShardTransport
    {
        public string Name => "this process";

        public async Task<ReadOnlyMemory<byte>> CallAsync(
            string operation,
            long minimumPosition,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken
        ) => await host.CallAsync(shard, operation, minimumPosition, body, cancellationToken);
    }
}
