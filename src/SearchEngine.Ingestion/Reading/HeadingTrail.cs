namespace SearchEngine.Ingestion;

/// <summary>Collects the text of a document block by block into sections by heading.</summary>
internal sealed class HeadingTrail
{
    /// <summary>Longer "headings" are paragraphs in disguise; they stay text, so that nothing of them is lost.</summary>
    internal const int MaxHeadingLength = 250;

    private readonly List<(int Level, string Text)> _headings = [];
    private readonly List<SourceSection> _sections = [];
    private readonly TextAssembly _text = new();

    // The first heading of level 1, if no text stands before it, and how many sections come before and under it.
    private string? _candidate;
    private int _candidateFrom;
    private int _candidateEnd = int.MaxValue;
    private bool _open;
    private int? _page;

    /// <summary>The first heading of level 1, which is the document's title where it has no other; null until there is one.</summary>
    internal string? Title => _candidate;

    /// <summary>Whether a section is there or begun.</summary>
    internal bool HasText => !_text.IsEmpty || _sections.Exists(s => s.Text.Length > 0);

    internal void Heading(int level, string text, int? line = null)
    {
        text = OneLine(text);
        if (text.Length == 0)
        {
            return;
        }

        if (text.Length > MaxHeadingLength)
        {
            Block(text, line);
            return;
        }

        Close();
        while (_headings.Count > 0 && _headings[^1].Level >= level)
        {
            _headings.RemoveAt(_headings.Count - 1);
        }

        if (_candidate is null && level == 1 && !HasText)
        {
            _candidate = text;
            _candidateFrom = _sections.Count;
        }
        else if (level == 1)
        {
            _candidateEnd = Math.Min(_candidateEnd, _sections.Count);
        }

        _headings.Add((level, text));
        _open = true;
    }

    internal void Block(string text, int? line = null)
    {
        _text.Paragraph(text, line);
        _open |= !_text.IsEmpty;
    }

    internal void Code(string text, int? line = null)
    {
        _text.Code(text, line);
        _open |= !_text.IsEmpty;
    }

    internal void Table(IReadOnlyList<IReadOnlyList<string>> rows, int headerRows, int? line = null)
    {
        _text.Table(rows, headerRows, line);
        _open |= !_text.IsEmpty;
    }

    internal void Page(int page)
    {
        Close();
        _page = page;
    }

    /// <summary>Ends all headings: what follows stands beside the document's body.</summary>
    internal void LeaveHeadings()
    {
        Close();
        _candidateEnd = Math.Min(_candidateEnd, _sections.Count);
        _headings.Clear();
    }

    /// <summary>
    /// The document. Its title is its own, else the first top heading, else the fallback; a first heading that is not the title stays a
    /// heading.
    /// </summary>
    /// <returns>Null where there is neither text nor title.</returns>
    internal SourceDocument? Finish(string? ownTitle, string fallbackTitle, IReadOnlyDictionary<string, string>? properties = null)
    {
        Close();
        var own = TitleRules.Clean(ownTitle);
        IReadOnlyList<SourceSection> sections = _sections;
        if (_candidate is not null && (own is null || own == _candidate))
        {
            var end = Math.Min(_candidateEnd, _sections.Count);
            sections =
            [
                .. _sections
                    .Select(
                        (section, i) =>
                            i >= _candidateFrom && i < end ? section with { HeadingPath = [.. section.HeadingPath.Skip(1)] } : section
                    )
                    .Where(section => section.Text.Length > 0 || section.HeadingPath.Count > 0),
            ];
        }

        var title = own ?? _candidate;
        if (sections.Count == 0)
        {
            if (title is null)
            {
                return null;
            }

            sections = [new SourceSection([], _page, title)];
        }

        return new SourceDocument
        {
            Title = title ?? fallbackTitle,
            Sections = sections,
            Properties = properties ?? new Dictionary<string, string>(),
        };
    }

    internal static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private void Close()
    {
        if (_open && (!_text.IsEmpty || _headings.Count > 0))
        {
            _sections.Add(_text.ToSection([.. _headings.Select(h => h.Text)], _page));
        }

        _text.Clear();
        _open = false;
    }
}
