namespace SearchEngine.Cli.Output;

/// <summary>Paths for people: relative where the file lies below the working folder, else as stored.</summary>
internal static class SourcePath
{
    public static string ForDisplay(string path)
    {
        if (!Path.IsPathFullyQualified(path))
            return path;
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathFullyQualified(relative) ? path : relative;
    }
}
