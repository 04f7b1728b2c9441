using System.Diagnostics;
using Npgsql;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Postgres;

/// <summary>
/// A cluster's PostgreSQL, a primary with its standbys: runs statements on whichever is the primary, and runs them again while a failover
/// goes on. Everything that is run through it must bear being run twice. Thread-safe.
/// </summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>The tables' version; a newer one in the database is refused.</summary>
    public const int FormatVersion = 1;

    /// <summary>Seconds for which a host is held for a standby, or for dead, before it is looked at again: failovers take about that.</summary>
    private const int HostRecheckSeconds = 1;

    /// <summary>Seconds for a statement: what takes longer is taken for lost, and is run again.</summary>
    private const int CommandSeconds = 15;

    /// <summary>
    /// Connections of one program at most, where the connection string names no number: PostgreSQL takes 100 of all programs together unless
    /// told otherwise, and every silo and router is one. Statements take milliseconds, and wait for their turn.
    /// </summary>
    private const int MaxConnections = 16;

    /// <summary>Seconds after which a connection that nobody needs is given back to the others.</summary>
    private const int IdleSeconds = 30;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlDataSource _source;
    private readonly string _hosts;

    private PostgresDatabase(PostgresOptions options, NpgsqlDataSource source, string hosts) =>
        (Options, _source, _hosts) = (options, source, hosts);

    /// <summary>The options it was opened with.</summary>
    public PostgresOptions Options { get; }

    /// <summary>Connects and makes the tables where they are not there.</summary>
    /// <exception cref="ArgumentException">The connection string or another option is not valid.</exception>
    /// <exception cref="SharedLogException">No server answers, or it refuses, or its tables are of a newer build.</exception>
    public static async Task<PostgresDatabase> OpenAsync(PostgresOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var builder = Parse(options);
        var source = new NpgsqlDataSourceBuilder(builder.ConnectionString)
            .BuildMultiHost()
            .WithTargetSession(TargetSessionAttributes.Primary);
        var database = new PostgresDatabase(options, source, builder.Host!);
        try
        {
            await database.RunAsync(PostgresTables.EnsureAsync, cancellationToken).ConfigureAwait(false);
            return database;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connections to the primary.</summary>
    internal NpgsqlDataSource Source => _source;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>Runs on the primary; again, on whichever is the primary then, while errors are of a kind that passes.</summary>
    /// <exception cref="SharedLogException">It did not pass in time, or is of another kind.</exception>
    internal async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            try
            {
                var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                    return await run(connection, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && PostgresErrors.Passes(e))
            {
                var waited = Stopwatch.GetElapsedTime(begun);
                if (waited > Options.RetryFor)
                    throw PostgresErrors.Unavailable(waited, _hosts, e);
            }
            catch (Exception e) when (e is not OperationCanceledException && PostgresErrors.Refused(e) is { } refused)
            {
                throw refused;
            }

            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }

    private static NpgsqlConnectionStringBuilder Parse(PostgresOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ConnectionString);
        if (options.RetryFor <= TimeSpan.Zero)
            throw new ArgumentException($"RetryFor is {options.RetryFor}: it must be above zero.", nameof(options));
        if (options.RetryWindow < options.RetryFor)
        {
            throw new ArgumentException(
                $"RetryWindow is {options.RetryWindow}: it must not be below RetryFor ({options.RetryFor}), or an append could happen twice.",
                nameof(options)
            );
        }
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ArgumentException($"The connection string of PostgreSQL is not valid: {e.Message}", nameof(options), e);
        }

        if (string.IsNullOrWhiteSpace(builder.Host))
            throw new ArgumentException("The connection string of PostgreSQL names no host.", nameof(options));
        builder.TargetSessionAttributes = null;
        if (!builder.ShouldSerialize("Maximum Pool Size"))
            builder.MaxPoolSize = Math.Max(builder.MinPoolSize, MaxConnections);
        if (!builder.ShouldSerialize("Connection Idle Lifetime"))
            builder.ConnectionIdleLifetime = IdleSeconds;
        // Orleans names its tables without their schema.
        builder.SearchPath = PostgresTables.Schema;
        builder.HostRecheckSeconds = HostRecheckSeconds;
        builder.CommandTimeout = CommandSeconds;
        // A statement that is cancelled while its commit waits for the standby is committed without it, and PostgreSQL calls that a
        // success: a connection that has waited for too long is given up instead.
        builder.CancellationTimeout = -1;
        return builder;
    }
}
