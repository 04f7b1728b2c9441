using Microsoft.Data.Sqlite;

namespace SearchEngine.Migration;

/// <summary>A SQLite file, opened to be read only.</summary>
internal static class SqliteFile
{
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString()
        );
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new MigrationException($"{Path.GetFileName(path)} cannot be opened as SQLite: {e.Message}", e);
        }
    }

    /// <summary>The names of tables, or of virtual tables with their statement.</summary>
    public static List<(string Name, string Sql)> Tables(SqliteConnection connection) =>
        [
            .. Rows(
                connection,
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL ORDER BY name",
                row => (row.GetString(0), row.GetString(1))
            ),
        ];

    /// <summary>The rows of a query, read as they are asked for.</summary>
    public static IEnumerable<T> Rows<T>(
        SqliteConnection connection,
        string sql,
        Func<SqliteDataReader, T> read,
        params (string Name, object Value)[] parameters
    )
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return read(rows);
    }

    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>A column's value; text, whole numbers, reals and blobs are all that SQLite has.</summary>
    public static object? ValueOf(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetValue(column);

    /// <summary>Bytes as little-endian floats.</summary>
    public static float[] Floats(ReadOnlySpan<byte> bytes)
    {
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return vector;
    }
}
