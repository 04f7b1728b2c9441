using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>The files of a collection: what there is, where, in how many chunks; and their removal. Thread-safe.</summary>
public sealed class DocumentCatalog
{
    private readonly ISearchCollection _collection;
    private readonly SourceNames _names;

    private DocumentCatalog(ISearchCollection collection, SourceNames names) => (_collection, _names) = (collection, names);

    /// <summary>The catalog of a collection that files were ingested into. It knows the folders' places as they are now.</summary>
    public static async Task<DocumentCatalog> OpenAsync(ISearchCollection collection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var options = new IngestionOptions { NamedRoots = true };
        return new DocumentCatalog(collection, await SourceNames.OfAsync(collection, options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The ingested folders by their names.</summary>
    public IReadOnlyDictionary<string, string> Roots => _names.Roots;

    /// <summary>All files, by name.</summary>
    public async Task<IReadOnlyList<IngestedFile>> ListAsync(CancellationToken cancellationToken = default)
    {
        var files = new List<IngestedFile>();
        await foreach (var (name, value) in _collection.ListMetadataAsync(FileState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (Of(name[FileState.Prefix.Length..], value) is { } file)
            {
                files.Add(file);
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Source, b.Source));
        return files;
    }

    /// <summary>A file by its name, or by its path; null where there is none.</summary>
    public async Task<IngestedFile?> FindAsync(string sourceOrPath, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceOrPath);
        var full = Path.GetFullPath(sourceOrPath);
        return await OfAsync(sourceOrPath, cancellationToken).ConfigureAwait(false)
            ?? await OfAsync(full, cancellationToken).ConfigureAwait(false)
            ?? await OfAsync(_names.SourceOf(full), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The chunks of a file in order.</summary>
    public async IAsyncEnumerable<Document> ChunksAsync(
        IngestedFile file,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        var source = file.SameAs ?? file.Source;
        var count = FileState.Decode(await MetadataAsync(FileState.Name(source), cancellationToken).ConfigureAwait(false))?.Chunks ?? 0;
        for (var i = 0; i < count; i++)
        {
            var key = IngestionSchema.Key(source, i);
            if (await _collection.GetAsync(key, includeVectors: false, cancellationToken).ConfigureAwait(false) is { } chunk)
            {
                yield return chunk;
            }
        }
    }

    /// <summary>Removes a file from the collection, not from the disk. Chunks that copies share go over to one of these.</summary>
    /// <exception cref="SearchDatabaseException">The database refused the write.</exception>
    public async Task DeleteAsync(IngestedFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        var keeper = new CorpusKeeper(_collection, _names);
        await keeper.RemoveAsync(file.Source, cancellationToken).ConfigureAwait(false);
        await keeper.SaveCopiesAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes files that are no longer on the disk, wherever they were; returns their names.</summary>
    /// <param name="dryRun">Whether they are only told.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public async Task<IReadOnlyList<string>> PruneAsync(bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var files = await ListAsync(cancellationToken).ConfigureAwait(false);
        var gone = files.Where(f => !DiskFile.Exists(f.Path)).ToList();
        foreach (var file in dryRun ? [] : gone)
        {
            await DeleteAsync(file, cancellationToken).ConfigureAwait(false);
        }

        return [.. gone.Select(f => f.Source)];
    }

    /// <summary>Where the file of a stored source is; the source itself where its root is unknown.</summary>
    public string PathOf(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Path.IsPathFullyQualified(source) ? source : SourceNames.Resolve(source, _names.Roots) ?? source;
    }

    /// <summary>The other sources with the same content as one.</summary>
    public async Task<IReadOnlyList<string>> CopiesOfAsync(string source, CancellationToken cancellationToken = default) =>
        await MetadataAsync(CorpusKeeper.CopiesPrefix + source, cancellationToken).ConfigureAwait(false) is { } copies
            ? JsonSerializer.Deserialize(copies, CorpusJson.Default.StringArray) ?? []
            : [];

    private Task<string?> MetadataAsync(string name, CancellationToken cancellationToken) =>
        _collection.GetMetadataAsync(name, cancellationToken);

    private async Task<IngestedFile?> OfAsync(string source, CancellationToken cancellationToken) =>
        Of(source, await MetadataAsync(FileState.Name(source), cancellationToken).ConfigureAwait(false));

    private IngestedFile? Of(string source, string? encoded) =>
        FileState.Decode(encoded) is { } state
            ? new IngestedFile(source, PathOf(source), state.Chunks, state.Length, state.Complete, state.SameAs, state.Problems ?? [])
            : null;
}
