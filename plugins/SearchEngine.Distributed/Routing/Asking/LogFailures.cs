using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>The database's errors for those of the shared log.</summary>
internal static class LogFailures
{
    public static SearchDatabaseException Of(SharedLogException failure, string? collection) =>
        new(
            failure.Error switch
            {
                SharedLogError.CollectionNotFound => SearchDatabaseError.CollectionNotFound,
                SharedLogError.CollectionExists => SearchDatabaseError.CollectionExists,
                SharedLogError.Unavailable => SearchDatabaseError.ShardUnavailable,
                _ => SearchDatabaseError.Storage,
            },
            failure.Message,
            failure
        )
        {
            Collection = collection,
        };

    /// <summary>Asks the log; its failures are the engine's.</summary>
    /// <exception cref="SearchDatabaseException">It failed.</exception>
    public static async Task<T> TranslateAsync<T>(Func<Task<T>> ask, string? collection)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (SharedLogException e)
        {
            throw Of(e, collection);
        }
    }
}
