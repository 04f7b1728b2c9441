using Npgsql;

namespace SearchEngine.Distributed.Postgres;

/// <summary>
/// Single statements, tried again as <see cref="PostgresDatabase.RunAsync"/> does: each attempt has a command of its own. Thread-safe.
/// </summary>
internal static class PostgresStatements
{
    /// <summary>A parameter of the type of its value, nulls included.</summary>
    public static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    /// <summary>Runs a statement; returns how many rows it changed.</summary>
    public static Task<int> ExecuteAsync(
        this PostgresDatabase database,
        string sql,
        CancellationToken cancellationToken,
        params NpgsqlParameter[] parameters
    ) => database.RunAsync(sql, parameters, (command, token) => command.ExecuteNonQueryAsync(token), cancellationToken);

    /// <summary>The first value of a statement's first row; null where there is no row.</summary>
    public static Task<T?> ScalarAsync<T>(
        this PostgresDatabase database,
        string sql,
        CancellationToken cancellationToken,
        params NpgsqlParameter[] parameters
    ) =>
        database.RunAsync(
            sql,
            parameters,
            async (command, token) => (T?)await command.ExecuteScalarAsync(token).ConfigureAwait(false),
            cancellationToken
        );

    /// <summary>The rows of a statement.</summary>
    public static Task<List<T>> ListAsync<T>(
        this PostgresDatabase database,
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken,
        params NpgsqlParameter[] parameters
    ) =>
        database.RunAsync(
            sql,
            parameters,
            async (command, token) =>
            {
                using var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                var rows = new List<T>();
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken
        );

    private static Task<T> RunAsync<T>(
        this PostgresDatabase database,
        string sql,
        NpgsqlParameter[] parameters,
        Func<NpgsqlCommand, CancellationToken, Task<T>> run,
        CancellationToken cancellationToken
    ) =>
        database.RunAsync(
            async (connection, token) =>
            {
                using var command = new NpgsqlCommand(sql, connection);
                // A parameter belongs to one command, and whoever is tried again has another.
                foreach (var parameter in parameters)
                    command.Parameters.Add(parameter.Clone());
                return await run(command, token).ConfigureAwait(false);
            },
            cancellationToken
        );
}
