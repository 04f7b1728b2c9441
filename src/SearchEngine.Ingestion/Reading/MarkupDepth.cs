using System.Collections.Frozen;

namespace SearchEngine.Ingestion;

/// <summary>
/// How deep markup is nested, by a look at its tags alone. Parsers of HTML go through the open elements at every tag, so that a hundred
/// thousand of them take minutes for a megabyte; no page that somebody reads is as deep as the bounds here.
/// </summary>
internal static class MarkupDepth
{
    /// <summary>Open elements above which a page is not parsed. Browsers stop at some hundred.</summary>
    public const int MostElements = 25_000;

    /// <summary>Quotes and lists in each other above which Markdown is not parsed.</summary>
    public const int MostBlocks = 500;

    /// <summary>Links without an end above which Markdown is not parsed.</summary>
    public const int MostOpenLinks = 2000;

    /// <summary>Elements that end by themselves or have no end: pages leave out their end tags.</summary>
    private static readonly FrozenSet<string> Unclosed = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            .. "p li dt dd td th tr thead tbody tfoot option optgroup colgroup rb rt rtc rp html head body".Split(' '),
            .. "area base br col embed hr img input link meta param source track wbr".Split(' '),
        ]
    );

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> UnclosedNames = Unclosed.GetAlternateLookup<
        ReadOnlySpan<char>
    >();

    /// <summary>Elements that hold text in which nothing is a tag.</summary>
    private static readonly string[] Raw = ["script", "style", "textarea", "title", "xmp", "noframes", "iframe"];

    /// <summary>Whether more elements are open at one place than a parser should be given.</summary>
    /// <exception cref="SourceFormatException">They are.</exception>
    public static void RequireHtml(ReadOnlySpan<char> html)
    {
        var depth = 0;
        // Only drawings and formulas have elements that end in their own tag; elsewhere the stroke means nothing.
        var isForeign = false;
        for (var at = 0; ; )
        {
            var next = html[at..].IndexOf('<');
            if (next < 0)
            {
                return;
            }
            at += next + 1;
            var rest = html[at..];
            if (rest.StartsWith("!--"))
            {
                at += Skip(rest, "-->");
                continue;
            }

            var isEnd = rest.StartsWith("/");
            var name = NameOf(isEnd ? rest[1..] : rest);
            if (name.IsEmpty || UnclosedNames.Contains(name))
            {
                continue;
            }
            var isRoot = name.Equals("svg", StringComparison.OrdinalIgnoreCase) || name.Equals("math", StringComparison.OrdinalIgnoreCase);
            if (isRoot)
            {
                isForeign = !isEnd;
            }
            if (isEnd)
            {
                depth = Math.Max(0, depth - 1);
                continue;
            }

            if (isForeign && EndsItself(rest))
            {
                continue;
            }

            foreach (var raw in Raw)
            {
                if (name.Equals(raw, StringComparison.OrdinalIgnoreCase))
                {
                    at += Skip(rest, "</" + raw);
                }
            }

            if (++depth > MostElements)
            {
                throw new SourceFormatException(
                    $"More than {MostElements} of its elements are in each other, too many to take its text from."
                );
            }
        }
    }

    /// <summary>Whether a line of Markdown begins with more quotes and lists in each other than a parser should be given.</summary>
    public static bool IsTooDeepMarkdown(ReadOnlySpan<char> text)
    {
        foreach (var line in text.EnumerateLines())
        {
            var blocks = 0;
            for (var i = 0; i < line.Length && line[i] is '>' or '-' or '*' or '+' or ' ' or '\t'; i++)
            {
                blocks += line[i] == '>' || line[i] is '-' or '*' or '+' && i + 1 < line.Length && line[i + 1] is ' ' or '\t' ? 1 : 0;
                if (blocks > MostBlocks)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether more targets of links begin in a text than end: the parser looks for the end of each in all that follows.</summary>
    public static bool HasEndlessLinks(ReadOnlySpan<char> text) => text.Count("](") - text.Count(')') > MostOpenLinks;

    private static bool EndsItself(ReadOnlySpan<char> tag)
    {
        // No further than the next tag: one that never ends must not be looked for again and again.
        var end = tag.IndexOfAny('<', '>');
        return end > 0 && tag[end] == '>' && tag[end - 1] == '/';
    }

    private static int Skip(ReadOnlySpan<char> rest, string end)
    {
        var at = rest.IndexOf(end, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? rest.Length : at;
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> tag)
    {
        if (tag.IsEmpty || !char.IsAsciiLetter(tag[0]))
        {
            return [];
        }
        var end = tag.IndexOfAny(" \t\r\n\f/>");
        return end < 0 ? tag : tag[..end];
    }
}
