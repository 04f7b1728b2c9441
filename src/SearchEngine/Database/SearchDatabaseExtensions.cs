namespace SearchEngine;

/// <summary>What belongs to one kind of database alone.</summary>
public static class SearchDatabaseExtensions
{
    /// <summary>The database as one of this process.</summary>
    /// <param name="database">The database.</param>
    /// <param name="what">What is wanted of it, as the beginning of a sentence.</param>
    /// <exception cref="SearchDatabaseException"><see cref="SearchDatabaseError.OneMachineOnly"/>.</exception>
    public static SearchDatabase RequireLocal(this ISearchDatabase database, string what)
    {
        ArgumentNullException.ThrowIfNull(database);
        return database as SearchDatabase
            ?? throw new SearchDatabaseException(
                SearchDatabaseError.OneMachineOnly,
                $"{what} belongs to a database of one machine, and {database.Location} is a cluster: its replicas look after their own files."
            );
    }

    /// <summary>The collection as one of this process.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="what">What is wanted of it, as the beginning of a sentence.</param>
    /// <exception cref="SearchDatabaseException"><see cref="SearchDatabaseError.OneMachineOnly"/>.</exception>
    public static SearchCollection RequireLocal(this ISearchCollection collection, string what)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return collection as SearchCollection
            ?? throw new SearchDatabaseException(
                SearchDatabaseError.OneMachineOnly,
                $"{what} belongs to a collection of one machine, and '{collection.Name}' lies in a cluster: its replicas look after their own files."
            );
    }
}
