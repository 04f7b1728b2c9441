namespace SearchEngine.Ingestion;

/// <summary>The rules of .gitignore files, from a folder and the folders above it up to the ingested one. Immutable.</summary>
internal sealed class IgnoreRules
{
    internal const string FileName = ".gitignore";

    /// <summary>Larger ones are no lists written by people.</summary>
    private const int MaxBytes = 1 << 20;

    private readonly IgnoreRules? _above;
    private readonly string _folder;
    private readonly List<(GlobPattern Pattern, bool IsNegated, bool FoldersOnly)> _rules = [];

    private IgnoreRules(IgnoreRules? above, string folder)
    {
        _above = above;
        _folder = folder.TrimEnd('/');
    }

    /// <summary>The rules that hold in a folder; null where there are none.</summary>
    internal static IgnoreRules? Of(string folder, IgnoreRules? above)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            if (FileKinds.Of(path) != FileKind.Regular || new FileInfo(path).Length > MaxBytes)
            {
                return above;
            }

            var rules = new IgnoreRules(above, folder.Replace(Path.DirectorySeparatorChar, '/'));
            foreach (var line in File.ReadLines(path))
            {
                rules.Add(line);
            }

            return rules;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return above;
        }
    }

    /// <summary>Whether a path is ignored: the last rule that matches decides, those of inner folders after those of outer ones.</summary>
    internal bool Ignores(string path, bool isFolder)
    {
        path = path.Replace(Path.DirectorySeparatorChar, '/');
        for (var rules = this; rules is not null; rules = rules._above)
        {
            var relative = path.Length > rules._folder.Length ? path[(rules._folder.Length + 1)..] : "";
            for (var i = rules._rules.Count - 1; i >= 0; i--)
            {
                var rule = rules._rules[i];
                if ((isFolder || !rule.FoldersOnly) && rule.Pattern.IsMatch(relative))
                {
                    return !rule.IsNegated;
                }
            }
        }

        return false;
    }

    private void Add(string line)
    {
        line = line.EndsWith("\\ ", StringComparison.Ordinal) ? line : line.TrimEnd();
        if (line.Length == 0 || line[0] == '#')
        {
            return;
        }

        var isNegated = line[0] == '!';
        line = isNegated ? line[1..] : line;
        var foldersOnly = line.EndsWith('/');
        line = line.TrimEnd('/');
        // A slash in it ties a pattern to the folder of its file; braces are no special characters there.
        var isAnchored = line.Contains('/', StringComparison.Ordinal);
        line = line.TrimStart('/').Replace("{", "\\{", StringComparison.Ordinal);
        if (line.Length == 0)
        {
            return;
        }

        try
        {
            _rules.Add((new GlobPattern(isAnchored ? line : "**/" + line), isNegated, foldersOnly));
        }
        catch (ArgumentException)
        {
            // Git passes over a pattern that cannot be read.
        }
    }
}
