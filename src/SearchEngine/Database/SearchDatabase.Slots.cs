using Microsoft.Extensions.Logging;
using SearchEngine.Database;
using SearchEngine.Maintenance;
using SearchEngine.Storage;

namespace SearchEngine;

public sealed partial class SearchDatabase
{
    /// <summary>A collection's place: one at a time opens, makes, repairs or deletes it, whatever goes on in the others.</summary>
    private sealed class CollectionSlot
    {
        private volatile SearchCollection? _open;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>The collection while it is open; set and cleared inside the gate, read anywhere.</summary>
        public SearchCollection? Open
        {
            get => _open;
            set => _open = value;
        }

        public async Task CloseAsync(bool checkpoint)
        {
            if (Open is not { } open)
                return;
            Open = null;
            await open.CloseAsync(checkpoint).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The open collections that take no writes although the database was opened for writing, each with the reason: a write that failed, or
    /// a full disk at its opening. <see cref="ReopenCollectionAsync"/> makes one whole when the cause is gone.
    /// </summary>
    public IReadOnlyDictionary<string, string> ListStoppedCollections()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var stopped = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, slot) in _slots)
        {
            if (slot.Open is { } open && (open.ReadOnlyReason ?? open.Engine.Pipeline.Fault?.Message) is { } reason)
                stopped.Add(name, reason);
        }

        return stopped;
    }

    private SearchCollection? OpenOrNull(string name) => _slots.TryGetValue(name, out var slot) ? slot.Open : null;

    /// <summary>
    /// Whether to enter a collection's place at all, so that names which never were get none; inside it is known whether the collection is
    /// there.
    /// </summary>
    private bool MayExist(string name) => _slots.ContainsKey(name) || _folder.Has(name);

    /// <summary>
    /// Runs what changes whether a collection is open, one at a time for each name, with errors turned into the database's own.
    /// </summary>
    private async Task<T> SlotAsync<T>(string name, Func<CollectionSlot, Task<T>> run, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var slot = _slots.GetOrAdd(name, static _ => new CollectionSlot());
        await slot.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await DatabaseErrors.GuardAsync(Options.Directory, name, () => run(slot)).ConfigureAwait(false);
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>The open collection, opened (off the caller's thread) where it is not; null where there is none.</summary>
    private async Task<SearchCollection?> OpenOrNullAsync(CollectionSlot slot, string name, CancellationToken cancellationToken)
    {
        if (slot.Open is { } open)
            return open;
        if (!_folder.Has(name))
            return null;
        var files = _folder.FilesOf(name);
        return slot.Open = await Task.Run(() => OpenAsFarAsPossible(files, name, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Opens a collection; where the disk has no room for what an opening writes, read-only: the log is replayed in memory.
    /// </summary>
    private SearchCollection OpenAsFarAsPossible(CollectionFiles files, string name, CancellationToken cancellationToken)
    {
        DescriptorBudget.ThrowIfSpent(name);
        try
        {
            return CollectionOpener.Open(Options, files, cancellationToken);
        }
        catch (Exception e) when (!Options.ReadOnly && StorageErrors.IsFull(e))
        {
            if (Options.LoggerFactory is { } loggers)
                LogReadOnly(loggers.CreateLogger<SearchDatabase>(), name, e);
            var reason = $"the disk was full when it was opened ({e.Message})";
            return CollectionOpener.Open(Options with { ReadOnly = true, ReadOnlyReason = reason }, files, cancellationToken);
        }
    }

    private async Task<SearchCollection> CreateAsync(CollectionSlot slot, CollectionSchema schema, CancellationToken cancellationToken)
    {
        DescriptorBudget.ThrowIfSpent(schema.Name);
        return slot.Open = await Task.Run(() => CollectionOpener.Create(Options, _folder.FilesOf(schema.Name), schema), cancellationToken)
            .ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Collection {Collection} is opened read-only: the disk is full")]
    private static partial void LogReadOnly(ILogger logger, string collection, Exception exception);

    private void ThrowIfReadOnly(string what, string? collection)
    {
        if (Options.ReadOnly)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.ReadOnly,
                $"{what}: the database in {Options.Directory} was opened read-only."
            )
            {
                Collection = collection,
                Directory = Options.Directory,
            };
        }
    }

    private SearchDatabaseException NotFound(string name)
    {
        var existing = ListCollections();
        return new SearchDatabaseException(
            SearchDatabaseError.CollectionNotFound,
            $"There is no collection '{name}' in {Options.Directory}; it has {(existing.Count == 0 ? "none" : string.Join(", ", existing.Select(n => $"'{n}'")))}."
        )
        {
            Collection = name,
            Directory = Options.Directory,
        };
    }

    private static void Validate(SearchDatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory);
        if (options.MemoryBytes < MinimumMemoryBytes)
        {
            throw new ArgumentException(
                $"MemoryBytes is {options.MemoryBytes}: at least {MinimumMemoryBytes} are needed.",
                nameof(options)
            );
        }
        if (options.CheckpointLogBytes < 1)
            throw new ArgumentException($"CheckpointLogBytes is {options.CheckpointLogBytes}: it must be at least 1.", nameof(options));
        if (options.CheckpointInterval < TimeSpan.Zero)
            throw new ArgumentException($"CheckpointInterval is {options.CheckpointInterval}: it must not be negative.", nameof(options));
        if (options.DurabilityInterval <= TimeSpan.Zero)
            throw new ArgumentException($"DurabilityInterval is {options.DurabilityInterval}: it must be above zero.", nameof(options));
        if (options.IndexThreads < 0)
            throw new ArgumentException($"IndexThreads is {options.IndexThreads}: 0 (one per processor) or more.", nameof(options));
        if (!Enum.IsDefined(options.Durability))
            throw new ArgumentException($"Unknown durability {options.Durability}.", nameof(options));
        if (options.Embedder is { BatchSize: < 1 } embedder)
            throw new ArgumentException($"The embedder's batch size is {embedder.BatchSize}: it must be at least 1.", nameof(options));
    }

    private const long MinimumMemoryBytes = 16L << 20;
}
