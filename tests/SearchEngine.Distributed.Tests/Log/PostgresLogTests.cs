using System.Text;
using Npgsql;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Distributed.Tests.Log;

public sealed class PostgresLogTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly CollectionSchema Schema = new() { Name = "notes", Fields = [new("text", DataFieldType.String)] };

    private PostgresDatabase _database = null!;
    private PostgresLog _log = null!;
    private SharedCollection _notes = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.OpenAsync(options =>
            options with
            {
                RetryFor = TimeSpan.FromSeconds(20),
                RetryWindow = TimeSpan.FromHours(1),
            }
        );
        _log = new PostgresLog(_database);
        _notes = await _log.CreateCollectionAsync(Schema, 4, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
            await _log.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [Fact]
    public async Task Positions_are_without_gaps_and_a_repeated_id_has_the_first_one()
    {
        var random = new Random(TestSeed.Get(1));
        var given = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToArray();
        var appends = new List<(int Shard, Guid Id, Task<long> Position)>();
        for (var i = 0; i < 200; i++)
        {
            var (shard, id) = (random.Next(2), given[random.Next(given.Length)]);
            appends.Add((shard, id, _log.AppendAsync(_notes.LogOf(shard), id, Encoding.UTF8.GetBytes($"{shard} {id}"), Token)));
        }

        await Task.WhenAll(appends.Select(append => append.Position));
        foreach (var shard in Enumerable.Range(0, 2))
        {
            var positions = appends.Where(append => append.Shard == shard).ToLookup(append => append.Id, append => append.Position.Result);
            Assert.All(positions, of => Assert.Single(of.Distinct()));
            Assert.Equal(Enumerable.Range(1, positions.Count).Select(i => (long)i), positions.Select(of => of.First()).Order());
            var entries = await _log.ReadAsync(_notes.LogOf(shard), LogCursor.Beginning, cancellationToken: Token);
            Assert.Equal(positions.Count, entries.Count);
            Assert.All(entries, entry => Assert.Equal(positions[entry.Id].First(), entry.Position));
            Assert.All(entries, entry => Assert.Equal($"{shard} {entry.Id}", Encoding.UTF8.GetString(entry.Body.Span)));
        }
    }

    [Fact]
    public async Task No_entry_is_skipped_while_one_transaction_is_held_open()
    {
        var shard = _notes.LogOf(0);
        await _log.AppendAsync(shard, Guid.NewGuid(), new byte[] { 1 }, Token);
        var held = Guid.NewGuid();
        await using var connection = new NpgsqlConnection(_database.Options.ConnectionString);
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using (var append = new NpgsqlCommand("select * from searchengine.append($1, $2, $3, $4)", connection))
        {
            append.Parameters.Add(new() { Value = new[] { _notes.Id } });
            append.Parameters.Add(new() { Value = new[] { 0 } });
            append.Parameters.Add(new() { Value = new[] { held } });
            append.Parameters.Add(new() { Value = new[] { new byte[] { 2 } } });
            await append.ExecuteNonQueryAsync(Token);
        }

        var read = new List<LogEntry>();
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(async () =>
        {
            while (read.Count < 42)
            {
                stop.Token.ThrowIfCancellationRequested();
                read.AddRange(await _log.ReadAsync(shard, read.Count == 0 ? default : read[^1].Cursor, cancellationToken: Token));
            }
        });
        // A second program's log, so that its appends are no part of the first one's group.
        await using var other = new PostgresLog(_database);
        var appends = Enumerable
            .Range(0, 40)
            .Select(i => (i % 2 == 0 ? _log : other).AppendAsync(shard, Guid.NewGuid(), new byte[] { 3 }, Token))
            .ToArray();
        var elsewhere = await _log.AppendAsync(_notes.LogOf(1), Guid.NewGuid(), new byte[] { 4 }, Token);
        Assert.Equal(1, elsewhere);
        Assert.DoesNotContain(appends, append => append.IsCompleted);

        await transaction.CommitAsync(Token);
        await Task.WhenAll(appends);
        await reader.WaitAsync(TimeSpan.FromSeconds(60), Token);
        await stop.CancelAsync();
        Assert.Equal(Enumerable.Range(1, 42).Select(i => (long)i), read.Select(entry => entry.Position));
        Assert.Equal(held, read[1].Id);
    }

    [Fact]
    public async Task Entries_for_several_shards_are_appended_all_or_none()
    {
        LogAppend Entry(LogShard shard) => new(shard, Guid.NewGuid(), new byte[] { 1 });
        var missing = new LogShard(_notes.Id, 9);
        var good = Enumerable
            .Range(0, 20)
            .Select(i => _log.AppendManyAsync([Entry(_notes.LogOf(i % 4)), Entry(_notes.LogOf(3 - i % 4))], Token));
        var bad = _log.AppendManyAsync([Entry(_notes.LogOf(0)), Entry(missing)], Token);
        await Task.WhenAll(good);
        var refused = await Assert.ThrowsAsync<SharedLogException>(() => bad);
        Assert.Equal(SharedLogError.CollectionNotFound, refused.Error);
        Assert.Contains("/9", refused.Message, StringComparison.Ordinal);
        var heads = 0L;
        foreach (var shard in Enumerable.Range(0, 4))
            heads += (await _log.GetBoundsAsync(_notes.LogOf(shard), Token)).Head;
        Assert.Equal(40, heads);
    }

    [Fact]
    public async Task Reads_are_bounded_in_entries_and_bytes()
    {
        var shard = _notes.LogOf(0);
        for (var i = 0; i < 10; i++)
            await _log.AppendAsync(shard, Guid.NewGuid(), new byte[100_000], Token);
        Assert.Equal(3, (await _log.ReadAsync(shard, default, maxEntries: 3, cancellationToken: Token)).Count);
        Assert.Equal(3, (await _log.ReadAsync(shard, default, maxBytes: 250_000, cancellationToken: Token)).Count);
        Assert.Single(await _log.ReadAsync(shard, default, maxBytes: 1, cancellationToken: Token));
    }

    [Fact]
    public async Task What_was_trimmed_and_what_was_set_back_is_told_to_its_readers()
    {
        await using var forgetful = await PostgresDatabase.OpenAsync(
            _database.Options with
            {
                RetryFor = TimeSpan.FromMilliseconds(1),
                RetryWindow = TimeSpan.FromMilliseconds(1),
            },
            Token
        );
        await using var trimming = new PostgresLog(forgetful);
        var shard = _notes.LogOf(0);
        for (var i = 0; i < 10; i++)
            await _log.AppendAsync(shard, Guid.NewGuid(), new byte[1], Token);
        var entries = await _log.ReadAsync(shard, default, cancellationToken: Token);
        Assert.Equal(new LogBounds(0, 10), await _log.TrimAsync(shard, 5, Token));
        await Task.Delay(20, Token);
        Assert.Equal(new LogBounds(5, 10), await trimming.TrimAsync(shard, 5, Token));
        Assert.Equal(new LogBounds(5, 10), await trimming.TrimAsync(shard, 3, Token));

        var trimmed = await Assert.ThrowsAsync<SharedLogException>(() =>
            _log.ReadAsync(shard, entries[3].Cursor, cancellationToken: Token)
        );
        Assert.Equal(SharedLogError.Trimmed, trimmed.Error);
        Assert.Equal(5, (await _log.ReadAsync(shard, entries[4].Cursor, cancellationToken: Token)).Count);
        var other = await Assert.ThrowsAsync<SharedLogException>(() =>
            _log.ReadAsync(shard, new LogCursor(5, Guid.NewGuid()), cancellationToken: Token)
        );
        Assert.Equal(SharedLogError.Forked, other.Error);
        other = await Assert.ThrowsAsync<SharedLogException>(() =>
            _log.ReadAsync(shard, new LogCursor(7, Guid.NewGuid()), cancellationToken: Token)
        );
        Assert.Equal(SharedLogError.Forked, other.Error);
        other = await Assert.ThrowsAsync<SharedLogException>(() =>
            _log.ReadAsync(shard, new LogCursor(11, Guid.NewGuid()), cancellationToken: Token)
        );
        Assert.Equal(SharedLogError.Forked, other.Error);

        Assert.Equal(new LogBounds(10, 10), await trimming.TrimAsync(shard, long.MaxValue, Token));
        Assert.Equal(11, await _log.AppendAsync(shard, Guid.NewGuid(), new byte[1], Token));
        Assert.Equal(11, Assert.Single(await _log.ReadAsync(shard, entries[9].Cursor, cancellationToken: Token)).Position);
    }

    [Fact]
    public async Task A_collection_of_a_name_is_there_once_and_comes_back_as_another()
    {
        var exists = await Assert.ThrowsAsync<SharedLogException>(() => _log.CreateCollectionAsync(Schema, 2, Token));
        Assert.Equal(SharedLogError.CollectionExists, exists.Error);
        var stored = await _log.FindCollectionAsync("notes", Token);
        Assert.Equal(_notes.Id, stored!.Id);
        Assert.Equal("text", stored.Schema.Fields.Single().Name);
        await _log.AppendAsync(_notes.LogOf(0), Guid.NewGuid(), new byte[1], Token);
        Assert.True(await _log.DropCollectionAsync(_notes.Id, Token));
        Assert.False(await _log.DropCollectionAsync(_notes.Id, Token));
        Assert.Null(await _log.FindCollectionAsync("notes", Token));
        var again = await _log.CreateCollectionAsync(Schema, 2, Token);
        Assert.Equal(0, (await _log.GetBoundsAsync(again.LogOf(0), Token)).Head);
        foreach (
            var call in new Func<Task>[]
            {
                () => _log.AppendAsync(_notes.LogOf(0), Guid.NewGuid(), new byte[1], Token),
                () => _log.ReadAsync(_notes.LogOf(0), default, cancellationToken: Token),
                () => _log.GetBoundsAsync(_notes.LogOf(0), Token),
            }
        )
        {
            Assert.Equal(SharedLogError.CollectionNotFound, (await Assert.ThrowsAsync<SharedLogException>(call)).Error);
        }
    }

    [Fact]
    public async Task Errors_say_what_is_wrong_and_what_to_do()
    {
        var nowhere = new PostgresOptions
        {
            ConnectionString = "Host=127.0.0.1;Port=1;Database=x;Username=u",
            RetryFor = TimeSpan.FromMilliseconds(100),
        };
        var unavailable = await Assert.ThrowsAsync<SharedLogException>(() => PostgresDatabase.OpenAsync(nowhere, Token));
        Assert.Equal(SharedLogError.Unavailable, unavailable.Error);
        Assert.Contains("promote the standby", unavailable.Message, StringComparison.Ordinal);
        var missing = new NpgsqlConnectionStringBuilder(_database.Options.ConnectionString) { Database = "nowhere" }.ConnectionString;
        var refused = await Assert.ThrowsAsync<SharedLogException>(() =>
            PostgresDatabase.OpenAsync(new PostgresOptions { ConnectionString = missing }, Token)
        );
        Assert.Equal(SharedLogError.Refused, refused.Error);
        Assert.Contains("Make the database", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => PostgresDatabase.OpenAsync(new() { ConnectionString = "Port=no" }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            _log.AppendAsync(_notes.LogOf(0), Guid.NewGuid(), new byte[ISharedLog.MaxEntryBytes + 1], Token)
        );
        await Assert.ThrowsAsync<ArgumentException>(() => _log.AppendAsync(_notes.LogOf(0), Guid.Empty, new byte[1], Token));
        await Assert.ThrowsAsync<ArgumentException>(() => _log.CreateCollectionAsync(Schema with { Name = "x" }, 0, Token));
    }
}
