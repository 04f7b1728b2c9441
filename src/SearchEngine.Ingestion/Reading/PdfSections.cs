using System.Text;
using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Makes sections of a document's pages: one for each page, and on pages where bookmarks begin, one for each of these.</summary>
internal static partial class PdfSections
{
    /// <summary>Lines at the top and at the bottom of a page that may be its header or footer.</summary>
    private const int EdgeLines = 2;

    /// <summary>A line at the edges of so many pages is a header or footer (with its numbers left out of account).</summary>
    private const int MinRepeats = 3;

    internal static IReadOnlyList<SourceSection> Of(List<PdfPage> pages, List<PdfHeading> headings)
    {
        RemoveRepeated(pages);
        PdfSeams.Join(pages);
        var words = Vocabulary(pages);
        var sections = new List<SourceSection>();
        IReadOnlyList<string> path = [];
        var next = 0;
        foreach (var page in pages)
        {
            var lines = page.Lines;
            var from = 0;
            while (next < headings.Count && headings[next].Page <= page.Number)
            {
                var heading = headings[next++];
                if (heading.Page == page.Number && Find(lines, from, heading.Path[^1]) is var at && at >= 0)
                {
                    Add(sections, path, page.Number, lines, from, at, words);
                    from = at;
                }

                path = heading.Path;
            }

            Add(sections, path, page.Number, lines, from, lines.Count, words);
        }

        return sections;
    }

    private static void Add(
        List<SourceSection> sections,
        IReadOnlyList<string> path,
        int page,
        List<PdfLine> lines,
        int from,
        int to,
        HashSet<string> words
    )
    {
        var text = Text(lines, from, to, words);
        if (path.Count > 0 && Letters(text) == Letters(path[^1]) && text.Any(char.IsLetter))
        {
            // The heading at the foot of a page: it goes with the text on the next.
            sections.Add(new SourceSection(path, page, ""));
        }
        else if (text.Length > 0)
        {
            sections.Add(new SourceSection(path, page, text));
        }
    }

    /// <summary>The line on which a heading stands, numbers in front of it or not; -1 where none is it.</summary>
    private static int Find(List<PdfLine> lines, int from, string heading)
    {
        var wanted = Letters(heading);
        for (var i = from; wanted.Length > 0 && i < lines.Count; i++)
        {
            var line = Letters(lines[i].Text);
            if (line == wanted || (line.EndsWith(wanted, StringComparison.Ordinal) && line.Length < wanted.Length + 12))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Letters(string text) => string.Concat(text.Where(char.IsLetter)).ToLowerInvariant();

    private static string Text(List<PdfLine> lines, int from, int to, HashSet<string> words)
    {
        var text = new StringBuilder();
        for (var i = from; i < to; i++)
        {
            var line = DotLeaders().Replace(lines[i].Text, " ");
            if (text.Length == 0)
            {
                text.Append(line);
                continue;
            }

            if (!lines[i].StartsBlock && BrokenWord().IsMatch(LastWord(text)) && line.Length > 0 && char.IsLower(line[0]))
            {
                Join(text, line, words);
                continue;
            }

            text.Append(lines[i].StartsBlock ? "\n\n" : "\n").Append(line);
        }

        return text.ToString().Trim();
    }

    /// <summary>Joins a word that a line end breaks; the hyphen stays where the document has the word with it and not without.</summary>
    private static void Join(StringBuilder text, string line, HashSet<string> words)
    {
        var head = LastWord(text);
        var end = line.AsSpan().IndexOfAnyExcept(WordCharacters);
        var tail = end < 0 ? line : line[..end];
        var joined = head[..^1] + tail;
        if (!words.Contains(head + tail) || words.Contains(joined))
        {
            text.Length--;
        }

        text.Append(line);
    }

    private static readonly System.Buffers.SearchValues<char> WordCharacters = System.Buffers.SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàâäáãåæçéèêëíìîïñóòôöõøúùûüýÿßœ-"
    );

    private static string LastWord(StringBuilder text)
    {
        var start = text.Length;
        while (start > 0 && text.Length - start < 60 && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        return text.ToString(start, text.Length - start);
    }

    private static HashSet<string> Vocabulary(List<PdfPage> pages)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in pages.SelectMany(p => p.Lines))
        {
            words.UnionWith(
                line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('.', ',', ';', ':', '(', ')', '"', '”', '“'))
            );
        }

        return words;
    }

    /// <summary>
    /// Takes headers and footers off all pages but the first that has them; what is another on each page (its number, a chapter's) stays.
    /// </summary>
    private static void RemoveRepeated(List<PdfPage> pages)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var page in pages)
        {
            foreach (var key in Edges(page).Select(i => Key(page.Lines[i].Text)).Distinct())
            {
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var page in pages)
        {
            foreach (var i in Edges(page).OrderDescending().ToList())
            {
                var text = page.Lines[i].Text;
                var key = Key(text);
                if (counts[key] < MinRepeats || !key.Any(char.IsLetter) || told.TryAdd(key, text))
                {
                    continue;
                }

                page.Lines.RemoveAt(i);
                if (Difference(text, told[key]) is { Length: > 0 } own)
                {
                    page.Lines.Insert(i, new PdfLine(own, StartsBlock: true));
                }
            }
        }
    }

    /// <summary>The words of a line that another one, alike but for its numbers, has not in their places.</summary>
    private static string Difference(string line, string other)
    {
        var others = other.Split(' ');
        return string.Join(' ', line.Split(' ').Where((word, i) => i >= others.Length || word != others[i]));
    }

    /// <summary>Lines that may be a header or footer; on a page of a few lines they leave room for its text.</summary>
    private static IEnumerable<int> Edges(PdfPage page)
    {
        var edge = Math.Min(EdgeLines, page.Lines.Count / 3);
        return Enumerable.Range(0, page.Lines.Count).Where(i => i < edge || i >= page.Lines.Count - edge);
    }

    private static string Key(string line) => Numbers().Replace(line, "#");

    [GeneratedRegex(@"[ \t]*(?:[.·…_][ \t]*){4,}", RegexOptions.NonBacktracking)]
    private static partial Regex DotLeaders();

    [GeneratedRegex(@"\d+|\b[ivxlc]+\b")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\p{L}{2,}[-\u00ad\u2010]$")]
    private static partial Regex BrokenWord();
}
