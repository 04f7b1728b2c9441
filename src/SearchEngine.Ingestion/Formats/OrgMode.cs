using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Understands Org: headlines with their states and tags, blocks, drawers, links.</summary>
internal static partial class OrgMode
{
    internal static IEnumerable<MarkupLine> Lines(string[] lines)
    {
        var isCode = false;
        var isDrawer = false;
        foreach (var raw in lines)
        {
            var line = raw.TrimEnd();
            if (isCode || isDrawer)
            {
                var ends = isCode ? EndBlock().IsMatch(line) : line.Trim().Equals(":END:", StringComparison.OrdinalIgnoreCase);
                yield return ends || isDrawer
                    ? new MarkupLine(isCode ? MarkupLineKind.Text : MarkupLineKind.Nothing, "")
                    : new MarkupLine(MarkupLineKind.Code, raw);
                (isCode, isDrawer) = (isCode && !ends, isDrawer && !ends);
            }
            else if (Headline().Match(line) is { Success: true } headline)
            {
                yield return new MarkupLine(MarkupLineKind.Heading, Inline(headline.Groups[2].Value), headline.Groups[1].Length);
            }
            else if (BeginCode().IsMatch(line))
            {
                isCode = true;
                yield return new MarkupLine(MarkupLineKind.Text, "");
            }
            else if (Keyword().Match(line) is { Success: true } keyword)
            {
                var name = keyword.Groups[1].Value.ToLowerInvariant();
                yield return name == "title" ? new MarkupLine(MarkupLineKind.Title, keyword.Groups[2].Value)
                : name is "author" or "description" or "keywords" or "caption" or "subtitle" or "filetags"
                    ? new MarkupLine(MarkupLineKind.Text, keyword.Groups[2].Value)
                : new MarkupLine(MarkupLineKind.Nothing, "");
            }
            else if (line.Trim() is [':', .., ':'] drawer && drawer.ToUpperInvariant() is ":PROPERTIES:" or ":LOGBOOK:")
            {
                isDrawer = true;
                yield return new MarkupLine(MarkupLineKind.Nothing, "");
            }
            else
            {
                yield return new MarkupLine(MarkupLineKind.Text, Inline(Comment().IsMatch(line) ? "" : line));
            }
        }
    }

    private static string Inline(string text) => Link().Replace(text, m => m.Groups[2].Success ? m.Groups[2].Value : m.Groups[1].Value);

    [GeneratedRegex(@"^(\*+)\s+(.+?)\s*$")]
    private static partial Regex Headline();

    [GeneratedRegex(@"^\s*#\+begin_(src|example|export)", RegexOptions.IgnoreCase)]
    private static partial Regex BeginCode();

    [GeneratedRegex(@"^\s*#\+end_(src|example|export)", RegexOptions.IgnoreCase)]
    private static partial Regex EndBlock();

    [GeneratedRegex(@"^\s*#\+([\w-]+):?\s*(.*)$")]
    private static partial Regex Keyword();

    [GeneratedRegex(@"^\s*#(\s|$)")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\[\[([^\]]*)\](?:\[([^\]]*)\])?\]")]
    private static partial Regex Link();
}
