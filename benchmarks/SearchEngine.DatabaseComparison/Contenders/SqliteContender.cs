using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SearchEngine.DatabaseComparison.Data;

namespace SearchEngine.DatabaseComparison.Contenders;

/// <summary>
/// SQLite (write-ahead log, every commit on the disk) with sqlite-vec's vec0 table, which scans all vectors, and FTS5 with porter's stems.
/// Both rankings of a hybrid query are fused by reciprocal ranks. A connection for each reader.
/// </summary>
internal sealed class SqliteContender(string directory, string peers) : IContender
{
    private const int Readers = 8;
    private const int Hits = 10;
    private const int Candidates = 100;
    private const int RankConstant = 60;
    private const int Batch = 1_000;

    private readonly List<SqliteConnection> _connections = [];

    public int Efforts => 1;

    public async Task IngestAsync(DataSet data)
    {
        Directory.CreateDirectory(directory);
        await OpenAsync().ConfigureAwait(false);
        Execute("CREATE TABLE passages (id INTEGER PRIMARY KEY, text TEXT NOT NULL, bucket INTEGER NOT NULL)");
        Execute("CREATE VIRTUAL TABLE words USING fts5(text, content='passages', content_rowid='id', tokenize='porter unicode61')");
        Execute(
            "CREATE VIRTUAL TABLE vectors USING vec0("
                + $"id INTEGER PRIMARY KEY, vector FLOAT[{data.Dimension}] distance_metric=cosine, bucket INTEGER)"
        );
        for (var from = 0; from < data.Count; from += Batch)
            await WriteAsync(data, from, Math.Min(Batch, data.Count - from)).ConfigureAwait(false);
        Execute("INSERT INTO words(words) VALUES('optimize')");
        await DisposeAsync().ConfigureAwait(false);
    }

    public Task OpenAsync()
    {
        Connection(0);
        return Task.CompletedTask;
    }

    public Task<int[]> SearchAsync(ReadOnlyMemory<float>? vector, string? text, int? below, int effort, int reader)
    {
        var connection = Connection(reader);
        if (text is null)
            return Task.FromResult(WithTexts(connection, Nearest(connection, vector!.Value, below, Hits)));
        var words = Matching(connection, text, vector is null ? Hits : Candidates);
        if (vector is null)
            return Task.FromResult(WithTexts(connection, words));
        var scores = new Dictionary<int, double>();
        foreach (var ranking in new[] { words, Nearest(connection, vector.Value, below, Candidates) })
        {
            for (var rank = 0; rank < ranking.Length; rank++)
                scores[ranking[rank]] = scores.GetValueOrDefault(ranking[rank]) + 1.0 / (RankConstant + rank);
        }

        int[] best = [.. scores.OrderByDescending(pair => pair.Value).Take(Hits).Select(pair => pair.Key)];
        return Task.FromResult(WithTexts(connection, best));
    }

    public Task WriteAsync(DataSet data, int from, int count)
    {
        var connection = Connection(0);
        using var transaction = connection.BeginTransaction();
        using var passage = Command(connection, "INSERT INTO passages(id, text, bucket) VALUES($id, $text, $bucket)");
        using var words = Command(connection, "INSERT INTO words(rowid, text) VALUES($id, $text)");
        using var vectors = Command(connection, "INSERT INTO vectors(id, vector, bucket) VALUES($id, $vector, $bucket)");
        for (var record = from; record < from + count; record++)
        {
            Run(passage, ("$id", record), ("$text", data.Texts[record]), ("$bucket", DataSet.BucketOf(record)));
            Run(words, ("$id", record), ("$text", data.Texts[record]));
            Run(vectors, ("$id", record), ("$vector", Bytes(data.Vector(record))), ("$bucket", DataSet.BucketOf(record)));
        }

        transaction.Commit();
        return Task.CompletedTask;
    }

    public Task DeleteAsync(int from, int count)
    {
        var connection = Connection(0);
        using var transaction = connection.BeginTransaction();
        foreach (
            var statement in new[]
            {
                "INSERT INTO words(words, rowid, text) SELECT 'delete', id, text FROM passages WHERE id >= $from AND id < $to",
                "DELETE FROM passages WHERE id >= $from AND id < $to",
                "DELETE FROM vectors WHERE id >= $from AND id < $to",
            }
        )
        {
            using var command = Command(connection, statement);
            Run(command, ("$from", from), ("$to", from + count));
        }

        transaction.Commit();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _connections.Clear();
        SqliteConnection.ClearAllPools();
        return ValueTask.CompletedTask;
    }

    private static int[] Nearest(SqliteConnection connection, ReadOnlyMemory<float> vector, int? below, int wanted)
    {
        var filter = below is null ? "" : " AND bucket < $below";
        using var command = Command(
            connection,
            $"SELECT id FROM vectors WHERE vector MATCH $vector AND k = {wanted}{filter} ORDER BY distance"
        );
        command.Parameters.AddWithValue("$vector", Bytes(vector));
        if (below is { } bucket)
            command.Parameters.AddWithValue("$below", bucket);
        return Read(command);
    }

    private static int[] Matching(SqliteConnection connection, string text, int wanted)
    {
        using var command = Command(connection, $"SELECT rowid FROM words WHERE words MATCH $query ORDER BY rank LIMIT {wanted}");
        var terms = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => $"\"{word}\"");
        command.Parameters.AddWithValue("$query", string.Join(" OR ", terms));
        return Read(command);
    }

    private static int[] WithTexts(SqliteConnection connection, int[] ids)
    {
        using var command = Command(connection, "SELECT text FROM passages WHERE id = $id");
        var id = command.Parameters.Add("$id", SqliteType.Integer);
        foreach (var record in ids)
        {
            id.Value = record;
            if (command.ExecuteScalar() is not string)
                throw new InvalidDataException($"Record {record} has no text.");
        }

        return ids;
    }

    private static int[] Read(SqliteCommand command)
    {
        var ids = new List<int>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
            ids.Add(reader.GetInt32(0));
        return [.. ids];
    }

    private SqliteConnection Connection(int reader)
    {
        lock (_connections)
        {
            while (_connections.Count <= Math.Min(reader, Readers - 1))
            {
                var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "passages.db")};Pooling=False");
                connection.Open();
                connection.LoadExtension(Extension());
                foreach (var pragma in new[] { "journal_mode=WAL", "synchronous=FULL", "mmap_size=1073741824", "cache_size=-65536" })
                {
                    using var command = Command(connection, $"PRAGMA {pragma}");
                    command.ExecuteNonQuery();
                }

                _connections.Add(connection);
            }

            return _connections[Math.Min(reader, Readers - 1)];
        }
    }

    private string Extension()
    {
        var system =
            OperatingSystem.IsWindows() ? "windows"
            : OperatingSystem.IsMacOS() ? "darwin"
            : "linux";
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return Path.Combine(peers, "node_modules", $"sqlite-vec-{system}-{architecture}", "vec0");
    }

    private void Execute(string statement)
    {
        using var command = Command(Connection(0), statement);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string statement)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement;
        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<(string Name, object Value)> values)
    {
        command.Parameters.Clear();
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }

    private static byte[] Bytes(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();
}
