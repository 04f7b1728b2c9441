using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace SearchEngine.Migration;

/// <summary>
/// A vec0 table of sqlite-vec (0.1), read from its shadow tables with plain SQLite: TABLE_rowids says where a row lies, TABLE_chunks and
/// the
/// chunk tables hold it, TABLE_auxiliary the columns with a plus. The other columns that programs keep in an ordinary table beside it are
/// joined by key (Semantic Kernel's connector: NAME and vec_NAME); rows of that table without a vector come too.
/// </summary>
internal sealed class SqliteVecTable : IForeignStore
{
    private const string VectorPrefix = "vec_";
    private readonly string _path;
    private readonly string _table;
    private readonly string? _join;
    private readonly string? _joinKey;
    private readonly VecDeclaration _declaration;

    public SqliteVecTable(string path, string? table, string? join)
    {
        _path = path;
        using var connection = SqliteFile.Open(path);
        var tables = SqliteFile.Tables(connection);
        var vectors = tables.Where(item => VecDeclaration.IsVec0(item.Sql)).ToDictionary(item => item.Name, item => item.Sql);
        // A table's vectors are what the ordinary table beside it is asked for by.
        var asked =
            table is not null && !vectors.ContainsKey(table) && vectors.ContainsKey(VectorPrefix + table) ? VectorPrefix + table : table;
        _table = Choice.Of("vec0 table", asked, vectors.Keys);
        _declaration = VecDeclaration.Parse(_table, vectors[_table]);
        RequireChunks(tables);
        var beside = _table.StartsWith(VectorPrefix, StringComparison.Ordinal) ? _table[VectorPrefix.Length..] : null;
        if (join is null && tables.Any(item => item.Name == beside))
            join = beside;
        if (join is not null)
            (_join, _joinKey) = (Choice.Of("table", join, [.. tables.Select(item => item.Name)]), KeyOf(connection, join));
        Name = _join ?? _table;
        Facts.KeyColumn = "$" + (_declaration.Key ?? "rowid");
        foreach (var vector in _declaration.Vectors)
            Facts.Metrics[vector.Name] = vector.Metric;
        Facts.Notes.Add(
            _join is null
                ? "columns of an ordinary table beside it are taken with --join TABLE"
                : $"the other columns are those of table '{_join}', joined by its key '{_joinKey}'"
        );
        if (_declaration.Vectors.Any(vector => vector.Type.StartsWith("int8", StringComparison.Ordinal)))
            Facts.Notes.Add("vectors of int8 become the same whole numbers as floats");
    }

    public string Kind => "sqlite-vec table";

    public string Name { get; }

    public StoreFacts Facts { get; } = new();

    public async IAsyncEnumerable<ForeignRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var connection = SqliteFile.Open(_path);
        var rows = SqliteFile.Rows(
            connection,
            $"SELECT rowid, id, chunk_id, chunk_offset FROM {Shadow("rowids")} ORDER BY chunk_id, chunk_offset",
            row => (Rowid: row.GetInt64(0), Id: SqliteFile.ValueOf(row, 1), Chunk: row.GetInt64(2), Offset: row.GetInt32(3))
        );
        VecChunk? chunk = null;
        var current = -1L;
        foreach (var (rowid, id, number, offset) in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chunk is null || number != current)
                (chunk, current) = (VecChunk.Read(connection, _table, _declaration, number), number);
            if (!chunk.Holds(offset, rowid))
            {
                throw new MigrationException(
                    $"Table '{_table}' is damaged: row {rowid} is not where its index says. Let sqlite-vec read it and copy it."
                );
            }
            var key = _declaration.KeyIsText ? id : rowid;
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [Facts.KeyColumn!] = key };
            chunk.Take(offset, values, column => LongText(connection, column, rowid));
            AddAuxiliary(connection, rowid, values);
            if (_join is not null)
                AddJoined(connection, key!, values);
            yield return new ForeignRow($"row {rowid}", values);
        }

        if (_join is null)
            yield break;
        foreach (var row in RowsWithoutVector(connection))
            yield return row;
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private void AddAuxiliary(SqliteConnection connection, long rowid, Dictionary<string, object?> values)
    {
        if (_declaration.Auxiliary.Count == 0)
            return;
        var columns = string.Join(", ", _declaration.Auxiliary.Select((_, i) => $"value{i:00}"));
        var found = SqliteFile
            .Rows(
                connection,
                $"SELECT {columns} FROM {Shadow("auxiliary")} WHERE rowid = $row",
                row => Enumerable.Range(0, _declaration.Auxiliary.Count).Select(i => SqliteFile.ValueOf(row, i)).ToArray(),
                ("$row", rowid)
            )
            .FirstOrDefault();
        for (var i = 0; found is not null && i < found.Length; i++)
            values[_declaration.Auxiliary[i]] = found[i];
    }

    private void AddJoined(SqliteConnection connection, object key, Dictionary<string, object?> values)
    {
        var sql = $"SELECT * FROM {SqliteFile.Quote(_join!)} WHERE {SqliteFile.Quote(_joinKey!)} = $key";
        foreach (var row in SqliteFile.Rows(connection, sql, Columns, ("$key", key)))
        {
            foreach (var (name, value) in row.Where(item => item.Name != _joinKey))
                values[name] = value;
        }
    }

    private IEnumerable<ForeignRow> RowsWithoutVector(SqliteConnection connection)
    {
        var key = SqliteFile.Quote(_joinKey!);
        var id = _declaration.KeyIsText ? "id" : "rowid";
        var sql = $"SELECT * FROM {SqliteFile.Quote(_join!)} WHERE {key} NOT IN (SELECT {id} FROM {Shadow("rowids")}) ORDER BY {key}";
        foreach (var row in SqliteFile.Rows(connection, sql, Columns))
        {
            Facts.Notes.Add($"rows of table '{_join}' without a vector are taken without one");
            var values = row.ToDictionary(
                item => item.Name == _joinKey ? Facts.KeyColumn! : item.Name,
                item => item.Value,
                StringComparer.Ordinal
            );
            yield return new ForeignRow($"row '{values[Facts.KeyColumn!]}' of {_join}", values);
        }
    }

    private string LongText(SqliteConnection connection, int column, long rowid) =>
        SqliteFile
            .Rows(
                connection,
                $"SELECT data FROM {Shadow($"metadatatext{column:00}")} WHERE rowid = $row",
                row => row.GetString(0),
                ("$row", rowid)
            )
            .First();

    private string Shadow(string suffix) => SqliteFile.Quote($"{_table}_{suffix}");

    private void RequireChunks(List<(string Name, string Sql)> tables)
    {
        for (var i = 0; i < _declaration.Vectors.Count; i++)
        {
            if (tables.All(item => item.Name != $"{_table}_vector_chunks{i:00}"))
            {
                throw new MigrationException(
                    $"Table '{_table}' keeps the vectors of '{_declaration.Vectors[i].Name}' in another way than vec0 of "
                        + "sqlite-vec 0.1 does: "
                        + "copy it into a table with a plain float column first (INSERT INTO … SELECT)."
                );
            }
        }
    }

    private static (string Name, object? Value)[] Columns(SqliteDataReader row) =>
        [.. Enumerable.Range(0, row.FieldCount).Select(i => (row.GetName(i), SqliteFile.ValueOf(row, i)))];

    private static string KeyOf(SqliteConnection connection, string table)
    {
        var keys = SqliteFile
            .Rows(connection, "SELECT name FROM pragma_table_info($table) WHERE pk > 0", row => row.GetString(0), ("$table", table))
            .ToList();
        return keys.Count == 1
            ? keys[0]
            : throw new MigrationException(
                $"Table '{table}' cannot be joined: it has {keys.Count} key columns; one that holds vec0's key or rowid is needed."
            );
    }
}
