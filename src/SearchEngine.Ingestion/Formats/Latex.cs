using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Understands LaTeX line by line: sections, title, environments; commands go, what they hold stays.</summary>
internal static partial class Latex
{
    private static readonly string[] Levels = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"];

    private static readonly Dictionary<string, string> Letters = new(StringComparer.Ordinal)
    {
        ["ss"] = "ß",
        ["ae"] = "æ",
        ["AE"] = "Æ",
        ["oe"] = "œ",
        ["OE"] = "Œ",
        ["aa"] = "å",
        ["AA"] = "Å",
        ["o"] = "ø",
        ["O"] = "Ø",
        ["l"] = "ł",
        ["L"] = "Ł",
        ["dh"] = "ð",
        ["DH"] = "Ð",
        ["th"] = "þ",
        ["TH"] = "Þ",
        ["dj"] = "đ",
        ["DJ"] = "Đ",
        ["ng"] = "ŋ",
        ["NG"] = "Ŋ",
    };

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
        text = Letter().Replace(text, m => Letters[m.Groups[1].Value]);
        text = Accent()
            .Replace(
                text,
                m =>
                    Accented(
                        m.Groups[2].Success ? m.Groups[2].Value : m.Groups[4].Value,
                        (m.Groups[1].Success ? m.Groups[1] : m.Groups[3]).Value[0]
                    )
            );
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
        TextComposition.Compose(
            letter.TrimStart('\\')
                + accent switch
                {
                    '\'' => '\u0301',
                    '`' => '\u0300',
                    '"' => '\u0308',
                    '^' => '\u0302',
                    '~' => '\u0303',
                    '=' => '\u0304',
                    '.' => '\u0307',
                    'c' => '\u0327',
                    'v' => '\u030c',
                    'u' => '\u0306',
                    'H' => '\u030b',
                    'k' => '\u0328',
                    'r' => '\u030a',
                    'd' => '\u0323',
                    _ => '\u0331',
                }
        );

    [GeneratedRegex(@"^\s*\\(part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?\s*(?:\[[^\]]*\])?\{")]
    private static partial Regex Section();

    [GeneratedRegex(@"\\begin\{(verbatim|lstlisting|minted|Verbatim|alltt)\*?\}")]
    private static partial Regex BeginCode();

    [GeneratedRegex(@"\\end\{(verbatim|lstlisting|minted|Verbatim|alltt)\*?\}")]
    private static partial Regex EndCode();

    [GeneratedRegex(@"(^|[^\\])%.*$")]
    private static partial Regex Comment();

    /// <summary>\'e, \'{e}, {\'e}, \c{c}, \v s; the dotless \i and \j below them are letters.</summary>
    [GeneratedRegex(@"\\(['`""^~=.])\{?(\\?[A-Za-z])\}?|\\([cvuHkrdb])(?:\{\s*|\s+)(\\?[A-Za-z])\}?")]
    private static partial Regex Accent();

    /// <summary>Letters with names, and the space or braces that end the name.</summary>
    [GeneratedRegex(@"\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|dh|DH|th|TH|dj|DJ|ng|NG)(?:\{\}|\s+|(?![A-Za-z]))")]
    private static partial Regex Letter();

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
