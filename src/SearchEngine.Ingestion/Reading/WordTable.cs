namespace SearchEngine.Ingestion;

/// <summary>
/// A table while it is read. Tables that lay a page out (with tables, headings or long texts in their cells) become blocks.
/// </summary>
internal sealed class WordTable
{
    /// <summary>A cell with more text than this is a piece of the page.</summary>
    private const int MaxCellLength = 1500;

    private readonly List<List<List<(string Text, int? Level)>>> _rows = [];
    private int _headers;

    internal bool IsLayout { get; set; }

    internal void Row() => _rows.Add([]);

    internal void MarkHeader()
    {
        if (_headers == _rows.Count - 1)
        {
            _headers++;
        }
    }

    internal void Cell()
    {
        if (_rows.Count == 0)
        {
            Row();
        }

        _rows[^1].Add([]);
    }

    internal void Add(string text, int? level)
    {
        if (_rows.Count == 0 || _rows[^1].Count == 0)
        {
            Cell();
        }

        _rows[^1][^1].Add((text, level));
        IsLayout |= level is not null || text.Length > MaxCellLength;
    }

    internal void WriteTo(HeadingTrail trail)
    {
        if (!IsLayout)
        {
            var headers = _headers > 0 || _rows.Count < 3 ? _headers : 1;
            trail.Table(
                [
                    .. _rows.Select(row =>
                        (IReadOnlyList<string>)[.. row.Select(cell => HeadingTrail.OneLine(string.Join(' ', cell.Select(p => p.Text))))]
                    ),
                ],
                headers == _rows.Count ? 0 : headers
            );
            return;
        }

        foreach (var (text, level) in _rows.SelectMany(row => row).SelectMany(cell => cell))
        {
            if (level is { } heading)
            {
                trail.Heading(heading, text);
            }
            else
            {
                trail.Block(text);
            }
        }
    }
}
