using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Collects the text of a document block by block into sections by heading.</summary>
internal sealed class HeadingTrail
{
    /// <summary>Longer "headings" are paragraphs in disguise; they stay text, so that nothing of them is lost.</summary>
    internal const int MaxHeadingLength = 250;

    private readonly List<(int Level, string Text)> _headings = [];
    private readonly List<SourceSection> _sections = [];
    private readonly StringBuilder _text = new();
    private bool _open;
    private int? _page;

    /// <summary>The first heading of level 1, which is the document's title; null until there is one.</summary>
    internal string? Title { get; private set; }

    internal void Heading(int level, string text)
    {
        text = OneLine(text);
        if (text.Length == 0)
            return;
        if (text.Length > MaxHeadingLength)
        {
            Block(text);
            return;
        }
        Close();
        while (_headings.Count > 0 && _headings[^1].Level >= level)
            _headings.RemoveAt(_headings.Count - 1);
        if (level == 1 && Title is null && _sections.TrueForAll(s => s.Text.Length == 0))
            Title = text;
        else
            _headings.Add((level, text));
        // A heading without text below it is still worth finding.
        _open = true;
    }

    internal void Block(string text)
    {
        string trimmed = text.Trim('\n').TrimEnd();
        if (string.IsNullOrWhiteSpace(trimmed))
            return;
        if (_text.Length > 0)
            _text.Append("\n\n");
        _text.Append(trimmed);
        _open = true;
    }

    internal void Page(int page)
    {
        Close();
        _page = page;
    }

    internal IReadOnlyList<SourceSection> Finish()
    {
        Close();
        return _sections;
    }

    internal static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private void Close()
    {
        if (_open && (_text.Length > 0 || _headings.Count > 0))
            _sections.Add(new SourceSection([.. _headings.Select(h => h.Text)], _page, _text.ToString()));
        _text.Clear();
        _open = false;
    }
}
