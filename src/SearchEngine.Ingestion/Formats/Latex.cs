using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Understands LaTeX line by line: sections, title, environments; commands go, what they hold stays.</summary>
internal static partial class Latex
{
    private static readonly string[] Levels = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"];

    internal static IEnumerable<MarkupLine> Lines(string[] lines)
    {
        var isCode = false;
        foreach (var raw in lines)
        {
            if (isCode)
            {
                isCode = !EndCode().IsMatch(raw);
                yield return isCode ? new MarkupLine(MarkupLineKind.Code, raw) : new MarkupLine(MarkupLineKind.Text, "");
                continue;
            }

            var line = Comment().Replace(raw, "$1").TrimEnd();
            if (BeginCode().IsMatch(line))
            {
                isCode = !EndCode().IsMatch(line);
                yield return new MarkupLine(MarkupLineKind.Text, "");
            }
            else if (Section().Match(line) is { Success: true } section && Argument(line, section.Index + section.Length) is { } heading)
            {
                yield return new MarkupLine(MarkupLineKind.Heading, Plain(heading), Array.IndexOf(Levels, section.Groups[1].Value) + 1);
            }
            else if (
                line.TrimStart().StartsWith("\\title", StringComparison.Ordinal)
                && Argument(line, line.IndexOf('{', StringComparison.Ordinal) + 1) is { } title
            )
            {
                yield return new MarkupLine(MarkupLineKind.Title, Plain(title));
            }
            else
            {
                yield return new MarkupLine(MarkupLineKind.Text, line.Length == raw.Length || line.Length > 0 ? Plain(line) : " ");
            }
        }
    }

    private static string? Argument(string line, int start)
    {
        var depth = 1;
        for (var i = start; start > 0 && i < line.Length; i++)
        {
            depth +=
                line[i] == '{' ? 1
                : line[i] == '}' ? -1
                : 0;
            if (depth == 0)
            {
                return line[start..i];
            }
        }

        return null;
    }

    private static string Plain(string text)
    {
        text = Accent().Replace(text, m => Accented(m.Groups[2].Value, m.Groups[1].Value[0]));
        text = Silent().Replace(text, " ");
        text = Command().Replace(text, " ");
        text = text.Replace("~", " ", StringComparison.Ordinal)
            .Replace("\\\\", " ", StringComparison.Ordinal)
            .Replace("---", "—", StringComparison.Ordinal)
            .Replace("--", "–", StringComparison.Ordinal)
            .Replace("``", "“", StringComparison.Ordinal)
            .Replace("''", "”", StringComparison.Ordinal);
        return Escape()
            .Replace(text, "$1")
            .Replace("{", "", StringComparison.Ordinal)
            .Replace("}", "", StringComparison.Ordinal)
            .Replace('&', '|')
            .Trim();
    }

    private static string Accented(string letter, char accent) =>
        (
            letter
            + accent switch
            {
                '\'' => '\u0301',
                '`' => '\u0300',
                '"' => '\u0308',
                '^' => '\u0302',
                _ => '\u0303',
            }
        ).Normalize(System.Text.NormalizationForm.FormC);

    [GeneratedRegex(@"^\s*\\(part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?\s*(?:\[[^\]]*\])?\{")]
    private static partial Regex Section();

    [GeneratedRegex(@"\\begin\{(verbatim|lstlisting|minted|Verbatim|alltt)\*?\}")]
    private static partial Regex BeginCode();

    [GeneratedRegex(@"\\end\{(verbatim|lstlisting|minted|Verbatim|alltt)\*?\}")]
    private static partial Regex EndCode();

    [GeneratedRegex(@"(^|[^\\])%.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\(['`""^~])\{?([A-Za-z])\}?")]
    private static partial Regex Accent();

    /// <summary>Commands whose argument is not shown.</summary>
    [GeneratedRegex(
        @"\\(label|ref|eqref|pageref|cite[a-z]*|usepackage|documentclass|input|include|includegraphics|bibliography|bibliographystyle|vspace|hspace|begin|end|setlength|newcommand|renewcommand|pagestyle)\*?(\[[^\]]*\])*(\{[^}]*\})?"
    )]
    private static partial Regex Silent();

    [GeneratedRegex(@"\\[A-Za-z@]+\*?(\[[^\]]*\])?")]
    private static partial Regex Command();

    [GeneratedRegex(@"\\([%$&#_{} ])")]
    private static partial Regex Escape();
}
