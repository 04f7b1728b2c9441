using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SearchEngine.Workloads.Store;

/// <summary>
/// The same records and vectors in SQLite: write-ahead log, every commit forced to the disk, one prepared statement per connection.
/// </summary>
internal sealed class SqliteStore : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _select;

    public SqliteStore(string directory, long cacheBytes)
    {
        _connection = new SqliteConnection($"Data Source={Path.Combine(directory, "data.db")};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("PRAGMA busy_timeout=60000");
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size=-{cacheBytes / 1024}"));
        Execute("CREATE TABLE IF NOT EXISTS data (id INTEGER PRIMARY KEY, record BLOB NOT NULL, vector BLOB NOT NULL)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT OR REPLACE INTO data (id, record, vector) VALUES ($id, $record, $vector)";
        _insert.Parameters.Add("$id", SqliteType.Integer);
        _insert.Parameters.Add("$record", SqliteType.Blob);
        _insert.Parameters.Add("$vector", SqliteType.Blob);
        _insert.Prepare();
        _select = _connection.CreateCommand();
        _select.CommandText = "SELECT record, vector FROM data WHERE id = $id";
        _select.Parameters.Add("$id", SqliteType.Integer);
        _select.Prepare();
    }

    public void Write(int first, int count, int version)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        _insert.Transaction = transaction;
        for (var number = first; number < first + count; number++)
        {
            _insert.Parameters[0].Value = number;
            _insert.Parameters[1].Value = StoreData.Record(number, version).ToArray();
            _insert.Parameters[2].Value = StoreData.Vector(number, version).ToArray();
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
        _insert.Transaction = null;
    }

    public int Read(int number)
    {
        _select.Parameters[0].Value = number;
        using var reader = _select.ExecuteReader();
        return reader.Read() ? reader.GetFieldValue<byte[]>(0).Length + reader.GetFieldValue<byte[]>(1).Length : 0;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _select.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
