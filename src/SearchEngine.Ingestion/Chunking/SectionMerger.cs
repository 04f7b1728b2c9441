using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Joins sections too short to stand alone with the ones after them, on the same page. The joined section has the headings that
/// all have in common; the others stand in its text.
/// </summary>
internal static class SectionMerger
{
    internal static IEnumerable<SourceSection> Merge(IReadOnlyList<SourceSection> sections, ChunkerOptions options, Func<string, int> countTokens)
    {
        int at = 0;
        while (at < sections.Count)
        {
            int end = at + 1;
            int tokens = Tokens(sections[at], options, countTokens);
            while (end < sections.Count && tokens < options.MinTokens && sections[end].Page == sections[at].Page)
            {
                int more = Tokens(sections[end], options, countTokens);
                // Half a chunk: room for title and headings, and no long text is pulled from below its heading.
                if (tokens + more > options.MaxTokens / 2)
                    break;
                tokens += more;
                end++;
            }
            yield return Join(sections, at, end);
            at = end;
        }
    }

    private static SourceSection Join(IReadOnlyList<SourceSection> sections, int from, int to)
    {
        SourceSection first = sections[from];
        if (to == from + 1)
            return string.IsNullOrWhiteSpace(first.Text) && first.HeadingPath.Count > 0 ? first with { Text = first.HeadingPath[^1] } : first;
        int common = first.HeadingPath.Count;
        for (int i = from + 1; i < to; i++)
            common = Math.Min(common, CommonLength(first.HeadingPath, sections[i].HeadingPath));
        var text = new StringBuilder();
        IReadOnlyList<string> shown = [.. first.HeadingPath.Take(common)];
        for (int i = from; i < to; i++)
        {
            IReadOnlyList<string> path = sections[i].HeadingPath;
            foreach (string heading in path.Skip(CommonLength(shown, path)))
                text.Append(heading).Append("\n\n");
            shown = path;
            if (!string.IsNullOrWhiteSpace(sections[i].Text))
                text.Append(sections[i].Text).Append("\n\n");
        }
        return new SourceSection([.. first.HeadingPath.Take(common)], first.Page, text.ToString());
    }

    private static int CommonLength(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        int length = 0;
        while (length < a.Count && length < b.Count && a[length] == b[length])
            length++;
        return length;
    }

    private static int Tokens(SourceSection section, ChunkerOptions options, Func<string, int> countTokens) =>
        // Long texts need no exact count to be known as long.
        section.Text.Length > options.MaxTokens * 16 ? int.MaxValue / 2 : countTokens(section.Text);
}
