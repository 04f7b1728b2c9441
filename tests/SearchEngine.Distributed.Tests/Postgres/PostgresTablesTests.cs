using Npgsql;
using SearchEngine.Distributed.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Postgres;

public sealed class PostgresTablesTests(PostgresFixture server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>All programs of a cluster share PostgreSQL's hundred connections.</summary>
    [Fact]
    public async Task A_program_takes_few_connections_unless_it_is_told_how_many()
    {
        var given = await server.NewDatabaseAsync();
        foreach (var (added, expected) in new[] { ("", 16), (";Maximum Pool Size=40", 40), (";Minimum Pool Size=20", 20) })
        {
            var plain = new NpgsqlConnectionStringBuilder(given);
            plain.Remove("Maximum Pool Size");
            var options = new PostgresOptions { ConnectionString = plain.ConnectionString + added };
            await using var database = await PostgresDatabase.OpenAsync(options, Cancellation);
            Assert.Equal(expected, new NpgsqlConnectionStringBuilder(database.Source.ConnectionString).MaxPoolSize);
        }
    }

    /// <summary>The second has looked before the first commits, and waits for it: what it saw then must not be what it believes after.</summary>
    [Fact]
    public async Task A_silo_that_waited_for_another_to_make_the_tables_takes_them()
    {
        var connectionString = await server.NewDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var first = await source.OpenConnectionAsync(Cancellation);
        await using var transaction = await first.BeginTransactionAsync(Cancellation);
        await using var take = new NpgsqlCommand($"select pg_advisory_xact_lock({PostgresTables.MakersLock})", first);
        await take.ExecuteNonQueryAsync(Cancellation);

        var second = PostgresDatabase.OpenAsync(new PostgresOptions { ConnectionString = connectionString }, Cancellation);
        await WaitForWaiterAsync(source, second);
        await PostgresTables.CreateAsync(first, Cancellation);
        await transaction.CommitAsync(Cancellation);

        await using var opened = await second;
        await using var again = await PostgresDatabase.OpenAsync(opened.Options, Cancellation);
    }

    private static async Task WaitForWaiterAsync(NpgsqlDataSource source, Task opening)
    {
        await using var waiters = source.CreateCommand(
            """
            select count(*) from pg_locks l join pg_database d on d.oid = l.database
            where l.locktype = 'advisory' and not l.granted and d.datname = current_database()
            """
        );
        while (await waiters.ExecuteScalarAsync(Cancellation) is 0L)
        {
            Assert.False(opening.IsCompleted, "It opened without waiting for whoever makes the tables.");
            await Task.Delay(10, Cancellation);
        }
    }
}
