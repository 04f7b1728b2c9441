using System.Runtime.CompilerServices;
using System.Text;

namespace SearchEngine.Migration;

/// <summary>
/// A table of PostgreSQL with pgvector: a plain dump (<c>pg_dump</c>, whose CREATE TABLE gives types, key and metric), or what
/// <c>COPY … TO</c> wrote as text (columns named by the caller) or as CSV (with HEADER, or named), where types follow from the values.
/// </summary>
internal sealed class PostgresFile(string path, bool isCsv, StoreOptions options) : IForeignStore
{
    public const string HowToExport =
        "write it with \\copy NAME TO 'file.csv' WITH (FORMAT csv, HEADER), or dump the table with pg_dump -t NAME (plain, "
        + "without --inserts)";

    private readonly string? _table = options.Table;
    private readonly Dictionary<string, PostgresTable> _declared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _copied = new(StringComparer.Ordinal);

    public string Kind => "PostgreSQL table";

    public string Name => _table ?? (_copied.Count == 1 ? _copied.First() : Path.GetFileNameWithoutExtension(path));

    public StoreFacts Facts { get; } = new();

    public IAsyncEnumerable<ForeignRow> ReadAsync(CancellationToken cancellationToken = default) =>
        isCsv ? ReadCsvAsync(cancellationToken) : ReadLinesAsync(cancellationToken);

    private async IAsyncEnumerable<ForeignRow> ReadCsvAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var csv = new CopyCsv(reader);
        var columns = options.Columns.Count > 0 ? options.Columns : (csv.Read() ?? []).ConvertAll(name => name ?? string.Empty);
        NameKey(columns);
        while (csv.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return RowOf(columns, row, null, $"line {csv.Line}");
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private async IAsyncEnumerable<ForeignRow> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var isDump = options.Columns.Count == 0;
        var columns = isDump ? null : options.Columns;
        if (columns is not null)
            NameKey(columns);
        PostgresTable? declared = null;
        var statement = new StringBuilder();
        var number = 0L;
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            number++;
            if (columns is null)
            {
                (columns, declared) = TakeStatement(line, statement);
            }
            else if (line == CopyText.End)
            {
                columns = isDump ? null : columns;
            }
            else if (declared is not null || !isDump)
            {
                yield return RowOf(columns, CopyText.Split(line), declared, $"line {number}");
            }
        }

        if (isDump && columns is not null)
            throw new MigrationException($"{Path.GetFileName(path)} ends within the data of a table: it was cut short.");
        if (isDump)
            AddFacts();
    }

    /// <summary>Takes a line outside data; gives the columns of the data that begin behind it, and what is known of their table: null for a
    /// table that is passed over.</summary>
    private (IReadOnlyList<string>?, PostgresTable?) TakeStatement(string line, StringBuilder statement)
    {
        // Lines with a backslash are orders to psql (\restrict), not SQL.
        if (line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal) || line[0] == '\\')
            return (null, null);
        if (statement.Length == 0 && PostgresTable.CopyOf(line) is { } copy)
        {
            _copied.Add(copy.Table);
            if (_table is null && _copied.Count > 1)
            {
                throw new MigrationException(
                    $"The dump has several tables: name one with --table. It has at least: {string.Join(", ", _copied)}."
                );
            }
            var isMeant = _table is null || copy.Table == _table;
            return (copy.Columns, isMeant ? _declared.GetValueOrDefault(copy.Table) ?? new PostgresTable() : null);
        }

        if (statement.Length == 0 && line.StartsWith("INSERT INTO ", StringComparison.Ordinal))
            throw new MigrationException($"The dump was made with --inserts; {HowToExport}.");
        statement.Append(line).Append('\n');
        if (!line.EndsWith(';'))
            return (null, null);
        PostgresTable.Take(statement.ToString(), _declared);
        statement.Clear();
        return (null, null);
    }

    private void AddFacts()
    {
        if (_copied.Count == 0 || (_table is not null && !_copied.Contains(_table)))
        {
            var known = _copied.Count == 0 ? "none" : string.Join(", ", _copied);
            throw new MigrationException(
                $"The file has no data of {(_table is null ? "a table" : $"table '{_table}'")} (tables with data: {known}). "
                    + $"For what COPY wrote as text, name the columns with --columns; else {HowToExport}."
            );
        }
        if (_declared.GetValueOrDefault(Name) is not { } table)
            return;
        Facts.KeyColumn = table.Key;
        foreach (var (column, metric) in table.Metrics)
            Facts.Metrics[column] = metric;
        if (table.Metrics.Count == 0)
        {
            Facts.Notes.Add(
                "the table has no vector index that would say the metric: see the operator that your queries use, and --metric"
            );
        }
    }

    private void NameKey(IReadOnlyList<string> columns)
    {
        Facts.KeyColumn = columns.Contains("id", StringComparer.Ordinal) ? "id" : null;
        Facts.Notes.Add("COPY does not say types or the metric: types follow from the values (--field NAME:TYPE names one), see --metric");
    }

    private static ForeignRow RowOf(IReadOnlyList<string> columns, IReadOnlyList<string?> row, PostgresTable? declared, string place)
    {
        if (row.Count != columns.Count)
            throw new MigrationException($"{place} has {row.Count} values for {columns.Count} columns ({string.Join(", ", columns)}).");
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < row.Count; i++)
            values[columns[i]] = PostgresTypes.ValueOf(row[i], declared?.Types.GetValueOrDefault(columns[i]));
        return new ForeignRow(place, values);
    }
}
