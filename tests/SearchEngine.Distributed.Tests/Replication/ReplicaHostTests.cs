using System.Globalization;
using System.Text;
using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Snapshots;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Distributed.Tests.Replication;

public sealed class ReplicaHostTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "notes",
        Fields = [new("text", DataFieldType.String) { IsFullText = true }],
        Vectors = [new("vector", 8)],
    };

    private readonly TemporaryDirectory _folder = new();
    private readonly List<IAsyncDisposable> _open = [];
    private readonly SortedDictionary<string, string> _model = new(StringComparer.Ordinal);
    private readonly Random _random = new(TestSeed.Get(5));
    private PostgresDatabase _database = null!;
    private PostgresLog _log = null!;
    private FolderSnapshotStore _snapshots = null!;
    private SharedCollection _notes = null!;
    private long _appended;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private LogShard Shard => _notes.LogOf(0);

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.OpenAsync(options =>
            options with
            {
                RetryFor = TimeSpan.FromMilliseconds(1),
                RetryWindow = TimeSpan.FromMilliseconds(1),
            }
        );
        _log = new PostgresLog(_database);
        _snapshots = new FolderSnapshotStore(_folder.Combine("snapshots"));
        _notes = await _log.CreateCollectionAsync(Schema, 1, Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
            await open.DisposeAsync();
        if (_log is not null)
            await _log.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Replicas_of_a_shard_hold_what_the_log_says_each_entry_once()
    {
        var first = await HostAsync("a");
        await AppendAsync(100);
        var second = await HostAsync("b");
        await AppendAsync(100);
        await Task.WhenAll(HoldsTheModelAsync(first), HoldsTheModelAsync(second));

        // Closed and opened again, one of them behind.
        await first.DisposeAsync();
        await AppendAsync(50);
        await HoldsTheModelAsync(second);
        await HoldsTheModelAsync(await HostAsync("a"));
    }

    [Fact]
    public async Task A_new_replica_starts_from_a_snapshot_while_the_log_is_trimmed_under_it()
    {
        var first = await HostAsync("a");
        await AppendAsync(120);
        await CountAsync(first);
        Assert.NotNull(await first.KeepSnapshotAsync(Shard, Token));
        Assert.Equal(120, (await _log.GetBoundsAsync(Shard, Token)).Trimmed);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var trimming = Task.Run(
            async () =>
            {
                for (var i = 0; i < 15; i++)
                {
                    await AppendAsync(20);
                    await CountAsync(first);
                    await first.KeepSnapshotAsync(Shard, Token);
                }
            },
            Token
        );
        var second = await HostAsync("b");
        await trimming;
        await Task.WhenAll(HoldsTheModelAsync(first), HoldsTheModelAsync(second));
        var bounds = await _log.GetBoundsAsync(Shard, Token);
        Assert.Equal((420, 420), (bounds.Trimmed, bounds.Head));
        Assert.Single(await _snapshots.ListAsync(Shard, Token));
    }

    [Fact]
    public async Task A_replica_of_a_log_that_was_set_back_is_made_anew()
    {
        var host = await HostAsync("a");
        await AppendAsync(30);
        var kept = new Dictionary<string, string>(_model);
        await AppendAsync(5);
        await HoldsTheModelAsync(host);
        // A server that had not everything took over: entries that were read are gone, others stand in their place.
        await using (var source = NpgsqlDataSource.Create(_database.Options.ConnectionString))
        {
            await using var set = source.CreateCommand(
                "begin; delete from searchengine.entries where position > 30; update searchengine.heads set head = 30; commit"
            );
            await set.ExecuteNonQueryAsync(Token);
        }

        _model.Clear();
        foreach (var (key, text) in kept)
            _model.Add(key, text);
        _appended = 30;
        await AppendAsync(9);
        await HoldsTheModelAsync(host);
    }

    [Fact]
    public async Task A_damaged_replica_is_made_anew()
    {
        var host = await HostAsync("a");
        await AppendAsync(60);
        await HoldsTheModelAsync(host);
        await host.DisposeAsync();
        var damaged = 0;
        foreach (var file in Directory.EnumerateFiles(_folder.Combine("a"), "schema.json", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file, Token);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, Token);
            damaged++;
        }

        Assert.NotEqual(0, damaged);
        await HoldsTheModelAsync(await HostAsync("a"));
    }

    [Fact]
    public async Task What_is_not_held_or_dropped_does_not_answer_and_a_removed_replica_gives_its_disk_back()
    {
        var host = await HostAsync("a");
        await AppendAsync(10);
        await HoldsTheModelAsync(host);
        await Assert.ThrowsAsync<ShardUnreachableException>(() => host.CallAsync(new LogShard(_notes.Id, 1), "count", 0, default, Token));
        await _log.DropCollectionAsync(_notes.Id, Token);
        await UntilAsync(async () =>
        {
            try
            {
                await host.CallAsync(Shard, "count", 0, default, Token);
                return false;
            }
            catch (ShardUnreachableException)
            {
                return true;
            }
        });
        Assert.NotEmpty(Directory.GetDirectories(_folder.Combine("a")));
        await host.RemoveAsync(Shard);
        Assert.Empty(Directory.GetDirectories(_folder.Combine("a")));
        Assert.Empty(host.Held);
    }

    private async Task<ReplicaHost> HostAsync(string name)
    {
        var options = new ReplicaOptions
        {
            Directory = _folder.Combine(name),
            PollInterval = TimeSpan.FromMilliseconds(20),
            SnapshotsKept = 1,
        };
        var host = new ReplicaHost(options, _log, _snapshots, CountingReplica.OpenAsync);
        _open.Add(host);
        await host.AssignAsync([(_notes, 0)]);
        return host;
    }

    /// <summary>Appends entries of random upserts and deletes, to the log and to the model.</summary>
    private async Task AppendAsync(int entries)
    {
        for (var i = 0; i < entries; i++)
        {
            var batch = new WriteBatch();
            for (var operation = _random.Next(1, 4); operation > 0; operation--)
            {
                var key = $"k{_random.Next(60)}";
                if (_random.Next(4) == 0)
                {
                    batch.Delete(key);
                    _model.Remove(key);
                    continue;
                }

                var text = $"words {_random.Next(1000)}";
                batch.Upsert(
                    new Document(key)
                    {
                        ["text"] = text,
                        Vectors = { ["vector"] = Enumerable.Range(0, 8).Select(_ => _random.NextSingle()).ToArray() },
                    }
                );
                _model[key] = text;
            }

            _appended = await _log.AppendAsync(Shard, Guid.NewGuid(), CountingReplica.Entry(batch, Schema), Token);
        }
    }

    /// <summary>Waits until a host answers with everything appended.</summary>
    private async Task<long> CountAsync(ReplicaHost host)
    {
        var count = 0L;
        // A replica that is made anew meanwhile never answers, and is asked again; a busy machine takes longer than any time that is set.
        var patience = TimeSpan.FromSeconds(1);
        await UntilAsync(async () =>
        {
            try
            {
                var reply = await host.CallAsync(Shard, "count", Volatile.Read(ref _appended), default, Token).WaitAsync(patience, Token);
                count = long.Parse(Encoding.UTF8.GetString(reply.Span), CultureInfo.InvariantCulture);
                return true;
            }
            catch (ShardUnreachableException)
            {
                return false;
            }
            catch (TimeoutException)
            {
                patience *= 2;
                return false;
            }
        });
        return count;
    }

    private async Task HoldsTheModelAsync(ReplicaHost host)
    {
        Assert.Equal(_model.Count, await CountAsync(host));
        var found = await host.WithCollectionAsync(
            Shard,
            async (collection, position) =>
            {
                Assert.Equal(_appended, position);
                Assert.Equal(_appended, CountingReplica.CountOf(collection));
                var report = await collection.VerifyAsync(cancellationToken: Token);
                Assert.Empty(report.Problems);
                return collection.Query(new RecordQuery(), Token).ToDictionary(d => d.Key.ToString(), d => d.Get<string>("text")!);
            }
        );
        Assert.Equal(_model, found!.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(20, Token);
    }
}
