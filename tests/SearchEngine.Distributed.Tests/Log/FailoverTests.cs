using System.Collections.Concurrent;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Log;

public sealed class FailoverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_happens_twice_when_the_primary_is_killed()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        await using var primary = await PostgresServer.StartAsync();
        await primary.CreateDatabaseAsync("cluster");
        await using var standby = await primary.AddStandbyAsync();
        await using var database = await PostgresDatabase.OpenAsync(
            new PostgresOptions { ConnectionString = primary.ConnectionString("cluster", standby), RetryFor = TimeSpan.FromMinutes(2) },
            Token
        );
        await using var log = new PostgresLog(database);
        var notes = await log.CreateCollectionAsync(new CollectionSchema { Name = "notes" }, 2, Token);

        const int appenders = 4;
        const int each = 150;
        var acknowledged = new ConcurrentDictionary<Guid, (int Shard, long Position)>();
        var half = new TaskCompletionSource();
        var appending = Enumerable
            .Range(0, appenders)
            .Select(appender =>
                Task.Run(async () =>
                {
                    for (var i = 0; i < each; i++)
                    {
                        var (shard, id) = ((appender + i) % 2, Guid.NewGuid());
                        var position = await log.AppendAsync(notes.LogOf(shard), id, id.ToByteArray(), Token);
                        acknowledged.TryAdd(id, (shard, position));
                        if (acknowledged.Count > appenders * each / 3)
                            half.TrySetResult();
                    }
                })
            )
            .ToArray();
        await half.Task.WaitAsync(Token);
        await primary.KillAsync();
        await standby.PromoteAsync();
        await Task.WhenAll(appending);

        var found = new Dictionary<Guid, (int Shard, long Position)>();
        foreach (var shard in Enumerable.Range(0, 2))
        {
            var cursor = LogCursor.Beginning;
            while (await log.ReadAsync(notes.LogOf(shard), cursor, cancellationToken: Token) is { Count: > 0 } entries)
            {
                foreach (var entry in entries)
                    found.Add(entry.Id, (shard, entry.Position));
                cursor = entries[^1].Cursor;
            }
        }

        Assert.Equal(acknowledged.OrderBy(pair => pair.Key), found.OrderBy(pair => pair.Key));
    }
}
