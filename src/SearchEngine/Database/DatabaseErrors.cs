using System.Text.Json;
using SearchEngine.Lexical;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>Turns the leaves' and the system's errors into the database's own.</summary>
internal static class DatabaseErrors
{
    /// <summary>
    /// The database's error for a failure of disk or files; null for any other exception, and for one that is the database's already.
    /// </summary>
    public static SearchDatabaseException? Of(Exception exception, string directory, string? collection)
    {
        SearchDatabaseError? error = exception switch
        {
            DatabaseInUseException => SearchDatabaseError.InUse,
            // Whichever view met it: what is stored is sound.
            StorageException
            or LexicalIndexException
            or VectorIndexException when StorageErrors.IsFull(exception) || StorageErrors.IsOutOfDescriptors(exception) =>
                SearchDatabaseError.Storage,
            UnsupportedFormatVersionException
            or VectorIndexException { IsNewerVersion: true }
            or LexicalIndexException { IsNewerVersion: true } => SearchDatabaseError.UnsupportedFormat,
            StorageCorruptionException or VectorIndexException or LexicalIndexException or JsonException or FormatException =>
                SearchDatabaseError.Corrupt,
            StorageException or IOException or UnauthorizedAccessException => SearchDatabaseError.Storage,
            _ => null,
        };
        if (error is not { } kind)
            return null;
        return new SearchDatabaseException(
            kind,
            collection is null ? exception.Message : $"Collection '{collection}': {exception.Message}",
            exception
        )
        {
            Directory = directory,
            Collection = collection,
            ProcessId = (exception as DatabaseInUseException)?.ProcessId,
        };
    }

    public static async Task<T> GuardAsync<T>(string directory, string? collection, Func<Task<T>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception e) when (Of(e, directory, collection) is { } error)
        {
            throw error;
        }
    }
}
