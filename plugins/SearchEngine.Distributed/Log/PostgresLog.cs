using Npgsql;
using SearchEngine.Distributed.Postgres;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

namespace SearchEngine.Distributed.Log;

/// <summary>
/// The shared log on PostgreSQL. Positions are given under the lock of the shard's head, in the transaction that inserts: a sequence would
/// let a reader skip what commits late. Durable on as many servers as <c>synchronous_standby_names</c> asks for; a failover is waited for
/// (<see cref="PostgresOptions.RetryFor"/>). Thread-safe.
/// </summary>
/// <remarks>Appends that come while one is on its way are carried out together, in one transaction: the log's group commit.</remarks>
public sealed class PostgresLog : ISharedLog
{
    /// <summary>Most entries of one read, whatever is asked for.</summary>
    private const int MaxReadEntries = 4096;

    /// <summary>Entries deleted by one transaction: more would hold the disk and the standby for long.</summary>
    private const int TrimChunk = 2_000;

    private const string BoundsOf = "select trimmed, head from searchengine.heads where collection = $1 and shard = $2";

    private readonly PostgresDatabase _database;
    private readonly AppendQueue _appends;
    private readonly PostgresCollections _collections;

    /// <summary>A log in a database, which stays the caller's.</summary>
    public PostgresLog(PostgresDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        _appends = new AppendQueue(database);
        _collections = new PostgresCollections(database);
    }

    /// <inheritdoc />
    public TimeSpan RetryWindow => _database.Options.RetryWindow;

    /// <inheritdoc />
    public async Task<long> AppendAsync(
        LogShard shard,
        Guid id,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    ) => (await AppendManyAsync([new LogAppend(shard, id, body)], cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc />
    public Task<IReadOnlyList<long>> AppendManyAsync(IReadOnlyList<LogAppend> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0)
            return Task.FromResult<IReadOnlyList<long>>([]);
        var total = 0L;
        var ids = new HashSet<(LogShard, Guid)>();
        foreach (var entry in entries)
        {
            if (!ids.Add((entry.Shard, entry.Id)))
                throw new ArgumentException($"Two entries for shard {entry.Shard} have the id {entry.Id}.", nameof(entries));
            if (entry.Id == Guid.Empty)
                throw new ArgumentException("An entry's id must not be empty.", nameof(entries));
            total += entry.Body.Length;
        }

        if (total > ISharedLog.MaxEntryBytes)
        {
            throw new ArgumentException(
                $"{entries.Count} entries of {total} bytes: at most {ISharedLog.MaxEntryBytes} can be appended at once. Write smaller batches.",
                nameof(entries)
            );
        }
        return _appends.AppendAsync(entries, total, cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<LogEntry>> ReadAsync(
        LogShard shard,
        LogCursor after,
        int maxEntries = 256,
        long maxBytes = 8L << 20,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEntries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return _database.RunAsync(
            (connection, token) => ReadAsync(connection, shard, after, Math.Min(maxEntries, MaxReadEntries), maxBytes, token),
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task<LogBounds> GetBoundsAsync(LogShard shard, CancellationToken cancellationToken = default)
    {
        var found = await _database
            .ListAsync(
                BoundsOf,
                reader => new LogBounds(reader.GetInt64(0), reader.GetInt64(1)),
                cancellationToken,
                Of(shard.Collection),
                Of(shard.Shard)
            )
            .ConfigureAwait(false);
        return found is [var bounds] ? bounds : throw NotFound(shard);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<long>> GetHeadsAsync(Guid collection, CancellationToken cancellationToken = default)
    {
        var heads = await _database
            .ListAsync(
                "select head from searchengine.heads where collection = $1 order by shard",
                reader => reader.GetInt64(0),
                cancellationToken,
                Of(collection)
            )
            .ConfigureAwait(false);
        return heads.Count > 0 ? heads : throw NotFound(collection.ToString("N"));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<LogShard, long>> GetHeadsAsync(
        IReadOnlyCollection<LogShard> shards,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(shards);
        var heads = await _database
            .ListAsync(
                """
                select h.collection, h.shard, h.head from searchengine.heads h
                join unnest($1, $2) as g(c, s) on h.collection = g.c and h.shard = g.s
                """,
                reader => KeyValuePair.Create(new LogShard(reader.GetGuid(0), reader.GetInt32(1)), reader.GetInt64(2)),
                cancellationToken,
                Of(shards.Select(shard => shard.Collection).ToArray()),
                Of(shards.Select(shard => shard.Shard).ToArray())
            )
            .ConfigureAwait(false);
        return heads.ToDictionary();
    }

    /// <inheritdoc />
    public async Task<LogBounds> TrimAsync(LogShard shard, long upTo, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (bounds, more) = await _database
                .RunAsync((connection, token) => TrimSomeAsync(connection, shard, upTo, RetryWindow, token), cancellationToken)
                .ConfigureAwait(false);
            if (!more)
                return bounds;
        }
    }

    /// <inheritdoc />
    public Task<SharedCollection> CreateCollectionAsync(
        CollectionSchema schema,
        int shards,
        CancellationToken cancellationToken = default
    ) => _collections.CreateAsync(schema, shards, cancellationToken);

    /// <inheritdoc />
    public Task<bool> DropCollectionAsync(Guid collection, CancellationToken cancellationToken = default) =>
        _collections.DropAsync(collection, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<SharedCollection>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        _collections.ListAsync(null, cancellationToken);

    /// <inheritdoc />
    public async Task<SharedCollection?> FindCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return (await _collections.ListAsync(name, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
    }

    /// <summary>Waits for the appends on their way; those that come later are refused. The database stays open.</summary>
    public ValueTask DisposeAsync() => _appends.DisposeAsync();

    internal static SharedLogException NotFound(object what) =>
        new(SharedLogError.CollectionNotFound, $"The cluster has no shard {what}: its collection was dropped, or never made.");

    private static async Task<IReadOnlyList<LogEntry>> ReadAsync(
        NpgsqlConnection connection,
        LogShard shard,
        LogCursor after,
        int maxEntries,
        long maxBytes,
        CancellationToken token
    )
    {
        using var batch = new NpgsqlBatch(connection);
        // The lengths are known without reading the bodies.
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(
                """
                select position, id, body from (
                  select position, id, body, sum(octet_length(body)) over (order by position) - octet_length(body) as before
                  from searchengine.entries
                  where collection = $1 and shard = $2 and position > $3
                  order by position limit $4) e
                where before < $5 order by position
                """
            )
            {
                Parameters = { Of(shard.Collection), Of(shard.Shard), Of(after.Position), Of(maxEntries), Of(maxBytes) },
            }
        );
        // What there is, read after the entries: what was trimmed meanwhile shows here.
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(
                """
                select trimmed, head, case when trimmed = $3 then trimmed_id else (
                  select id from searchengine.entries e where e.collection = $1 and e.shard = $2 and e.position = $3) end
                from searchengine.heads where collection = $1 and shard = $2
                """
            )
            {
                Parameters = { Of(shard.Collection), Of(shard.Shard), Of(after.Position) },
            }
        );
        var entries = new List<LogEntry>();
        using var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
        while (await reader.ReadAsync(token).ConfigureAwait(false))
            entries.Add(new LogEntry(reader.GetInt64(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(2)));
        await reader.NextResultAsync(token).ConfigureAwait(false);
        if (!await reader.ReadAsync(token).ConfigureAwait(false))
            throw NotFound(shard);
        var bounds = new LogBounds(reader.GetInt64(0), reader.GetInt64(1));
        var standing = reader.IsDBNull(2) ? (Guid?)null : reader.GetGuid(2);
        LogContinuity.Check(shard, after, bounds, standing, entries);
        return entries;
    }

    private static async Task<(LogBounds Bounds, bool More)> TrimSomeAsync(
        NpgsqlConnection connection,
        LogShard shard,
        long upTo,
        TimeSpan window,
        CancellationToken token
    )
    {
        using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(
                """
                with old as (
                  select position, id, appended from searchengine.entries
                  where collection = $1 and shard = $2 and position <= $3
                  order by position limit $5),
                last as (
                  select position, id from old where appended < clock_timestamp() - $4 order by position desc limit 1),
                gone as (
                  delete from searchengine.entries e using last
                  where e.collection = $1 and e.shard = $2 and e.position <= last.position)
                update searchengine.heads h set trimmed = last.position, trimmed_id = last.id from last
                where h.collection = $1 and h.shard = $2
                """
            )
            {
                Parameters = { Of(shard.Collection), Of(shard.Shard), Of(upTo), Of(window), Of(TrimChunk) },
            }
        );
        batch.BatchCommands.Add(new NpgsqlBatchCommand(BoundsOf) { Parameters = { Of(shard.Collection), Of(shard.Shard) } });
        using var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
        var bounds = await BoundsAsync(reader, shard, token).ConfigureAwait(false);
        // A chunk that went whole may have others behind it; one that went in part ended at an entry that is too young.
        return (bounds, reader.RecordsAffected > 0 && bounds.Trimmed < Math.Min(upTo, bounds.Head));
    }

    private static async Task<LogBounds> BoundsAsync(NpgsqlDataReader reader, LogShard shard, CancellationToken token) =>
        await reader.ReadAsync(token).ConfigureAwait(false) ? new LogBounds(reader.GetInt64(0), reader.GetInt64(1)) : throw NotFound(shard);
}
