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
        var parts = new List<MarkupLine>();
        foreach (var raw in lines)
        {
            parts.Clear();
            Read(raw, ref isCode, parts);
            for (var i = 0; i < parts.Count; i++)
            {
                yield return parts[i] with
                {
                    IsBeside = i > 0,
                };
            }
        }
    }

    /// <summary>The parts of a line, one at least: what stands beside the ends of code, or behind a heading, is text like any other.</summary>
    private static void Read(string raw, ref bool isCode, List<MarkupLine> parts)
    {
        if (isCode)
        {
            ReadCode(raw, ref isCode, parts);
            return;
        }

        var line = Comment().Replace(raw, "$1").TrimEnd();
        if (BeginCode().Match(line) is { Success: true } begin)
        {
            parts.Add(new MarkupLine(MarkupLineKind.Text, Plain(line[..begin.Index])));
            isCode = true;
            // Of the options of a listing only its caption is for people.
            var rest = raw[(begin.Index + begin.Length)..];
            var options = Options().Match(rest);
            if (Caption().Match(options.Value) is { Success: true } caption)
            {
                parts.Add(new MarkupLine(MarkupLineKind.Text, Plain(caption.Groups[1].Value)));
            }

            if (rest[options.Length..].Trim().Length > 0)
            {
                ReadCode(rest[options.Length..], ref isCode, parts);
            }
        }
        else if (Section().Match(line) is { Success: true } section && Argument(line, section.Index + section.Length) is { } heading)
        {
            parts.Add(new MarkupLine(MarkupLineKind.Heading, Plain(heading), Array.IndexOf(Levels, section.Groups[1].Value) + 1));
            AddText(line[(section.Index + section.Length + heading.Length + 1)..], parts);
        }
        else if (
            line.TrimStart().StartsWith("\\title", StringComparison.Ordinal)
            && line.IndexOf('{', StringComparison.Ordinal) is var open
            && Argument(line, open + 1) is { } title
        )
        {
            parts.Add(new MarkupLine(MarkupLineKind.Title, Plain(title)));
            AddText(line[(open + title.Length + 2)..], parts);
        }
        else
        {
            parts.Add(new MarkupLine(MarkupLineKind.Text, line.Length == raw.Length || line.Length > 0 ? Plain(line) : " "));
        }
    }

    private static void ReadCode(string code, ref bool isCode, List<MarkupLine> parts)
    {
        var end = EndCode().Match(code);
        if (!end.Success)
        {
            parts.Add(new MarkupLine(MarkupLineKind.Code, code));
            return;
        }

        isCode = false;
        if (code[..end.Index].Trim().Length > 0)
        {
            parts.Add(new MarkupLine(MarkupLineKind.Code, code[..end.Index]));
        }

        parts.Add(new MarkupLine(MarkupLineKind.Text, Plain(Comment().Replace(code[(end.Index + end.Length)..], "$1"))));
    }

    private static void AddText(string text, List<MarkupLine> parts)
    {
        if (Plain(text) is { Length: > 0 } plain)
        {
            parts.Add(new MarkupLine(MarkupLineKind.Text, plain));
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
        // Arguments are apart from each other, from what an environment holds, and from its options and labels.
        text = text.Replace("}{", "} {", StringComparison.Ordinal);
        text = Begin().Replace(text, " $1 ");
        text = Item().Replace(text, " $1 ");
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

    /// <summary>The options of a listing, and its language.</summary>
    [GeneratedRegex(@"^(?:\[[^\]]*\])?(?:\{[A-Za-z0-9+#-]*\})?")]
    private static partial Regex Options();

    [GeneratedRegex(@"\bcaption\s*=\s*\{?([^},\]]+)")]
    private static partial Regex Caption();

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
        @"\\(label|ref|eqref|pageref|cite[a-z]*|usepackage|documentclass|input|includegraphics|include|bibliography|bibliographystyle|vspace|hspace|begin|end|setlength|newcommand|renewcommand|pagestyle)(?![A-Za-z])\*?(\[[^\]]*\])*(\{[^}]*\})?"
    )]
    private static partial Regex Silent();

    /// <summary>The options and arguments of an environment: its title, the caption of a listing, the columns of a table.</summary>
    [GeneratedRegex(@"\\begin\{[^}]*\}((?:\[[^\]]*\])*(?: ?\{[^{}]*\})*)")]
    private static partial Regex Begin();

    [GeneratedRegex(@"\\item\s*\[([^\]]*)\]")]
    private static partial Regex Item();

    [GeneratedRegex(@"\\[A-Za-z@]+\*?(\[[^\]]*\])?")]
    private static partial Regex Command();

    [GeneratedRegex(@"\\([%$&#_{} ])")]
    private static partial Regex Escape();
}
