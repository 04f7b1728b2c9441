using System.Net;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Pages in XML, as in books and on older sites. Their syntax means other things than HTML's: an element that closes itself
/// ("&lt;script src='x'/&gt;", "&lt;title/&gt;") is over, where a parser of HTML takes the rest of the page into it, and what stands in a
/// CDATA section is text.
/// </summary>
internal static class Xhtml
{
    /// <summary>Characters in which a page says what it is.</summary>
    private const int HeadLength = 4096;

    private const string Namespace = "http://www.w3.org/1999/xhtml";
    private const string CommentStart = "<!--";
    private const string CommentEnd = "-->";
    private const string SectionStart = "<![CDATA[";
    private const string SectionEnd = "]]>";

    /// <summary>Whether a page is one in XML: it has an XML declaration or names the namespace.</summary>
    internal static bool Is(string page)
    {
        var head = page.AsSpan(0, Math.Min(page.Length, HeadLength)).TrimStart();
        return head.StartsWith("<?xml", StringComparison.Ordinal) || head.Contains(Namespace, StringComparison.Ordinal);
    }

    /// <summary>The page as HTML. In time linear in its length, whatever it leaves open.</summary>
    internal static string ToHtml(string page)
    {
        var html = new StringBuilder(page.Length + (page.Length / 16));
        var at = 0;
        while (at < page.Length)
        {
            var open = page.IndexOf('<', at);
            open = open < 0 ? page.Length : open;
            html.Append(page, at, open - at);
            at = open < page.Length ? AppendMarkup(page, open, html) : open;
        }

        return html.ToString();
    }

    /// <summary>Appends what begins at a "&lt;"; returns where it ends.</summary>
    private static int AppendMarkup(string page, int open, StringBuilder html)
    {
        var rest = page.AsSpan(open);
        if (rest.StartsWith(CommentStart, StringComparison.Ordinal))
        {
            return AppendUntil(page, open, open + CommentStart.Length, CommentEnd, html);
        }

        if (rest.StartsWith(SectionStart, StringComparison.Ordinal))
        {
            var start = open + SectionStart.Length;
            var end = page.IndexOf(SectionEnd, start, StringComparison.Ordinal);
            html.Append(WebUtility.HtmlEncode(page[start..(end < 0 ? page.Length : end)]));
            return end < 0 ? page.Length : end + SectionEnd.Length;
        }

        if (rest.Length < 2 || !char.IsAsciiLetter(rest[1]))
        {
            html.Append('<');
            return open + 1;
        }

        var close = TagEnd(page, open);
        var name = NameAt(rest[1..]);
        if (page[close - 1] == '>' && page[close - 2] == '/' && !HtmlElements.Void.Contains(name))
        {
            html.Append(page, open, close - 2 - open).Append("></").Append(name).Append('>');
            return close;
        }

        html.Append(page, open, close - open);
        return name.ToLowerInvariant() is "script" or "style" ? AppendUntil(page, close, close, "</" + name, html) : close;
    }

    private static int AppendUntil(string page, int from, int search, string mark, StringBuilder html)
    {
        var end = page.IndexOf(mark, Math.Min(search, page.Length), StringComparison.OrdinalIgnoreCase);
        end = end < 0 ? page.Length : end + mark.Length;
        html.Append(page, from, end - from);
        return end;
    }

    private static string NameAt(ReadOnlySpan<char> tag)
    {
        var end = tag.IndexOfAny(" \t\n\f/>");
        return (end < 0 ? tag : tag[..end]).ToString();
    }

    /// <summary>Behind the tag's end; a "&gt;" in quotes ends none.</summary>
    private static int TagEnd(string page, int open)
    {
        var quote = '\0';
        for (var i = open + 1; i < page.Length; i++)
        {
            var c = page[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == '>')
            {
                return i + 1;
            }
        }

        return page.Length;
    }
}
