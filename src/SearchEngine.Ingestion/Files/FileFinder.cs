namespace SearchEngine.Ingestion;

/// <summary>
/// Finds files below folders and by globs, going on where a folder cannot be listed. Links are not followed unless asked for, and never
/// twice into one folder; pipes, sockets and devices are passed over; what is passed over is kept by kind.
/// </summary>
internal sealed class FileFinder(IngestionOptions options)
{
    private readonly List<string> _roots = [];
    private readonly List<IngestionIssue> _failures = [];
    private readonly SortedDictionary<string, FoundFile> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _walked = new(StringComparer.Ordinal);
    private readonly GlobPattern[] _exclude = [.. options.Exclude.Select(pattern => new GlobPattern(pattern))];
    private readonly GlobPattern[] _include = [.. options.Include.Select(pattern => new GlobPattern(pattern))];

    internal IReadOnlyList<IngestionIssue> Failures => _failures;

    internal PassedOverList PassedOver { get; } = new();

    /// <summary>The files found, by path.</summary>
    internal IReadOnlyCollection<FoundFile> Files => _files.Values;

    /// <exception cref="FileNotFoundException">A path does not exist: nothing is ingested, and nothing removed by mistake.</exception>
    internal void Find(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            ArgumentException.ThrowIfNullOrEmpty(path, nameof(paths));
            var full = Path.GetFullPath(path);
            switch (FileKinds.Of(full, follow: true))
            {
                case FileKind.Regular:
                    Add(full, isNamed: true, Path.GetDirectoryName(full)!);
                    break;
                case FileKind.Folder:
                    full = full.Length > 1 ? Path.TrimEndingDirectorySeparator(full) : full;
                    Walk(full, include: null, cancellationToken);
                    break;
                case FileKind.Special:
                    throw new FileNotFoundException($"'{path}' is a pipe, a socket or a device, not a file.", path);
                default:
                    if (!GlobPattern.IsPattern(path))
                    {
                        throw new FileNotFoundException($"There is no file or folder '{path}', or it may not be read.", path);
                    }

                    Glob(full, path, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>
    /// Whether a stored file that was not found is gone: it lay below an ingested folder that was listed, and does not exist.
    /// </summary>
    internal bool IsGone(string fullPath) =>
        !_files.ContainsKey(fullPath)
        && _roots.Exists(root => IsBelow(fullPath, root))
        && !_failures.Exists(failure => IsBelow(fullPath, failure.Path))
        && !DiskFile.Exists(fullPath);

    /// <summary>Whether a path lies below a folder.</summary>
    internal static bool IsBelow(string path, string folder) =>
        path.Length > folder.Length
        && path.StartsWith(folder, StringComparison.Ordinal)
        && (Path.EndsInDirectorySeparator(folder) || path[folder.Length] == Path.DirectorySeparatorChar);

    private void Glob(string full, string given, CancellationToken cancellationToken)
    {
        // The folder in front of the first special character; the rest is the pattern.
        var slashed = full.Replace(Path.DirectorySeparatorChar, '/');
        var length = GlobPattern.RootLength(slashed);
        var root = length == 0 ? Path.GetPathRoot(full)! : full[..length];
        if (!Directory.Exists(root))
        {
            throw new FileNotFoundException($"There is no folder '{root}', which '{given}' starts from.", given);
        }

        var pattern = new GlobPattern(slashed[length..].TrimStart('/'));
        var before = _files.Count;
        Walk(root, pattern, cancellationToken);
        if (_files.Count == before && !_files.Keys.Any(f => IsBelow(f, root) && pattern.IsMatch(Relative(f, root))))
        {
            throw new FileNotFoundException($"No file matches '{given}'.", given);
        }
    }

    private static string Relative(string path, string root) =>
        path[root.Length..].TrimStart(Path.DirectorySeparatorChar).Replace(Path.DirectorySeparatorChar, '/');

    private void Walk(string root, GlobPattern? include, CancellationToken cancellationToken)
    {
        if (include is null)
        {
            _roots.Add(root);
        }

        _walked.Clear();
        var folders = new Stack<(string Path, IgnoreRules? Rules)>();
        folders.Push((root, null));
        while (folders.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var rules = options.UseIgnoreFiles ? IgnoreRules.Of(folder.Path, folder.Rules) : null;
                foreach (var entry in RawNames.EntriesOf(folder.Path))
                {
                    if (Visit(root, entry, folder.Path, rules, include))
                    {
                        folders.Push((entry, rules));
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _failures.Add(new IngestionIssue(folder.Path, $"The folder cannot be listed: {e.Message}"));
            }
        }
    }

    /// <summary>Takes a file, or says of a folder whether it is to be walked.</summary>
    private bool Visit(string root, string entry, string folder, IgnoreRules? rules, GlobPattern? include)
    {
        var name = Path.GetFileName(entry);
        var relative = Relative(entry, root);
        if (name == IgnoreRules.FileName)
        {
            return false;
        }

        var kind = FileKinds.Of(entry);
        if (kind == FileKind.Link)
        {
            kind = options.FollowLinks ? FileKinds.Of(entry, follow: true) : FileKind.Link;
            if (kind is FileKind.Link or FileKind.Missing)
            {
                PassedOver.Add("link", entry);
                return false;
            }
        }

        var why =
            name.StartsWith('.') ? "hidden"
            : kind == FileKind.Special ? "special"
            : kind == FileKind.Folder && IsBuildOutput(name, folder) ? "build output"
            : rules?.Ignores(entry, kind == FileKind.Folder) == true ? "ignored"
            : Array.Exists(_exclude, p => p.IsMatch(relative) || (kind == FileKind.Folder && p.IsMatch(relative + "/"))) ? "excluded"
            : kind == FileKind.Regular && _include.Length > 0 && !Array.Exists(_include, p => p.IsMatch(relative) || p.IsMatch(name))
                ? "excluded"
            : null;
        if (why is not null)
        {
            PassedOver.Add(why, entry);
            return false;
        }

        if (kind == FileKind.Folder)
        {
            // A link may lead to a folder above it.
            return !options.FollowLinks || _walked.Add(TargetOf(entry));
        }

        if (include is null || include.IsMatch(relative))
        {
            Add(entry, isNamed: false, root);
        }

        return false;
    }

    private static string TargetOf(string folder) =>
        RawNames.IsRaw(folder)
            ? folder
            : Path.GetFullPath(new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder);

    /// <summary>What tools make beside the sources is no document: bin and obj of a .NET project, node_modules.</summary>
    private static bool IsBuildOutput(string name, string parent) =>
        name == "node_modules"
        || (
            name is "bin" or "obj"
            && RawNames.EntriesOf(parent).Any(entry => Path.GetExtension(entry).EndsWith("proj", StringComparison.Ordinal))
        );

    private void Add(string path, bool isNamed, string root)
    {
        long length = 0;
        try
        {
            length = DiskFile.Length(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went away meanwhile: reading it will say so.
        }

        if (isNamed || !_files.ContainsKey(path))
        {
            _files[path] = new FoundFile(path, length, isNamed, root);
        }
    }
}
