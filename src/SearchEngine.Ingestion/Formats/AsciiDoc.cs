using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Understands AsciiDoc: headings, block titles, delimited blocks, attributes, macros.</summary>
internal static partial class AsciiDoc
{
    /// <summary>The characters that underline titles, by level.</summary>
    private const string Underlines = "=-~^+";

    internal static IEnumerable<MarkupLine> Lines(string[] lines)
    {
        string? fence = null;
        for (var i = 0; i < lines.Length; i++)
        {
            var raw = lines[i];
            var line = raw.TrimEnd();
            if (fence is not null)
            {
                if (line == fence)
                {
                    fence = null;
                    yield return new MarkupLine(MarkupLineKind.Text, "");
                }
                else
                {
                    yield return new MarkupLine(MarkupLineKind.Code, raw);
                }
            }
            else if (i + 1 < lines.Length && UnderlinedLevel(line, lines[i + 1].TrimEnd()) is { } level)
            {
                i++;
                yield return new MarkupLine(MarkupLineKind.Heading, Inline(line), level);
                yield return new MarkupLine(MarkupLineKind.Nothing, "");
            }
            else if (CodeFence().IsMatch(line))
            {
                fence = line;
                yield return new MarkupLine(MarkupLineKind.Text, "");
            }
            else if (Heading().Match(line) is { Success: true } heading)
            {
                yield return new MarkupLine(MarkupLineKind.Heading, Inline(heading.Groups[2].Value), heading.Groups[1].Length);
            }
            else if (Attribute().Match(line) is { Success: true } attribute)
            {
                // Only what is shown: ":description: …", not ":toc: left".
                var isShown = attribute.Groups[1].Value is "description" or "keywords" or "author" or "subject";
                yield return new MarkupLine(isShown ? MarkupLineKind.Text : MarkupLineKind.Nothing, attribute.Groups[2].Value);
            }
            else if (line.StartsWith("//", StringComparison.Ordinal) || Delimiter().IsMatch(line))
            {
                yield return new MarkupLine(MarkupLineKind.Text, "");
            }
            else if (BlockAttributes().Match(line) is { Success: true } block)
            {
                // "[quote, Author, Book]" is shown, "[source,java]" is not.
                yield return new MarkupLine(MarkupLineKind.Text, block.Groups[1].Value is "quote" or "verse" ? block.Groups[2].Value : "");
            }
            else
            {
                yield return new MarkupLine(
                    MarkupLineKind.Text,
                    Inline(line.StartsWith('.') && line.Length > 1 && line[1] is not ('.' or ' ') ? line[1..] : line)
                );
            }
        }
    }

    /// <summary>The level of a title that is underlined, as in older documents: about as long a line as it has characters.</summary>
    private static int? UnderlinedLevel(string title, string line) =>
        line.Length >= 2
        && Math.Abs(line.Length - title.Length) <= 2
        && title.Length >= 2
        && char.IsLetterOrDigit(title[0])
        && Underlines.IndexOf(line[0], StringComparison.Ordinal) is var level and >= 0
        && line.All(c => c == line[0])
            ? level + 1
            : null;

    private static string Inline(string text)
    {
        text = Macro()
            .Replace(
                text,
                m =>
                    m.Groups[1].Value is "xref" or "link" or "http" or "https" && m.Groups[2].Length == 0
                        ? m.Value
                        : " " + m.Groups[2].Value + " "
            );
        text = CrossReference().Replace(text, "$1");
        text = Anchor().Replace(text, "");
        return Format().Replace(text, "$1");
    }

    [GeneratedRegex(@"^(-{4,}|\.{4,}|`{3,}\w*|\+{4,})$")]
    private static partial Regex CodeFence();

    [GeneratedRegex(@"^(={1,6}|#{1,6})\s+(.+?)\s*=*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^:!?([\w-]+)!?:\s*(.*)$")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^(={4,}|\*{4,}|_{4,}|\|={3,}|--|'{3,}|<{3,}|,={3,})$")]
    private static partial Regex Delimiter();

    [GeneratedRegex(@"^\[([\w%#.]*)[,\s]*([^\]]*)\]$")]
    private static partial Regex BlockAttributes();

    [GeneratedRegex(@"\b(link|xref|image|video|audio|include|icon|kbd|btn|menu|footnote|pass|stem|https?)::?[^\s\[\]]*\[([^\]]*)\]")]
    private static partial Regex Macro();

    [GeneratedRegex(@"<<[^,>]*,?\s*([^>]*)>>")]
    private static partial Regex CrossReference();

    [GeneratedRegex(@"\[\[[^\]]*\]\]")]
    private static partial Regex Anchor();

    [GeneratedRegex(@"(?<![\w*_`])[*_`]{1,2}(\S(?:[^*_`]*\S)?)[*_`]{1,2}(?![\w*_`])")]
    private static partial Regex Format();
}
