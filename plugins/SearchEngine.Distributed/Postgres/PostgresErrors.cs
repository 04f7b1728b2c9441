using Npgsql;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Postgres;

/// <summary>Tells what passes by itself (a failover, a lost connection) from what does not, and makes errors of the latter.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether trying again, perhaps on another server, may help. The statement may have been carried out.</summary>
    public static bool Passes(Exception exception) =>
        exception switch
        {
            PostgresException e => e.SqlState
                is PostgresErrorCodes.ReadOnlySqlTransaction
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.TooManyConnections
                    or PostgresErrorCodes.QueryCanceled
                || e.SqlState.StartsWith("08", StringComparison.Ordinal)
                || e.SqlState.StartsWith("57P", StringComparison.Ordinal),
            NpgsqlException => RefusalWithin(exception) is null,
            IOException or TimeoutException or System.Net.Sockets.SocketException => true,
            _ => false,
        };

    /// <summary>The error of what does not pass; null for what is not PostgreSQL's.</summary>
    public static SharedLogException? Refused(Exception exception)
    {
        var refusal = exception as PostgresException ?? (exception is NpgsqlException ? RefusalWithin(exception) : null);
        return refusal is null
            ? null
            : new SharedLogException(
                SharedLogError.Refused,
                $"PostgreSQL refused: {refusal.MessageText} ({refusal.SqlState}).{Advice(refusal.SqlState)}",
                exception
            );
    }

    /// <summary>The error after trying for long enough.</summary>
    public static SharedLogException Unavailable(TimeSpan waited, string hosts, Exception last) =>
        new(
            SharedLogError.Unavailable,
            FormattableString.Invariant(
                $"No PostgreSQL server of {hosts} answered as the primary within {waited.TotalSeconds:0.#} s ({last.Message}). {(last is PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } full ? Advice(full.SqlState).Trim() : "Start it, or promote the standby; then try again.")}"
            ),
            last
        );

    /// <summary>An attempt to connect to several hosts gathers their errors; wrong credentials on one of them do not pass.</summary>
    private static PostgresException? RefusalWithin(Exception exception) =>
        exception.InnerException switch
        {
            AggregateException all => all.InnerExceptions.OfType<PostgresException>().FirstOrDefault(e => !Passes(e)),
            PostgresException one when !Passes(one) => one,
            _ => null,
        };

    private static string Advice(string state) =>
        state switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                " Check user and password of the connection string.",
            PostgresErrorCodes.InvalidCatalogName => " Make the database, or name another in the connection string.",
            PostgresErrorCodes.InsufficientPrivilege => " The user needs the right to create a schema in the database.",
            PostgresErrorCodes.TooManyConnections => " Raise its max_connections, or lower Maximum Pool Size in the connection strings.",
            PostgresErrorCodes.DiskFull => " Free space on the server.",
            _ => "",
        };
}
