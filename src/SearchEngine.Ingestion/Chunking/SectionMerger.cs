namespace SearchEngine.Ingestion;

/// <summary>
/// Makes sections that can stand alone: headings without a text of their own go in front of the text that follows (at the end, behind the
/// last one), and sections too short are joined with the ones after them, on the same page. A joined section has the headings that all
/// have in common; the others stand in its text.
/// </summary>
internal static class SectionMerger
{
    /// <summary>No text has fewer tokens than one for so many characters.</summary>
    private const int MaxCharactersPerToken = 16;

    internal static IEnumerable<SourceSection> Merge(
        IReadOnlyList<SourceSection> sections,
        ChunkerOptions options,
        Func<string, int> countTokens
    )
    {
        var full = WithoutBareHeadings(sections);
        var at = 0;
        while (at < full.Count)
        {
            var end = at + 1;
            var tokens = Tokens(full[at], options.MinTokens, countTokens);
            while (end < full.Count && tokens < options.MinTokens && full[end].Page == full[at].Page)
            {
                var more = Tokens(full[end], options.MaxTokens / 2, countTokens);
                // Half a chunk: room for title and headings, and no long text is pulled from below its heading.
                if (tokens + more > options.MaxTokens / 2)
                {
                    break;
                }

                tokens += more;
                end++;
            }

            yield return Join(full, at, end);
            at = end;
        }
    }

    /// <summary>The sections that have text, with the headings of those that have none put into them.</summary>
    private static List<SourceSection> WithoutBareHeadings(IReadOnlyList<SourceSection> sections)
    {
        var full = new List<SourceSection>(sections.Count);
        var bare = new List<IReadOnlyList<string>>();
        foreach (var section in sections)
        {
            if (string.IsNullOrWhiteSpace(section.Text))
            {
                bare.Add(section.HeadingPath);
                continue;
            }

            full.Add(
                bare.Count == 0
                    ? section
                    : WithHeadings(section, HeadingLines([.. bare, section.HeadingPath], from: section.HeadingPath), isBefore: true)
            );
            bare.Clear();
        }

        if (bare.Count > 0 && full.Count > 0)
        {
            full[^1] = WithHeadings(full[^1], HeadingLines(bare, from: full[^1].HeadingPath), isBefore: false);
        }
        else if (bare.Count > 0)
        {
            full.Add(WithHeadings(new SourceSection([], null, ""), HeadingLines(bare, from: []), isBefore: true));
        }

        return full;
    }

    /// <summary>The headings of paths one after the other, without those that <paramref name="from"/> says already.</summary>
    private static string HeadingLines(IReadOnlyList<IReadOnlyList<string>> paths, IReadOnlyList<string> from)
    {
        var lines = new List<string>();
        IReadOnlyList<string> shown = [];
        foreach (var path in paths)
        {
            var common = CommonLength(shown, path);
            lines.AddRange(path.Skip(Math.Max(common, CommonLength(from, path))));
            shown = path;
        }

        return string.Join('\n', lines);
    }

    private static SourceSection WithHeadings(SourceSection section, string headings, bool isBefore)
    {
        var text = new TextAssembly();
        if (isBefore)
        {
            text.Paragraph(headings);
        }

        text.Section(section);
        if (!isBefore)
        {
            text.Paragraph(headings);
        }

        return text.ToSection(section.HeadingPath, section.Page);
    }

    private static SourceSection Join(List<SourceSection> sections, int from, int to)
    {
        var first = sections[from];
        if (to == from + 1)
        {
            return first;
        }

        var common = first.HeadingPath.Count;
        for (var i = from + 1; i < to; i++)
        {
            common = Math.Min(common, CommonLength(first.HeadingPath, sections[i].HeadingPath));
        }

        var text = new TextAssembly();
        IReadOnlyList<string> shown = [.. first.HeadingPath.Take(common)];
        for (var i = from; i < to; i++)
        {
            var path = sections[i].HeadingPath;
            foreach (var heading in path.Skip(CommonLength(shown, path)))
            {
                text.Paragraph(heading);
            }

            shown = path;
            text.Section(sections[i]);
        }

        return text.ToSection([.. first.HeadingPath.Take(common)], first.Page);
    }

    private static int CommonLength(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        var length = 0;
        while (length < a.Count && length < b.Count && a[length] == b[length])
        {
            length++;
        }

        return length;
    }

    /// <summary>The tokens of a section, exact if they may be no more than those that matter: long texts need no count to be known as long.</summary>
    private static int Tokens(SourceSection section, int most, Func<string, int> countTokens) =>
        section.Text.Length > most * MaxCharactersPerToken ? int.MaxValue / 4 : countTokens(section.Text);
}
