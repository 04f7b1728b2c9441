using System.Globalization;
using Sylvan.Data.Csv;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads CSV and TSV as a stream. Rows that are records (with texts in their cells) become a document each, "column: value" on lines and
/// the
/// columns as properties; tables of short cells are read as tables whose header every chunk repeats.
/// </summary>
internal sealed class DelimitedReader : IDocumentReader
{
    /// <summary>Rows looked at to tell records from tables.</summary>
    private const int SampleRows = 50;

    /// <summary>Characters of a row, on average, from which on rows are records.</summary>
    private const int RecordLength = 120;

    /// <summary>Rows of a table in one piece.</summary>
    private const int PieceRows = 1000;

    private const int MaxRowBytes = 16 << 20;

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    public string Name => "csv";

    public int Version => 2;

    public IReadOnlyCollection<string> Extensions { get; } = [".csv", ".tsv", ".tab"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        using var text = StreamedText.Open(file);
        using var rows = Rows(text, file, cancellationToken).GetEnumerator();
        var sample = new List<(IReadOnlyList<string> Cells, int Line)>();
        while (sample.Count <= SampleRows && rows.MoveNext())
        {
            sample.Add(rows.Current);
        }

        if (sample.Count == 0)
        {
            yield break;
        }

        var header = sample[0].Cells;
        var hasHeader =
            sample.Count > 1 && header.All(c => c.Length is > 0 and < 80 && !double.TryParse(c, CultureInfo.InvariantCulture, out _));
        var body = sample.Skip(hasHeader ? 1 : 0).Concat(Rest(rows));
        var isRecords = hasHeader && sample.Skip(1).Average(r => r.Cells.Sum(c => c.Length)) >= RecordLength;
        foreach (var document in isRecords ? Records(header, body, file.Name) : Tables(hasHeader ? header : null, body, file.Name))
        {
            yield return document;
        }
    }

    private static IEnumerable<(IReadOnlyList<string> Cells, int Line)> Rest(IEnumerator<(IReadOnlyList<string>, int)> rows)
    {
        while (rows.MoveNext())
        {
            yield return rows.Current;
        }
    }

    private static IEnumerable<(IReadOnlyList<string> Cells, int Line)> Rows(
        StreamReader text,
        SourceFile file,
        CancellationToken cancellationToken
    )
    {
        var start = new char[1 << 14];
        var length = text.ReadBlock(start);
        var isTabbed =
            file.FullPath.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase)
            || file.FullPath.EndsWith(".tab", StringComparison.OrdinalIgnoreCase);
        var options = new CsvDataReaderOptions
        {
            HasHeaders = false,
            Delimiter = isTabbed ? '\t' : DelimiterOf(start.AsSpan(0, length)),
            MaxBufferSize = MaxRowBytes,
            CsvStyle = CsvStyle.Lax,
            OwnsReader = false,
        };
        using var csv = CsvDataReader.Create(new PrefixedReader(new string(start, 0, length), text), options);
        for (var line = 1; Next(csv); line++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var cells = new string[csv.RowFieldCount];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = HeadingTrail.OneLine(csv.GetString(i));
            }

            if (Array.Exists(cells, c => c.Length > 0))
            {
                yield return (cells, line);
            }
        }
    }

    private static bool Next(CsvDataReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (Exception e) when (e is CsvFormatException or CsvRecordTooLargeException or InvalidOperationException)
        {
            throw new SourceFormatException($"Row {csv.RowNumber + 1} cannot be read: {e.Message}", e);
        }
    }

    private static char DelimiterOf(ReadOnlySpan<char> start)
    {
        var end = start.IndexOf('\n');
        var line = end < 0 ? start : start[..end];
        var best = ',';
        var most = 0;
        foreach (var delimiter in Delimiters)
        {
            var count = line.Count(delimiter);
            (best, most) = count > most ? (delimiter, count) : (best, most);
        }

        return best;
    }

    private static IEnumerable<SourceDocument> Records(
        IReadOnlyList<string> header,
        IEnumerable<(IReadOnlyList<string> Cells, int Line)> rows,
        string name
    )
    {
        var title = header.ToList().FindIndex(h => h.ToLowerInvariant() is "title" or "name" or "subject" or "headline" or "question");
        foreach (var (cells, line) in rows)
        {
            var properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            var text = new List<string>();
            for (var i = 0; i < cells.Count; i++)
            {
                var column = i < header.Count ? header[i] : "";
                if (cells[i].Length == 0)
                {
                    continue;
                }

                properties[column] = cells[i];
                if (i != title)
                {
                    text.Add(column.Length == 0 ? cells[i] : $"{column}: {cells[i]}");
                }
            }

            var own = title >= 0 && title < cells.Count && cells[title].Length > 0 ? cells[title] : null;
            yield return new SourceDocument
            {
                Id = line.ToString(CultureInfo.InvariantCulture),
                Title = own ?? name,
                Sections =
                [
                    new SourceSection([], null, text.Count > 0 ? string.Join('\n', text) : own ?? "") { Lines = [new LineAnchor(0, line)] },
                ],
                Properties = properties,
            };
        }
    }

    private static IEnumerable<SourceDocument> Tables(
        IReadOnlyList<string>? header,
        IEnumerable<(IReadOnlyList<string> Cells, int Line)> rows,
        string name
    )
    {
        var isFirst = true;
        foreach (var piece in rows.Chunk(PieceRows))
        {
            var table = new TextAssembly();
            table.Table(
                [.. header is null ? [] : new[] { header }, .. piece.Select(r => r.Cells)],
                header is null ? 0 : 1,
                piece[0].Line - (header is null ? 0 : 1)
            );
            yield return new SourceDocument
            {
                Title = name,
                Sections = [table.ToSection([], null)],
                Continues = !isFirst,
            };
            isFirst = false;
        }
    }
}
