using System.Collections.Concurrent;
using SearchEngine.Database;
using SearchEngine.Maintenance;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>
/// A database directory with its collections; one process owns it at a time. Thread-safe. Dispose it: that writes a last checkpoint and
/// releases the files.
/// </summary>
public sealed partial class SearchDatabase : IAsyncDisposable, IDisposable
{
    private readonly DatabaseLock? _lock;
    private readonly DatabaseFolder _folder;
    private readonly ConcurrentDictionary<string, CollectionSlot> _slots = new(StringComparer.Ordinal);
    private volatile bool _disposed;
    private int _disposing;

    private SearchDatabase(SearchDatabaseOptions options, DatabaseFolder folder, DatabaseLock? databaseLock)
    {
        Options = options;
        _folder = folder;
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
        var directory = ResolvePath(options.Directory);
        return DatabaseErrors.GuardAsync(
            directory,
            null,
            () =>
                Task.Run(
                    () =>
                    {
                        var databaseLock =
                            options.ReadOnly ? DatabaseLock.AcquireForReading(directory)
                            : new CollectionFiles(directory).IsCollection ? null
                            : DatabaseLock.Acquire(directory, options.Files);
                        try
                        {
                            return new SearchDatabase(
                                options with
                                {
                                    Directory = directory,
                                },
                                DatabaseFolder.Open(directory, options.ReadOnly, options.Files),
                                databaseLock
                            );
                        }
                        catch
                        {
                            databaseLock?.Dispose();
                            throw;
                        }
                    },
                    cancellationToken
                )
        );
    }

    /// <summary>
    /// The directory that a path leads to: absolute, without a separator at the end, links followed. Two paths name one database where
    /// this agrees. What is not there yet is left as it is written.
    /// </summary>
    public static string ResolvePath(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return DatabasePath.Resolve(directory);
    }

    /// <summary>Names of the collections, in ordinal order.</summary>
    public IReadOnlyList<string> ListCollections()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _folder.Names();
    }

    /// <summary>Whether the collection exists.</summary>
    public bool CollectionExists(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SchemaValidator.ValidateName(name);
        return OpenOrNull(name) is not null || _folder.Has(name);
    }

    /// <summary>Opens a collection (recovering it the first time).</summary>
    /// <exception cref="SearchDatabaseException">No such collection, or it is damaged.</exception>
    public async Task<SearchCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        SchemaValidator.ValidateName(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        // The usual case, on the way of every request: no gate and no look at the disk.
        if (OpenOrNull(name) is { } open)
            return open;
        if (!MayExist(name))
            throw NotFound(name);
        return await SlotAsync(name, slot => OpenOrNullAsync(slot, name, cancellationToken), cancellationToken).ConfigureAwait(false)
            ?? throw NotFound(name);
    }

    /// <summary>Makes a collection.</summary>
    /// <exception cref="SearchDatabaseException">It exists.</exception>
    /// <exception cref="ArgumentException">The schema is not valid; the message names the field.</exception>
    public async Task<SearchCollection> CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        SchemaValidator.Validate(schema);
        ThrowIfReadOnly($"Collection '{schema.Name}' cannot be made", schema.Name);
        return await SlotAsync(
                schema.Name,
                slot =>
                {
                    if (_folder.Has(schema.Name))
                    {
                        throw new SearchDatabaseException(
                            SearchDatabaseError.CollectionExists,
                            $"Collection '{schema.Name}' exists already."
                        )
                        {
                            Collection = schema.Name,
                            Directory = Options.Directory,
                        };
                    }
                    return CreateAsync(slot, schema, cancellationToken);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Opens the collection of the schema's name, making it if it does not exist; a stored schema must agree.</summary>
    /// <exception cref="SearchDatabaseException">The stored schema differs: the message names the field. Or it was embedded by another
    /// model.</exception>
    public async Task<SearchCollection> GetOrCreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        SchemaValidator.Validate(schema);
        return await SlotAsync(
                schema.Name,
                async slot =>
                {
                    if (await OpenOrNullAsync(slot, schema.Name, cancellationToken).ConfigureAwait(false) is not { } existing)
                    {
                        ThrowIfReadOnly($"Collection '{schema.Name}' is not there and cannot be made", schema.Name);
                        return await CreateAsync(slot, schema, cancellationToken).ConfigureAwait(false);
                    }

                    SchemaAgreement.Require(existing.Schema, schema, Options.Directory);
                    return existing;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Deletes a collection with all its files; false where there was none. Calls on it that are under way fail.</summary>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        SchemaValidator.ValidateName(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfReadOnly($"Collection '{name}' cannot be deleted", name);
        if (!MayExist(name))
            return false;
        return await SlotAsync(
                name,
                async slot =>
                {
                    await slot.CloseAsync(checkpoint: false).ConfigureAwait(false);
                    if (!_folder.Has(name))
                        return false;
                    _folder.FilesOf(name).Delete();
                    return true;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Makes a collection's derived views (key map, graphs, keyword index) anew from its records and leaves it open. For a collection
    /// that does not open or that verification found unsound. Objects of the collection from before are closed.
    /// </summary>
    /// <exception cref="SearchDatabaseException">
    /// No such collection; or its records or log themselves are damaged (restore a snapshot) or of a newer version (use a newer build):
    /// then nothing was changed.
    /// </exception>
    public async Task<RepairReport> RepairCollectionAsync(
        string name,
        IProgress<string>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        SchemaValidator.ValidateName(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfReadOnly($"Collection '{name}' cannot be repaired", name);
        if (!MayExist(name))
            throw NotFound(name);
        return await SlotAsync(
                name,
                async slot =>
                {
                    await slot.CloseAsync(checkpoint: false).ConfigureAwait(false);
                    if (!_folder.Has(name))
                        throw NotFound(name);
                    var files = _folder.FilesOf(name);
                    return await Task.Run(
                            () =>
                            {
                                var (collection, report) = CollectionOpener.Repair(Options, files, progress, cancellationToken);
                                slot.Open = collection;
                                return report;
                            },
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Closes a collection and opens it again: after a write that failed or an opening on a full disk
    /// (<see cref="SearchCollection.ReadOnlyReason"/>), once the cause is gone, it takes writes again. Objects of the collection from
    /// before
    /// are closed. Nothing acknowledged is lost.
    /// </summary>
    /// <exception cref="SearchDatabaseException">No such collection, it is damaged, or the disk refuses.</exception>
    public async Task<SearchCollection> ReopenCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        SchemaValidator.ValidateName(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!MayExist(name))
            throw NotFound(name);
        return await SlotAsync(
                name,
                async slot =>
                {
                    await slot.CloseAsync(checkpoint: false).ConfigureAwait(false);
                    return await OpenOrNullAsync(slot, name, cancellationToken).ConfigureAwait(false) ?? throw NotFound(name);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Takes a snapshot folder in as a collection of its own name; none of that name may exist.</summary>
    /// <exception cref="SearchDatabaseException">It exists, the snapshot is incomplete or of a newer format, or the disk
    /// refuses.</exception>
    public async Task<SearchCollection> RestoreCollectionAsync(string snapshotDirectory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(snapshotDirectory);
        var source = new CollectionFiles(Path.GetFullPath(snapshotDirectory));
        if (!source.Exists)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.Corrupt,
                $"{source.Directory} is no whole snapshot: it has no schema file."
            )
            {
                Directory = Options.Directory,
            };
        }
        var schema = await DatabaseErrors
            .GuardAsync(Options.Directory, null, () => Task.FromResult(SchemaFile.Read(source.Schema)))
            .ConfigureAwait(false);
        ThrowIfReadOnly($"Collection '{schema.Name}' cannot be restored", schema.Name);
        var restored = await SlotAsync(
                schema.Name,
                async slot =>
                {
                    var files = _folder.FilesOf(schema.Name);
                    if (_folder.Has(schema.Name))
                    {
                        throw new SearchDatabaseException(
                            SearchDatabaseError.CollectionExists,
                            $"Collection '{schema.Name}' exists already: delete it first, or restore into another database."
                        )
                        {
                            Collection = schema.Name,
                            Directory = Options.Directory,
                        };
                    }
                    await Task.Run(
                            () =>
                            {
                                files.Begin();
                                FolderCopy.Copy(
                                    source.Directory,
                                    files.Directory,
                                    Path.GetFileName(source.Schema),
                                    Options.Files,
                                    cancellationToken
                                );
                                files.Finish();
                            },
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                    return await OpenOrNullAsync(slot, schema.Name, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return restored!;
    }

    /// <summary>Checkpoints every open collection.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfReadOnly("There is nothing to checkpoint", null);
        foreach (var slot in _slots.Values)
        {
            if (slot.Open is { ReadOnlyReason: null } collection)
                await collection.CheckpointAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposing, 1) != 0)
            return;
        // Whoever enters a slot from now on is refused; whoever is inside one is waited for.
        _disposed = true;
        List<Exception>? failures = null;
        foreach (var (name, slot) in _slots)
        {
            await slot.Gate.WaitAsync().ConfigureAwait(false);
            try
            {
                await slot.CloseAsync(checkpoint: !Options.ReadOnly).ConfigureAwait(false);
            }
            catch (Exception e) when (DatabaseErrors.Of(e, Options.Directory, name) is { } error)
            {
                // The log holds what the last checkpoint could not write; go on releasing the others.
                (failures ??= []).Add(error);
            }
            finally
            {
                slot.Gate.Release();
            }
        }

        _lock?.Dispose();
        if (failures is not null)
            throw failures.Count == 1 ? failures[0] : new AggregateException(failures);
    }

    /// <inheritdoc />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
