namespace SearchEngine.Database;

/// <summary>Follows links, so that a database keeps its files where it found them and is recognised by whatever path leads to it.</summary>
internal static class DatabasePath
{
    /// <summary>Links in links; more than any system follows.</summary>
    private const int MaxDepth = 40;

    public static string Resolve(string path) => Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), 0);

    private static string Resolve(string full, int depth)
    {
        if (depth > MaxDepth)
            throw new IOException($"'{full}' leads through too many links.");
        var resolved = Path.GetPathRoot(full)!;
        foreach (var part in full[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(resolved, part);
            resolved = new DirectoryInfo(next).LinkTarget is { } target ? Resolve(Path.GetFullPath(target, resolved), depth + 1) : next;
        }

        return resolved;
    }
}
