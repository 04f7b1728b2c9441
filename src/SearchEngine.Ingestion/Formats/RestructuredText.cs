using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Understands reStructuredText: titles by their adornments, in the order in which a file uses them; roles, targets, directives.
/// </summary>
internal static partial class RestructuredText
{
    private const string Adornments = "=-`:'\"~^_*+#<>.!$%&(),/;?@[\\]{|}";

    internal static IEnumerable<MarkupLine> Lines(string[] lines)
    {
        var styles = new List<string>();
        var literal = -1;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd();
            var indent = line.Length - line.TrimStart().Length;
            if (literal >= 0 && (line.Length == 0 || indent > literal))
            {
                yield return new MarkupLine(MarkupLineKind.Code, lines[i]);
                continue;
            }

            literal = -1;
            if (
                IsAdornment(line)
                && i + 2 < lines.Length
                && lines[i + 1].Trim().Length > 0
                && lines[i + 2].TrimEnd() == line
                && line.Length >= lines[i + 1].Trim().Length
            )
            {
                yield return new MarkupLine(MarkupLineKind.Nothing, "");
                yield return new MarkupLine(MarkupLineKind.Heading, Inline(lines[i + 1].Trim()), LevelOf(styles, "over" + line[0]));
                yield return new MarkupLine(MarkupLineKind.Nothing, "");
                i += 2;
                continue;
            }

            if (
                indent == 0
                && line.Length > 0
                && i + 1 < lines.Length
                && IsAdornment(lines[i + 1].TrimEnd())
                && lines[i + 1].TrimEnd().Length >= Math.Min(line.Length, 3)
                && !IsAdornment(line)
                && (i == 0 || string.IsNullOrWhiteSpace(lines[i - 1]) || IsMarkup(lines[i - 1]))
            )
            {
                yield return new MarkupLine(MarkupLineKind.Heading, Inline(line), LevelOf(styles, lines[i + 1][..1]));
                yield return new MarkupLine(MarkupLineKind.Nothing, "");
                i++;
                continue;
            }

            if ((line.Length >= 4 && IsAdornment(line)) || TableBorder().IsMatch(line))
            {
                yield return new MarkupLine(MarkupLineKind.Text, "");
                continue;
            }

            if (Directive().Match(line) is { Success: true } directive)
            {
                var name = directive.Groups[1].Value;
                if (
                    name
                    is "code-block"
                        or "code"
                        or "sourcecode"
                        or "parsed-literal"
                        or "math"
                        or "highlight"
                        or "prompt"
                        or "productionlist"
                )
                {
                    literal = indent;
                }

                var words = name is "image" or "figure" or "include" or "toctree" or "highlight" or "literalinclude"
                    ? ""
                    : Inline(directive.Groups[2].Value);
                yield return new MarkupLine(MarkupLineKind.Text, words);
                continue;
            }

            if (Target().IsMatch(line))
            {
                yield return new MarkupLine(MarkupLineKind.Text, "");
                continue;
            }

            if (line.EndsWith("::", StringComparison.Ordinal))
            {
                literal = indent;
                line = line == "::" ? "" : line[..^1];
            }

            yield return new MarkupLine(MarkupLineKind.Text, Inline(Comment().IsMatch(line) ? line.TrimStart()[2..] : line));
        }
    }

    private static bool IsMarkup(string line) => Target().IsMatch(line) || IsAdornment(line.TrimEnd());

    private static bool IsAdornment(string line) =>
        line.Length >= 2 && Adornments.Contains(line[0], StringComparison.Ordinal) && line.All(c => c == line[0]);

    private static int LevelOf(List<string> styles, string style)
    {
        var level = styles.IndexOf(style);
        if (level < 0)
        {
            level = styles.Count;
            styles.Add(style);
        }

        return level + 1;
    }

    private static string Inline(string text)
    {
        text = Role().Replace(text, "$1");
        text = Link().Replace(text, "$1");
        text = Option().Replace(text, "$1");
        return text.Replace("``", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\s*\.\.\s+(?:\|[^|]+\|\s+)?([A-Za-z][\w:.+-]*)::\s*(.*)$")]
    private static partial Regex Directive();

    /// <summary>The borders of simple and grid tables.</summary>
    [GeneratedRegex(@"^\s*(={2,}(\s+={2,})+|(\+[-=]{2,})+\+)$", RegexOptions.NonBacktracking)]
    private static partial Regex TableBorder();

    [GeneratedRegex(@"^\s*(\.\. _[^:]*:|__\s)(\s|$)")]
    private static partial Regex Target();

    [GeneratedRegex(@"^\s*\.\.(\s|$)")]
    private static partial Regex Comment();

    [GeneratedRegex(@":[\w:.+-]+:`~?([^`<]+?)(?:\s*<[^>`]*>)?`")]
    private static partial Regex Role();

    [GeneratedRegex(@"`([^`<]+?)(?:\s*<[^>`]*>)?`_{0,2}")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\s+:(?:alt|name|caption|title|header):\s*(.*)$")]
    private static partial Regex Option();
}
