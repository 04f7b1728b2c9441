using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Puts the text of a section together, block by block, and keeps where tables, code and the file's lines are in it.
/// The one place where blocks become text: readers and the joining of sections use it alike.
/// </summary>
internal sealed class TextAssembly
{
    private readonly StringBuilder _text = new();
    private readonly List<SourceRegion> _regions = [];
    private readonly List<LineAnchor> _lines = [];

    internal bool IsEmpty => _text.Length == 0;

    /// <summary>A paragraph, its own line breaks kept.</summary>
    internal void Paragraph(string text, int? line = null) => Append(text, line);

    /// <summary>Code or preformatted text.</summary>
    internal void Code(string text, int? line = null)
    {
        var start = Append(text, line);
        if (start >= 0)
        {
            _regions.Add(new SourceRegion(start, _text.Length, SourceRegionKind.Code, start));
        }
    }

    /// <summary>A table: a line for each row, " | " between cells. Rows that hold nothing are left out.</summary>
    internal void Table(IReadOnlyList<IReadOnlyList<string>> rows, int headerRows, int? line = null)
    {
        var text = new StringBuilder();
        var headerLength = 0;
        for (var r = 0; r < rows.Count; r++)
        {
            if (rows[r].Any(cell => cell.Length > 0))
            {
                text.AppendJoin(" | ", rows[r]).Append('\n');
            }

            if (r < headerRows)
            {
                headerLength = text.Length;
            }
        }

        // Leading blanks are cells: nothing is trimmed at the front.
        var start = Append(text.ToString().TrimEnd('\n'), line);
        if (start >= 0)
        {
            _regions.Add(
                new SourceRegion(start, _text.Length, SourceRegionKind.Table, start + Math.Min(headerLength, _text.Length - start))
            );
        }
    }

    /// <summary>Another section's text, with its regions and lines.</summary>
    internal void Section(SourceSection section)
    {
        if (string.IsNullOrWhiteSpace(section.Text))
        {
            return;
        }

        Separate();
        var start = _text.Length;
        _text.Append(section.Text);
        _regions.AddRange(section.Regions.Select(r => new SourceRegion(r.Start + start, r.End + start, r.Kind, r.HeaderEnd + start)));
        _lines.AddRange(section.Lines.Select(l => l with { Offset = l.Offset + start }));
    }

    internal SourceSection ToSection(IReadOnlyList<string> headingPath, int? page) =>
        new(headingPath, page, _text.ToString()) { Regions = [.. _regions], Lines = [.. _lines] };

    internal void Clear()
    {
        _text.Clear();
        _regions.Clear();
        _lines.Clear();
    }

    /// <summary>Where the text starts; -1 if there was none.</summary>
    private int Append(string text, int? line)
    {
        var from = 0;
        while (from < text.Length && text[from] == '\n')
        {
            from++;
        }

        var trimmed = text[from..].TrimEnd();
        if (trimmed.Length == 0)
        {
            return -1;
        }

        Separate();
        var start = _text.Length;
        _text.Append(trimmed);
        if (line is { } number)
        {
            _lines.Add(new LineAnchor(start, number + from));
        }

        return start;
    }

    private void Separate()
    {
        if (_text.Length == 0)
        {
            return;
        }

        while (_text[^1] == '\n')
        {
            _text.Length--;
        }

        _text.Append("\n\n");
    }
}
