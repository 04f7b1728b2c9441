using Npgsql;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Postgres;

/// <summary>Makes the cluster's tables, and holds their version against this build's.</summary>
internal static class PostgresTables
{
    /// <summary>The schema of all tables.</summary>
    public const string Schema = "searchengine";

    /// <summary>Whoever makes tables holds this advisory lock, so that silos that start together do not make them twice.</summary>
    internal const long MakersLock = 0x5EA2C4E1;

    public static async Task<bool> EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await VersionAsync(connection, cancellationToken).ConfigureAwait(false) is { } version)
        {
            ThrowIfNewer(version);
            return false;
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, $"select pg_advisory_xact_lock({MakersLock})", cancellationToken).ConfigureAwait(false);
            if (await VersionAsync(connection, cancellationToken).ConfigureAwait(false) is { } madeMeanwhile)
                ThrowIfNewer(madeMeanwhile);
            else
                await CreateAsync(connection, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Makes the tables; the caller holds <see cref="MakersLock" /> and has seen that they are not there.</summary>
    internal static async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, Script("tables.sql"), cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, Script("membership.sql"), cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>
    /// It reads the catalogs' rows. <c>to_regclass</c> looks a name up in the connection's cache of names, and having waited for an
    /// advisory lock does not refresh that: it would go on saying "not there" of what another silo made meanwhile.
    /// </remarks>
    private static async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var exists = new NpgsqlCommand(
            """
            select exists(
                select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'searchengine' and c.relname = 'format')
            """,
            connection
        );
        if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
            return null;
        using var version = new NpgsqlCommand("select version from searchengine.format", connection);
        return (int?)await version.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void ThrowIfNewer(int version)
    {
        if (version > PostgresDatabase.FormatVersion)
        {
            throw new SharedLogException(
                SharedLogError.Refused,
                $"The cluster's tables have format version {version}; this build reads up to {PostgresDatabase.FormatVersion}. Use a newer build."
            );
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Script(string name)
    {
        using var stream = typeof(PostgresTables).Assembly.GetManifestResourceStream($"SearchEngine.Distributed.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
