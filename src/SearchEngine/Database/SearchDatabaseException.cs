namespace SearchEngine;

/// <summary>
/// An error of the database; the message names what is wrong and what to do. Wrong arguments are <see cref="ArgumentException"/>s instead.
/// </summary>
public sealed class SearchDatabaseException : Exception
{
    /// <summary>Makes the exception.</summary>
    public SearchDatabaseException(SearchDatabaseError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public SearchDatabaseError Error { get; }

    /// <summary>The database's directory, where known.</summary>
    public string? Directory { get; init; }

    /// <summary>The collection, where one is concerned.</summary>
    public string? Collection { get; init; }

    /// <summary>The process that holds the database, for <see cref="SearchDatabaseError.InUse"/>.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The record, for <see cref="SearchDatabaseError.VersionConflict"/>.</summary>
    public RecordKey? Key { get; init; }
}
