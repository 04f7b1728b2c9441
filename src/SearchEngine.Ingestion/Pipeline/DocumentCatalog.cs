using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>The files of a collection: what there is, where, in how many chunks; and their removal. Thread-safe.</summary>
public sealed class DocumentCatalog
{
    private readonly SearchCollection _collection;
    private readonly SourceNames _names;
    private readonly Dictionary<string, string> _roots;

    /// <summary>Makes the catalog of a collection that files were ingested into.</summary>
    public DocumentCatalog(SearchCollection collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        _collection = collection;
        _names = new SourceNames(collection, new IngestionOptions { NamedRoots = true });
        _roots = collection
            .ListMetadata(SourceNames.RootPrefix)
            .ToDictionary(r => r.Key[SourceNames.RootPrefix.Length..], r => r.Value, StringComparer.Ordinal);
    }

    /// <summary>The ingested folders by their names.</summary>
    public IReadOnlyDictionary<string, string> Roots => _roots;

    /// <summary>All files, by name.</summary>
    public IReadOnlyList<IngestedFile> List() =>
        [
            .. _collection
                .ListMetadata(FileState.Prefix)
                .Select(m => Of(m.Key[FileState.Prefix.Length..], m.Value))
                .OfType<IngestedFile>()
                .OrderBy(f => f.Source, StringComparer.Ordinal),
        ];

    /// <summary>A file by its name, or by its path; null where there is none.</summary>
    public IngestedFile? Find(string sourceOrPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceOrPath);
        return Of(sourceOrPath, _collection.GetMetadata(FileState.Name(sourceOrPath))) is { } named ? named
            : SourceOf(sourceOrPath) is var source ? Of(source, _collection.GetMetadata(FileState.Name(source)))
            : null;
    }

    /// <summary>The chunks of a file in order.</summary>
    public IEnumerable<Document> Chunks(IngestedFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var source = file.SameAs ?? file.Source;
        var count = FileState.Decode(_collection.GetMetadata(FileState.Name(source)))?.Chunks ?? 0;
        for (var i = 0; i < count; i++)
        {
            if (_collection.Get(IngestionSchema.Key(source, i)) is { } chunk)
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
        var gone = List().Where(f => !File.Exists(f.Path)).ToList();
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
        return Path.IsPathFullyQualified(source) ? source : SourceNames.Resolve(source, _roots) ?? source;
    }

    /// <summary>The other sources with the same content as one.</summary>
    public IReadOnlyList<string> CopiesOf(string source) =>
        _collection.GetMetadata(CorpusKeeper.CopiesPrefix + source) is { } copies ? JsonSerializer.Deserialize<string[]>(copies) ?? [] : [];

    private string SourceOf(string path)
    {
        var full = Path.GetFullPath(path);
        return _collection.GetMetadata(FileState.Name(full)) is not null ? full : _names.SourceOf(full);
    }

    private IngestedFile? Of(string source, string? encoded) =>
        FileState.Decode(encoded) is { } state
            ? new IngestedFile(source, PathOf(source), state.Chunks, state.Length, state.Complete, state.SameAs, state.Problems ?? [])
            : null;
}
