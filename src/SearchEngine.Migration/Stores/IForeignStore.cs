namespace SearchEngine.Migration;

/// <summary>
/// What another store left, as rows of named values. It may be read any number of times and gives the same rows each time; nothing of it is
/// changed. For one reader at a time.
/// </summary>
public interface IForeignStore
{
    /// <summary>The store's kind for people: "Qdrant scroll".</summary>
    string Kind { get; }

    /// <summary>What a collection made of it is called where nobody says otherwise.</summary>
    string Name { get; }

    /// <summary>What the store says of itself; complete after one whole reading.</summary>
    StoreFacts Facts { get; }

    /// <summary>The rows, in the order in which they lie there.</summary>
    /// <exception cref="MigrationException">The file is damaged, or holds what cannot be read; the message says where and what to
    /// do.</exception>
    IAsyncEnumerable<ForeignRow> ReadAsync(CancellationToken cancellationToken = default);
}
