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
}
