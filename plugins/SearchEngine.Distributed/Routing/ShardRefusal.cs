namespace SearchEngine.Distributed.Routing;

/// <summary>Why an entry of a log, or a call, was refused: the exception that the caller sees.</summary>
/// <param name="Error">The database's error; null where an argument was wrong.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Key">The record, where one is concerned.</param>
public sealed record ShardRefusal(SearchDatabaseError? Error, string Message, RecordKey? Key = null)
{
    /// <summary>The refusal as the exception that it was.</summary>
    /// <param name="collection">The collection.</param>
    public Exception ToException(string collection) =>
        Error is { } error
            ? new SearchDatabaseException(error, Message) { Collection = collection, Key = Key }
            : new ArgumentException(Message);
}
