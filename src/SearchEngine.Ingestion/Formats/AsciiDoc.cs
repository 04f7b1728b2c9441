using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Understands AsciiDoc: headings, block titles, delimited blocks, attributes, macros.</summary>
internal static partial class AsciiDoc
{
    internal static IEnumerable<MarkupLine> Lines(string[] lines)
    {
        string? fence = null;
        foreach (var raw in lines)
        {
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
