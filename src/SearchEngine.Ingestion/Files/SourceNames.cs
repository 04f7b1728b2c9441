namespace SearchEngine.Ingestion;

/// <summary>
/// Names files for storing: by a named root and the path below it ("docs/guide/intro.md"), relative to a base folder, or by their full
/// path. Where a root is, is metadata of the collection ("root:NAME"), so that a corpus that moves keeps its names.
/// </summary>
internal sealed class SourceNames
{
    internal const string RootPrefix = "root:";

    private readonly SortedDictionary<string, string> _roots = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly string? _base;
    private readonly bool _isNamed;
    private readonly string? _name;

    private SourceNames(IngestionOptions options)
    {
        _base = options.BaseDirectory is null
            ? null
            : Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.BaseDirectory)) + Path.DirectorySeparatorChar;
        _isNamed = options.NamedRoots;
        _name = options.RootName;
    }

    /// <summary>The names by what a collection knows of its roots.</summary>
    internal static async Task<SourceNames> OfAsync(
        ISearchCollection collection,
        IngestionOptions options,
        CancellationToken cancellationToken
    )
    {
        var names = new SourceNames(options);
        await foreach (var (key, path) in collection.ListMetadataAsync(RootPrefix, cancellationToken).ConfigureAwait(false))
        {
            names._roots[key[RootPrefix.Length..]] = path;
        }

        return names;
    }

    /// <summary>The folders by their names.</summary>
    internal IReadOnlyDictionary<string, string> Roots => _roots;

    /// <summary>Gives ingested folders their names, and moved ones their new places.</summary>
    internal void Learn(IEnumerable<string> roots)
    {
        var distinct = roots.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (_isNamed && _name is not null && distinct.Count > 1)
        {
            throw new ArgumentException($"One name, '{_name}', cannot stand for {distinct.Count} folders; ingest them one by one.");
        }

        foreach (var root in distinct)
        {
            if (!_isNamed || (_name is null && _roots.Values.Any(known => known == root || FileFinder.IsBelow(root, known))))
            {
                continue;
            }

            var name = _name ?? Path.GetFileName(root);
            name = name.Length == 0 ? "root" : name.Replace('/', '_');
            for (
                var number = 2;
                _name is null && _roots.TryGetValue(name, out var taken) && taken != root && Directory.Exists(taken);
                number++
            )
            {
                name = $"{Path.GetFileName(root)}-{number}";
            }

            if (!_roots.TryGetValue(name, out var place) || place != root)
            {
                _roots[name] = root;
                _changed.Add(name);
            }
        }
    }

    /// <summary>The name of a file.</summary>
    internal string SourceOf(string path)
    {
        if (_base is not null && path.StartsWith(_base, StringComparison.Ordinal))
        {
            return path[_base.Length..].Replace(Path.DirectorySeparatorChar, '/');
        }

        if (!_isNamed)
        {
            return path;
        }

        var best = _roots.Where(root => FileFinder.IsBelow(path, root.Value)).OrderByDescending(root => root.Value.Length).FirstOrDefault();
        return best.Key is null
            ? path
            : best.Key + "/" + path[best.Value.Length..].TrimStart(Path.DirectorySeparatorChar).Replace(Path.DirectorySeparatorChar, '/');
    }

    /// <summary>Where the file of a name is, or was.</summary>
    internal string PathOf(string source)
    {
        if (Path.IsPathFullyQualified(source))
        {
            return source;
        }

        if (_base is not null && !_isNamed)
        {
            return Path.GetFullPath(_base + source);
        }

        return Resolve(source, _roots) ?? source;
    }

    /// <summary>Where the file of a name is, by the roots of a collection; null where its root is unknown.</summary>
    internal static string? Resolve(string source, IReadOnlyDictionary<string, string> roots)
    {
        var slash = source.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && roots.TryGetValue(source[..slash], out var root)
            ? Path.Combine(root, source[(slash + 1)..].Replace('/', Path.DirectorySeparatorChar))
            : null;
    }

    /// <summary>Puts the places of roots that are new or have moved into a batch.</summary>
    internal void Save(WriteBatch batch)
    {
        foreach (var name in _changed)
        {
            batch.SetMetadata(RootPrefix + name, _roots[name]);
        }

        _changed.Clear();
    }
}
