using Microsoft.Extensions.FileSystemGlobbing;

namespace SearchEngine.Ingestion;

/// <summary>A file found, its size, and whether it was named itself rather than found below a folder.</summary>
internal readonly record struct FoundFile(string Path, long Length, bool IsNamed);

/// <summary>Finds files below folders and by globs, without following links to folders, going on where a folder cannot be listed.</summary>
internal sealed class FileFinder(IngestionOptions options)
{
    private static readonly char[] GlobCharacters = ['*', '?', '['];

    private readonly List<string> _roots = [];
    private readonly List<IngestionIssue> _failures = [];
    private readonly SortedDictionary<string, FoundFile> _files = new(StringComparer.Ordinal);

    internal IReadOnlyList<IngestionIssue> Failures => _failures;

    /// <summary>The files found, by path.</summary>
    internal IReadOnlyCollection<FoundFile> Files => _files.Values;

    /// <exception cref="FileNotFoundException">A path does not exist: nothing is ingested, and nothing removed by mistake.</exception>
    internal void Find(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        foreach (string path in paths)
        {
            ArgumentException.ThrowIfNullOrEmpty(path, nameof(paths));
            string full = Path.GetFullPath(path);
            if (File.Exists(full))
                Add(full, isNamed: true);
            else if (Directory.Exists(full))
                Walk(full, full, include: null, cancellationToken);
            else if (path.IndexOfAny(GlobCharacters) >= 0)
                Glob(full, path, cancellationToken);
            else
                throw new FileNotFoundException($"There is no file or folder '{path}', or it may not be read.", path);
        }
    }

    /// <summary>Whether a stored file that was not found is gone: it lay below an ingested folder that was listed, and does not exist.</summary>
    internal bool IsGone(string fullPath) =>
        !_files.ContainsKey(fullPath)
        && _roots.Exists(root => IsBelow(fullPath, root))
        && !_failures.Exists(failure => IsBelow(fullPath, failure.Path))
        && !File.Exists(fullPath);

    private static bool IsBelow(string path, string folder) =>
        path.Length > folder.Length
        && path.StartsWith(folder, StringComparison.Ordinal)
        && (Path.EndsInDirectorySeparator(folder) || path[folder.Length] == Path.DirectorySeparatorChar);

    private void Glob(string full, string given, CancellationToken cancellationToken)
    {
        // The folder in front of the first wildcard; the rest is the pattern.
        int wildcard = full.IndexOfAny(GlobCharacters);
        int separator = full.LastIndexOf(Path.DirectorySeparatorChar, wildcard);
        string root = separator <= 0 ? Path.GetPathRoot(full)! : full[..separator];
        if (!Directory.Exists(root))
            throw new FileNotFoundException($"There is no folder '{root}', which '{given}' starts from.", given);
        var matcher = new Matcher(StringComparison.Ordinal);
        matcher.AddInclude(full[(separator + 1)..].Replace(Path.DirectorySeparatorChar, '/'));
        int before = _files.Count;
        Walk(root, root, matcher, cancellationToken);
        if (_files.Count == before && !_files.Keys.Any(f => IsBelow(f, root) && matcher.Match(root, f).HasMatches))
            throw new FileNotFoundException($"No file matches '{given}'.", given);
    }

    private void Walk(string root, string start, Matcher? include, CancellationToken cancellationToken)
    {
        if (include is null)
            _roots.Add(root);
        Matcher? exclude = null;
        if (options.Exclude.Count > 0)
        {
            exclude = new Matcher(StringComparison.Ordinal);
            exclude.AddIncludePatterns(options.Exclude);
        }
        var folders = new Stack<string>();
        folders.Push(start);
        while (folders.TryPop(out string? folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
                {
                    if (entry.Name.StartsWith('.'))
                        continue;
                    if (entry is DirectoryInfo)
                    {
                        if (!entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && !IsBuildOutput(entry.Name, folder))
                            folders.Push(entry.FullName);
                    }
                    else if ((include is null || include.Match(root, entry.FullName).HasMatches)
                        && (exclude is null || !exclude.Match(root, entry.FullName).HasMatches))
                    {
                        Add(entry.FullName, isNamed: false);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _failures.Add(new IngestionIssue(folder, $"The folder cannot be listed: {e.Message}"));
            }
        }
    }

    /// <summary>What tools make beside the sources is no document: bin and obj of a .NET project, node_modules.</summary>
    private static bool IsBuildOutput(string name, string parent) =>
        name == "node_modules" || (name is "bin" or "obj" && Directory.EnumerateFiles(parent, "*.*proj").Any());

    private void Add(string path, bool isNamed)
    {
        long length = 0;
        try
        {
            length = new FileInfo(path).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went away meanwhile, or is a broken link: reading it will say so.
        }
        if (isNamed || !_files.ContainsKey(path))
            _files[path] = new FoundFile(path, length, isNamed);
    }
}
