namespace SearchEngine.Distributed.Log;

/// <summary>
/// The truth of a cluster: for every shard of every shared collection a log of entries, numbered from 1 without a gap, and the list of the
/// collections. What replicas hold is a view of it. Thread-safe.
/// </summary>
/// <remarks>
/// An append that returned is durable on as many servers as the log was set up for. Entries become visible in the order of their positions:
/// who reads position n has seen or can read every entry before it, however many appenders there are and however late one of them commits.
/// An id is remembered as long as its entry is there, and for <see cref="RetryWindow"/> at least: within it an append may be tried again.
/// </remarks>
public interface ISharedLog : IAsyncDisposable
{
    /// <summary>Bytes of one entry at most.</summary>
    const int MaxEntryBytes = 64 << 20;

    /// <summary>How long an id is remembered after its append at least, whatever is trimmed.</summary>
    TimeSpan RetryWindow { get; }

    /// <summary>Appends an entry; one whose id was appended before is not appended again.</summary>
    /// <returns>Its position, the first one's where it was repeated.</returns>
    /// <exception cref="SharedLogException">See <see cref="SharedLogError"/>; after <see cref="SharedLogError.Unavailable"/> it may
    /// have happened.</exception>
    /// <exception cref="ArgumentException">It is too large.</exception>
    Task<long> AppendAsync(LogShard shard, Guid id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends entries to several shards, all of them or none. Several for one shard keep their order. They are one transaction: a repetition
    /// is to have the same entries under the same ids.
    /// </summary>
    /// <returns>Their positions, in the order given.</returns>
    /// <exception cref="SharedLogException">As <see cref="AppendAsync"/>; none was appended, or all.</exception>
    /// <exception cref="ArgumentException">One is too large, or an id occurs twice for one shard.</exception>
    Task<IReadOnlyList<long>> AppendManyAsync(IReadOnlyList<LogAppend> entries, CancellationToken cancellationToken = default);

    /// <summary>The entries behind a cursor, in order, at most so many and at most so many bytes (but one entry where there is one).</summary>
    /// <returns>None where there is none yet.</returns>
    /// <exception cref="SharedLogException"><see cref="SharedLogError.Trimmed"/>, <see cref="SharedLogError.Forked"/>, and others.</exception>
    Task<IReadOnlyList<LogEntry>> ReadAsync(
        LogShard shard,
        LogCursor after,
        int maxEntries = 256,
        long maxBytes = 8L << 20,
        CancellationToken cancellationToken = default
    );

    /// <summary>Which entries a shard's log has.</summary>
    /// <exception cref="SharedLogException">There is no such collection, and others.</exception>
    Task<LogBounds> GetBoundsAsync(LogShard shard, CancellationToken cancellationToken = default);

    /// <summary>
    /// The last position of every shard of a collection, by shard, of one moment: everything that was acknowledged before the call is at or
    /// below. What a search is to see at least.
    /// </summary>
    /// <exception cref="SharedLogException">There is no such collection, and others.</exception>
    Task<IReadOnlyList<long>> GetHeadsAsync(Guid collection, CancellationToken cancellationToken = default);

    /// <summary>The last positions of these shards, in one question; those that are not there (any more) are left out.</summary>
    Task<IReadOnlyDictionary<LogShard, long>> GetHeadsAsync(
        IReadOnlyCollection<LogShard> shards,
        CancellationToken cancellationToken = default
    );

    /// <summary>
    /// Removes the entries up to and with a position, but for those that are younger than <see cref="RetryWindow"/>.
    /// </summary>
    /// <returns>What there is now.</returns>
    /// <exception cref="SharedLogException">There is no such collection, and others.</exception>
    Task<LogBounds> TrimAsync(LogShard shard, long upTo, CancellationToken cancellationToken = default);

    /// <summary>Makes a collection.</summary>
    /// <exception cref="SharedLogException"><see cref="SharedLogError.CollectionExists"/>, and others.</exception>
    /// <exception cref="ArgumentException">Schema or number of shards are out of range.</exception>
    Task<SharedCollection> CreateCollectionAsync(CollectionSchema schema, int shards, CancellationToken cancellationToken = default);

    /// <summary>Removes a collection with its logs; false where it was not there. Its replicas go when they notice.</summary>
    Task<bool> DropCollectionAsync(Guid collection, CancellationToken cancellationToken = default);

    /// <summary>The collections, by name.</summary>
    Task<IReadOnlyList<SharedCollection>> ListCollectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>The collection of a name; null where there is none.</summary>
    Task<SharedCollection?> FindCollectionAsync(string name, CancellationToken cancellationToken = default);
}
