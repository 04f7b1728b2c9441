using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Sentences that run over the end of a page: their rest goes to the page on which they begin, so that no chunk has half of a sentence or
/// of a word that a hyphen breaks.
/// </summary>
internal static partial class PdfSeams
{
    /// <summary>Lines at the edge of a page that may be its number.</summary>
    private const int MaxNumberLines = 2;

    /// <summary>A sentence that goes on for more lines is a listing or a table; it stays where it is.</summary>
    private const int MaxCarried = 8;

    internal static void Join(List<PdfPage> pages)
    {
        for (var i = 0; i + 1 < pages.Count; i++)
        {
            Join(pages[i].Lines, pages[i + 1].Lines);
        }
    }

    private static void Join(List<PdfLine> page, List<PdfLine> next)
    {
        var last = page.FindLastIndex(line => line.Text.Any(char.IsLetter));
        var first = next.FindIndex(line => line.Text.Any(char.IsLetter));
        if (
            last < Math.Max(0, page.Count - 1 - MaxNumberLines)
            || first is < 0 or > MaxNumberLines
            || !OpenEnd().IsMatch(page[last].Text)
            || !char.IsLower(next[first].Text[0])
        )
        {
            return;
        }

        var end = first;
        do
        {
            if (SentenceEnd().Match(next[end].Text) is { Success: true } sentence)
            {
                var rest = next[end].Text[(sentence.Index + sentence.Length)..].TrimStart();
                if (rest.Length == 0 && !next.Skip(end + 1).Any(line => line.Text.Any(char.IsLetter)))
                {
                    // All that the page has: it stays a page.
                    return;
                }

                Carry(end + 1);
                if (rest.Length > 0)
                {
                    next.Insert(first, new PdfLine(rest, StartsBlock: true));
                    page[last] = page[last] with { Text = page[last].Text[..^rest.Length].TrimEnd() };
                }

                return;
            }

            end++;
        } while (end < next.Count && !next[end].StartsBlock && end - first < MaxCarried);

        // No sentence ends, as in a listing: no more than the half of a word goes over.
        if (IsBroken(page[last].Text) && end > first + 1)
        {
            Carry(first + 1);
        }

        void Carry(int to)
        {
            page.InsertRange(last + 1, next[first..to].Select(line => line with { StartsBlock = false }));
            last += to - first;
            next.RemoveRange(first, to - first);
        }
    }

    private static bool IsBroken(string text) => text[^1] is '-' or '\u00ad' or '\u2010';

    /// <summary>A word in the middle of a sentence, whole or broken.</summary>
    [GeneratedRegex(@"\p{L}{2,}[-\u00ad\u2010,]?$")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(@"[.!?]['""\u2019\u201d)\]]*(?=\s+[\p{Lu}\p{Lt}""\u201c(]|$)")]
    private static partial Regex SentenceEnd();
}
