using SearchEngine.Lexical;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>
/// Makes a collection's errors: the leaves' failures turned into the database's own, with its name and directory. Thread-safe.
/// </summary>
internal sealed class CollectionErrors(string collection, string directory)
{
    /// <summary>
    /// Whether a view's file could not be read. Not other input/output errors: those of the caller's embedding generator pass as they are.
    /// </summary>
    public static bool IsUnreadable(Exception exception) => exception is StorageException or LexicalIndexException or VectorIndexException;

    /// <summary>An error of this collection.</summary>
    public SearchDatabaseException Failed(SearchDatabaseError error, string message, Exception? inner = null) =>
        new(error, message, inner) { Collection = collection, Directory = directory };

    /// <summary>The database's error for a file that cannot be read.</summary>
    public SearchDatabaseException Unreadable(Exception exception) => DatabaseErrors.Of(exception, directory, collection)!;

    /// <summary>A record that is damaged or missing.</summary>
    public SearchDatabaseException Damaged(int ordinal, string what, Exception? inner = null) =>
        Failed(SearchDatabaseError.Corrupt, $"Record {ordinal} of collection '{collection}' {what} Run verify, then repair.", inner);

    /// <summary>A write that expected another version of a record.</summary>
    public SearchDatabaseException Conflict(RecordKey key, RecordVersion expected, RecordVersion found) =>
        new(
            SearchDatabaseError.VersionConflict,
            $"Record '{key}' of collection '{collection}' {(found.IsNone ? "is not there" : $"has version {found}")}, but "
                + $"{(expected.IsNone ? "was expected not to be there" : $"version {expected} was expected")}: nothing of the batch was applied. Read it again and decide again."
        )
        {
            Collection = collection,
            Directory = directory,
            Key = key,
        };

    /// <summary>Runs with the leaves' and the system's errors turned into the database's own.</summary>
    public Task GuardAsync(Func<Task> run) =>
        DatabaseErrors.GuardAsync(
            directory,
            collection,
            async () =>
            {
                await run().ConfigureAwait(false);
                return true;
            }
        );
}
