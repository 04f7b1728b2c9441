using System.Text.Json;
using SearchEngine.Lexical;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>A database directory with its collections; one process owns it at a time. Thread-safe. Dispose it: that writes a last checkpoint and releases the files.</summary>
public sealed class SearchDatabase : IAsyncDisposable, IDisposable
{
    private readonly DatabaseLock _lock;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, SearchCollection> _open = new(StringComparer.Ordinal);
    private bool _disposed;

    private SearchDatabase(SearchDatabaseOptions options, DatabaseLock databaseLock)
    {
        Options = options;
        _lock = databaseLock;
    }

    /// <summary>The options it was opened with.</summary>
    public SearchDatabaseOptions Options { get; }

    /// <summary>Opens (or makes) a database; its collections are recovered as they are asked for.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    /// <exception cref="SearchDatabaseException">In use by another process, of a newer format, or the disk refuses.</exception>
    public static Task<SearchDatabase> OpenAsync(SearchDatabaseOptions options, CancellationToken cancellationToken = default)
    {
        Validate(options);
        var directory = Path.GetFullPath(options.Directory);
        return Guarded(directory, null, () => Task.Run(
            () =>
            {
                Directory.CreateDirectory(directory);
                var databaseLock = DatabaseLock.Acquire(directory);
                try
                {
                    CollectionFiles.RemoveLeftovers(directory);
                    return new SearchDatabase(options with { Directory = directory }, databaseLock);
                }
                catch
                {
                    databaseLock.Dispose();
                    throw;
                }
            },
            cancellationToken));
    }

    /// <summary>Names of the collections, in ordinal order.</summary>
    public IReadOnlyList<string> ListCollections()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return [.. CollectionFiles.Names(Options.Directory)];
    }

    /// <summary>Whether the collection exists.</summary>
    public bool CollectionExists(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SchemaValidator.ValidateName(name);
        return CollectionFiles.Of(Options.Directory, name).Exists;
    }

    /// <summary>Opens a collection (recovering it the first time).</summary>
    /// <exception cref="SearchDatabaseException">No such collection, or it is damaged.</exception>
    public async Task<SearchCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        SchemaValidator.ValidateName(name);
        return await LockedAsync(name, () => OpenOrNull(name, cancellationToken) ?? throw NotFound(name), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a collection.</summary>
    /// <exception cref="SearchDatabaseException">It exists.</exception>
    /// <exception cref="ArgumentException">The schema is not valid; the message names the field.</exception>
    public async Task<SearchCollection> CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        SchemaValidator.Validate(schema);
        return await LockedAsync(
            schema.Name,
            () =>
            {
                var files = CollectionFiles.Of(Options.Directory, schema.Name);
                if (files.Exists)
                    throw new SearchDatabaseException(SearchDatabaseError.CollectionExists, $"Collection '{schema.Name}' exists already.") { Collection = schema.Name, Directory = Options.Directory };
                return _open[schema.Name] = SearchCollection.Create(Options, files, schema);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the collection of the schema's name, making it if it does not exist; a stored schema must agree.</summary>
    /// <exception cref="SearchDatabaseException">The stored schema differs: the message names the field. Or it was embedded by another model.</exception>
    public async Task<SearchCollection> GetOrCreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        SchemaValidator.Validate(schema);
        return await LockedAsync(
            schema.Name,
            () =>
            {
                if (OpenOrNull(schema.Name, cancellationToken) is not { } existing)
                    return _open[schema.Name] = SearchCollection.Create(Options, CollectionFiles.Of(Options.Directory, schema.Name), schema);
                if (existing.Schema.EmbeddingModel is { } stored && schema.EmbeddingModel is { } asked && stored != asked)
                {
                    throw new SearchDatabaseException(
                        SearchDatabaseError.EmbeddingModelMismatch,
                        $"Collection '{schema.Name}' was embedded by '{stored}', not by '{asked}'. Vectors of two models cannot be compared: use the model it was made with, or ingest into a new collection.") { Collection = schema.Name, Directory = Options.Directory };
                }

                if (SchemaComparer.FirstDifference(existing.Schema, schema) is { } difference)
                {
                    throw new SearchDatabaseException(SearchDatabaseError.SchemaMismatch, $"Collection '{schema.Name}' has another schema: {difference}. Use the stored schema, or a new collection.") { Collection = schema.Name, Directory = Options.Directory };
                }

                return existing;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a collection with all its files; false where there was none. Calls on it that are under way fail.</summary>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        SchemaValidator.ValidateName(name);
        return await GatedAsync(
            name,
            async () =>
            {
                if (_open.Remove(name, out var open)) await open.CloseAsync(checkpoint: false).ConfigureAwait(false);
                var files = CollectionFiles.Of(Options.Directory, name);
                if (!files.Exists) return false;
                files.Delete();
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes a collection's derived views (key map, graphs, keyword index) anew from its records and leaves it open. For a collection
    /// that does not open or that verification found unsound. Objects of the collection from before are closed.
    /// </summary>
    /// <exception cref="SearchDatabaseException">No such collection, or its records or log themselves are damaged: restore a snapshot.</exception>
    public async Task<RepairReport> RepairCollectionAsync(string name, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        SchemaValidator.ValidateName(name);
        return await GatedAsync(
            name,
            async () =>
            {
                if (_open.Remove(name, out var open)) await open.CloseAsync(checkpoint: false).ConfigureAwait(false);
                var files = CollectionFiles.Of(Options.Directory, name);
                if (!files.Exists) throw NotFound(name);
                return await Task.Run(
                    () =>
                    {
                        _open[name] = SearchCollection.Repair(Options, files, progress, out var report, cancellationToken);
                        return report;
                    },
                    cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a snapshot folder in as a collection of its own name; none of that name may exist.</summary>
    /// <exception cref="SearchDatabaseException">It exists, the snapshot is incomplete or of a newer format, or the disk refuses.</exception>
    public async Task<SearchCollection> RestoreCollectionAsync(string snapshotDirectory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(snapshotDirectory);
        var source = new CollectionFiles(Path.GetFullPath(snapshotDirectory));
        if (!source.Exists)
            throw new SearchDatabaseException(SearchDatabaseError.Corrupt, $"{source.Directory} is no whole snapshot: it has no schema file.") { Directory = Options.Directory };
        var schema = await Guarded(Options.Directory, null, () => Task.FromResult(SchemaFile.Read(source.Schema))).ConfigureAwait(false);
        return await LockedAsync(
            schema.Name,
            () =>
            {
                var files = CollectionFiles.Of(Options.Directory, schema.Name);
                if (files.Exists)
                    throw new SearchDatabaseException(SearchDatabaseError.CollectionExists, $"Collection '{schema.Name}' exists already: delete it first, or restore into another database.") { Collection = schema.Name, Directory = Options.Directory };
                if (Directory.Exists(files.Directory)) Directory.Delete(files.Directory, recursive: true);
                FolderCopy.Copy(source.Directory, files.Directory, Path.GetFileName(source.Schema), cancellationToken);
                return OpenOrNull(schema.Name, cancellationToken)!;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checkpoints every open collection.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        SearchCollection[] open;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            open = [.. _open.Values];
        }
        finally
        {
            _gate.Release();
        }

        foreach (var collection in open) await collection.CheckpointAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed) return;
            _disposed = true;
            List<Exception>? failures = null;
            foreach (var collection in _open.Values)
            {
                try
                {
                    await Guarded(Options.Directory, collection.Name, async () =>
                    {
                        await collection.CloseAsync(checkpoint: true).ConfigureAwait(false);
                        return true;
                    }).ConfigureAwait(false);
                }
                catch (SearchDatabaseException e)
                {
                    // The log holds what the last checkpoint could not write; go on releasing the others.
                    (failures ??= []).Add(e);
                }
            }

            _open.Clear();
            _lock.Dispose();
            if (failures is not null) throw failures.Count == 1 ? failures[0] : new AggregateException(failures);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private SearchCollection? OpenOrNull(string name, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(name, out var open)) return open;
        var files = CollectionFiles.Of(Options.Directory, name);
        return files.Exists ? _open[name] = SearchCollection.Open(Options, files, cancellationToken) : null;
    }

    /// <summary>Opens or makes a collection; what may take a while runs off the caller's thread.</summary>
    private Task<SearchCollection> LockedAsync(string name, Func<SearchCollection> open, CancellationToken cancellationToken) =>
        GatedAsync(name, () => _open.ContainsKey(name) ? Task.FromResult(open()) : Task.Run(open, cancellationToken), cancellationToken);

    /// <summary>Runs what changes the set of open collections, one at a time, with errors turned into the database's own.</summary>
    private async Task<T> GatedAsync<T>(string name, Func<Task<T>> run, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Guarded(Options.Directory, name, run).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private SearchDatabaseException NotFound(string name)
    {
        var existing = ListCollections();
        return new SearchDatabaseException(
            SearchDatabaseError.CollectionNotFound,
            $"There is no collection '{name}' in {Options.Directory}; it has {(existing.Count == 0 ? "none" : string.Join(", ", existing.Select(n => $"'{n}'")))}.") { Collection = name, Directory = Options.Directory };
    }

    /// <summary>Turns the leaves' and the system's errors into the database's own.</summary>
    private static async Task<T> Guarded<T>(string directory, string? collection, Func<Task<T>> run)
    {
        SearchDatabaseException Make(SearchDatabaseError error, Exception e, int? process = null) =>
            new(error, collection is null ? e.Message : $"Collection '{collection}': {e.Message}", e) { Directory = directory, Collection = collection, ProcessId = process };

        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (DatabaseInUseException e)
        {
            throw Make(SearchDatabaseError.InUse, e, e.ProcessId);
        }
        catch (UnsupportedFormatVersionException e)
        {
            throw Make(SearchDatabaseError.UnsupportedFormat, e);
        }
        catch (Exception e) when (e is StorageCorruptionException or VectorIndexException or LexicalIndexException or JsonException or FormatException)
        {
            throw Make(SearchDatabaseError.Corrupt, e);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            throw Make(SearchDatabaseError.Storage, e);
        }
    }

    private static void Validate(SearchDatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory);
        if (options.MemoryBytes < MinimumMemoryBytes)
            throw new ArgumentException($"MemoryBytes is {options.MemoryBytes}: at least {MinimumMemoryBytes} are needed.", nameof(options));
        if (options.CheckpointLogBytes < 1) throw new ArgumentException($"CheckpointLogBytes is {options.CheckpointLogBytes}: it must be at least 1.", nameof(options));
        if (options.CheckpointInterval < TimeSpan.Zero) throw new ArgumentException($"CheckpointInterval is {options.CheckpointInterval}: it must not be negative.", nameof(options));
        if (options.DurabilityInterval <= TimeSpan.Zero) throw new ArgumentException($"DurabilityInterval is {options.DurabilityInterval}: it must be above zero.", nameof(options));
        if (options.IndexThreads < 0) throw new ArgumentException($"IndexThreads is {options.IndexThreads}: 0 (one per processor) or more.", nameof(options));
        if (!Enum.IsDefined(options.Durability)) throw new ArgumentException($"Unknown durability {options.Durability}.", nameof(options));
        if (options.Embedder is { BatchSize: < 1 } embedder) throw new ArgumentException($"The embedder's batch size is {embedder.BatchSize}: it must be at least 1.", nameof(options));
    }

    private const long MinimumMemoryBytes = 16L << 20;
}
