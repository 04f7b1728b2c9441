using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads source code of many languages as code under headings: each type and function, found by its declaration, is a section of its own
/// under the types around it. The comments above a declaration go with it.
/// </summary>
internal sealed partial class SourceCodeReader : IDocumentReader
{
    public string Name => "code";

    public int Version => 2;

    public IReadOnlyCollection<string> Extensions { get; } =
    [
        ".cs",
        ".java",
        ".kt",
        ".kts",
        ".scala",
        ".swift",
        ".go",
        ".rs",
        ".c",
        ".h",
        ".cc",
        ".cpp",
        ".cxx",
        ".hpp",
        ".hh",
        ".m",
        ".mm",
        ".js",
        ".mjs",
        ".cjs",
        ".ts",
        ".tsx",
        ".jsx",
        ".py",
        ".pyi",
        ".rb",
        ".php",
        ".pl",
        ".pm",
        ".lua",
        ".r",
        ".jl",
        ".dart",
        ".groovy",
        ".fs",
        ".fsx",
        ".vb",
        ".hs",
        ".ml",
        ".ex",
        ".exs",
        ".erl",
        ".clj",
        ".sh",
        ".bash",
        ".zsh",
        ".ps1",
        ".psm1",
        ".sql",
        ".proto",
        ".graphql",
        ".tf",
        ".zig",
        ".nim",
        ".css",
        ".scss",
        ".less",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
        ".cfg",
        ".conf",
        ".properties",
        ".cmake",
        ".gradle",
        ".bat",
        ".cmd",
        ".vue",
        ".svelte",
    ];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var text = TextDecoder.Decode(file.ReadAllBytes(), file.Encoding, DeclaredEncoding.InText(file.ReadAllBytes()));
        cancellationToken.ThrowIfCancellationRequested();
        if (string.IsNullOrWhiteSpace(text))
        {
            yield break;
        }

        yield return new SourceDocument { Title = Path.GetFileName(file.FullPath), Sections = Sections(text.Split('\n')) };
    }

    private static List<SourceSection> Sections(string[] lines)
    {
        var sections = new List<SourceSection>();
        var open = new List<(int Indent, string Name)>();
        var start = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (NameOf(lines[i]) is not { } name)
            {
                continue;
            }

            var from = CommentsAbove(lines, i, start);
            Add(sections, lines, start, from, open);
            start = from;
            var indent = Indent(lines[i]);
            open.RemoveAll(o => o.Indent >= indent);
            open.Add((indent, name));
        }

        Add(sections, lines, start, lines.Length, open);
        return sections;
    }

    private static void Add(List<SourceSection> sections, string[] lines, int from, int to, List<(int Indent, string Name)> open)
    {
        var text = new TextAssembly();
        text.Code(string.Join('\n', lines[from..to]), from + 1);
        if (!text.IsEmpty)
        {
            sections.Add(text.ToSection([.. open.Select(o => o.Name)], null));
        }
    }

    private static int CommentsAbove(string[] lines, int at, int start)
    {
        while (
            at > start
            && lines[at - 1].TrimStart()
                is ['/', '/', ..]
                    or ['#', ..]
                    or ['*', ..]
                    or ['/', '*', ..]
                    or ['@', ..]
                    or ['[', ..]
                    or ['-', '-', ..]
        )
        {
            at--;
        }

        return at;
    }

    private static int Indent(string line)
    {
        var indent = 0;
        foreach (var c in line)
        {
            if (c is not (' ' or '\t'))
            {
                break;
            }

            indent += c == '\t' ? 4 : 1;
        }

        return indent;
    }

    /// <summary>The name that a line declares; null where it declares none. A line is matched in time linear in its length.</summary>
    private static string? NameOf(string line)
    {
        const int LongestLine = 400;
        if (line.Length > LongestLine || line.Length == 0)
        {
            return null;
        }

        var match = Declaration().Match(line);
        if (match.Success)
        {
            return match.Groups[1].Value.TrimEnd(':', '.');
        }

        match = Method().Match(line);
        return match.Success && !ControlFlow().IsMatch(match.Groups[1].Value) ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(
        @"^\s*(?:(?:export|default|public|private|protected|internal|static|final|abstract|sealed|partial|async|open|data|unsafe|extern|readonly|pub(?:\([^)]*\))?|inline|const|virtual|override|declare|local)\s+)*"
            + @"(?:class|struct|interface|enum|record|trait|impl|object|protocol|extension|namespace|module|def|fn|func|fun|function|sub|type|union|message|service|defmodule|defp?|CREATE\s+(?:TABLE|VIEW|FUNCTION|PROCEDURE))\s+"
            + @"(?:\([^)]*\)\s*)?(?:<[^>]*>\s*)?([A-Za-z_$][\w$.:]*)",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Declaration();

    [GeneratedRegex(
        @"^\s*(?:(?:public|private|protected|internal|static|final|abstract|virtual|override|async|sealed|extern|unsafe|inline|synchronized|explicit|constexpr)\s+)+[\w<>\[\],.?*&: ]*?([A-Za-z_~]\w*)\s*(?:<[^>]*>)?\(",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Method();

    [GeneratedRegex(@"^(if|for|while|switch|return|catch|using|lock|new|throw)$")]
    private static partial Regex ControlFlow();
}
