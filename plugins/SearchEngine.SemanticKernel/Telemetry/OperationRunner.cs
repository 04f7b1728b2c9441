using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Runs a store's operations: opens the database, traces, measures and logs, and turns the engine's failures into
/// <see cref="VectorStoreException"/>s that name system, store, collection and operation. Wrong arguments, cancellation and errors of the
/// caller's own code (an embedding generator) pass as they are. Thread-safe.
/// </summary>
internal sealed class OperationRunner(DatabaseLease lease, ILoggerFactory? loggerFactory)
{
    private readonly ILogger _logger = (ILogger?)loggerFactory?.CreateLogger("SearchEngine.SemanticKernel") ?? NullLogger.Instance;

    /// <summary>The database under the store.</summary>
    public DatabaseLease Lease => lease;

    /// <summary>Runs an operation on the database.</summary>
    public async Task<T> RunAsync<T>(
        string operation,
        string? collection,
        Func<ISearchDatabase, Task<T>> body,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        using var activity = StartActivity(operation, collection);
        Exception? error = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var database = await lease.GetAsync(cancellationToken).ConfigureAwait(false);
            return await body(database).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEngineFailure(e))
        {
            error = e;
            throw Wrap(e, operation, collection);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            Record(operation, collection, activity, started, error);
        }
    }

    /// <summary>Runs an operation on a collection that must exist.</summary>
    public Task<T> RunAsync<T>(
        string operation,
        string collection,
        Func<ISearchCollection, Task<T>> body,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            operation,
            collection,
            async (ISearchDatabase database) =>
                await body(await database.GetCollectionAsync(collection, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false),
            cancellationToken
        );

    /// <summary>Notes how many records an operation returned.</summary>
    public void CountReturned(string operation, string? collection, long rows)
    {
        if (SearchEngineTelemetry.ReturnedRows.Enabled)
            SearchEngineTelemetry.ReturnedRows.Record(rows, Tags(operation, collection, null));
    }

    /// <summary>Whether an exception is the database's failure (and not a wrong argument, a cancellation or a foreign error).</summary>
    public static bool IsEngineFailure(Exception exception) =>
        exception is SearchDatabaseException or IOException or UnauthorizedAccessException;

    /// <summary>The exception that callers of the abstraction expect, in its words.</summary>
    public VectorStoreException Wrap(Exception exception, string operation, string? collection) =>
        new(
            exception is SearchDatabaseException { Error: SearchDatabaseError.CollectionNotFound }
                ? $"{exception.Message} {nameof(VectorStoreCollection<,>.EnsureCollectionExistsAsync)} makes it."
                : exception.Message,
            exception
        )
        {
            VectorStoreSystemName = SearchEngineTelemetry.SystemName,
            VectorStoreName = lease.Name,
            CollectionName = collection,
            OperationName = operation,
        };

    private Activity? StartActivity(string operation, string? collection)
    {
        if (!SearchEngineTelemetry.Source.HasListeners())
            return null;
        var activity = SearchEngineTelemetry.Source.StartActivity(
            collection is null ? operation : $"{operation} {collection}",
            ActivityKind.Client
        );
        if (activity is null)
            return null;
        activity.SetTag("db.system.name", SearchEngineTelemetry.SystemName);
        activity.SetTag("db.namespace", lease.Name);
        activity.SetTag("db.operation.name", operation);
        if (collection is not null)
            activity.SetTag("db.collection.name", collection);
        return activity;
    }

    private void Record(string operation, string? collection, Activity? activity, long started, Exception? error)
    {
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (error is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            activity?.SetTag("error.type", error.GetType().FullName);
            if (error is not OperationCanceledException)
                ConnectorLog.Failed(_logger, operation, collection, error);
        }
        else if (_logger.IsEnabled(LogLevel.Debug))
        {
            ConnectorLog.Completed(_logger, operation, collection, elapsed.TotalMilliseconds);
        }

        if (SearchEngineTelemetry.Duration.Enabled)
            SearchEngineTelemetry.Duration.Record(elapsed.TotalSeconds, Tags(operation, collection, error));
    }

    private TagList Tags(string operation, string? collection, Exception? error)
    {
        var tags = new TagList
        {
            { "db.system.name", SearchEngineTelemetry.SystemName },
            { "db.namespace", lease.Name },
            { "db.operation.name", operation },
        };
        if (collection is not null)
            tags.Add("db.collection.name", collection);
        if (error is not null)
            tags.Add("error.type", error.GetType().FullName);
        return tags;
    }
}
