using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SearchEngine.Vectors;

namespace SearchEngine.Migration;

/// <summary>
/// The folder of Chroma's persistent client (0.4 to 1.x): <c>chroma.sqlite3</c> has the records; a record's vector is in the queue of
/// writes
/// where that still holds it, else in the folder of the collection's HNSW index. Nothing else may have it open while it is read.
/// </summary>
internal sealed class ChromaFolder : IForeignStore
{
    private const string DocumentKey = "chroma:document";
    private const string UriKey = "chroma:uri";
    private readonly string _database;
    private readonly string _collection;
    private readonly string _vectorSegment;
    private readonly string _metadataSegment;
    private readonly int? _dimension;

    /// <param name="database">The file chroma.sqlite3.</param>
    /// <param name="collection">Which collection; null takes the only one.</param>
    public ChromaFolder(string database, string? collection)
    {
        _database = database;
        using var connection = SqliteFile.Open(database);
        var known = SqliteFile
            .Rows(
                connection,
                "SELECT id, name, dimension FROM collections ORDER BY name",
                row => (Id: row.GetString(0), Name: row.GetString(1), Dimension: row.IsDBNull(2) ? (int?)null : row.GetInt32(2))
            )
            .ToList();
        Name = Choice.Of("collection", collection, [.. known.Select(item => item.Name)]);
        if (known.Count(item => item.Name == Name) > 1)
            throw new MigrationException($"Several databases in the folder have a collection '{Name}'; {ChromaJson.HowToExport}.");
        var chosen = known.First(item => item.Name == Name);
        (_collection, _dimension) = (chosen.Id, chosen.Dimension);
        _vectorSegment = SegmentOf(connection, "VECTOR");
        _metadataSegment = SegmentOf(connection, "METADATA");
        Facts.Metric = MetricOf(connection);
    }

    public string Kind => "Chroma folder";

    public string Name { get; }

    public StoreFacts Facts { get; } = new() { KeyColumn = "$id" };

    public async IAsyncEnumerable<ForeignRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var connection = SqliteFile.Open(_database);
        using var vectors = ChromaIndex.Open(
            Path.Combine(Path.GetDirectoryName(_database)!, _vectorSegment),
            _dimension,
            scales: Facts.Metric == DistanceMetric.Cosine
        );
        var records = SqliteFile.Rows(
            connection,
            "SELECT id, embedding_id FROM embeddings WHERE segment_id = $segment ORDER BY id",
            row => (Row: row.GetInt64(0), Id: row.GetString(1)),
            ("$segment", _metadataSegment)
        );
        var number = 0L;
        foreach (var (row, id) in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["$id"] = id };
            AddMetadata(connection, row, values);
            values["$vector"] =
                QueuedVector(connection, id)
                ?? vectors?.Find(id)
                ?? throw new MigrationException(
                    $"Record '{id}' has no vector, neither in the queue nor in the index folder {_vectorSegment}: the index was "
                        + "not saved, or the folder is damaged. "
                        + $"Open it with Chroma and {ChromaJson.HowToExport}."
                );
            yield return new ForeignRow($"record {++number} ('{id}')", values);
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private static void AddMetadata(SqliteConnection connection, long row, Dictionary<string, object?> values)
    {
        var entries = SqliteFile.Rows(
            connection,
            "SELECT key, string_value, int_value, float_value, bool_value FROM embedding_metadata WHERE id = $row",
            item =>
                (
                    Key: item.GetString(0),
                    Value: !item.IsDBNull(1) ? item.GetString(1)
                    : !item.IsDBNull(2) ? item.GetInt64(2)
                    : !item.IsDBNull(3) ? item.GetDouble(3)
                    : item.IsDBNull(4) ? (object?)null
                    : item.GetInt64(4) != 0
                ),
            ("$row", row)
        );
        foreach (var (key, value) in entries)
        {
            var column = key switch
            {
                DocumentKey => "$document",
                UriKey => "$uri",
                _ => key,
            };
            values[column] = value;
        }
    }

    /// <summary>The vector of the newest write that is still queued; null where none is.</summary>
    private float[]? QueuedVector(SqliteConnection connection, string id)
    {
        var queued = SqliteFile
            .Rows(
                connection,
                // operations: 0 add, 1 update, 2 upsert, 3 delete; an update may come without a vector.
                "SELECT vector, encoding, operation FROM embeddings_queue WHERE id = $id AND topic LIKE '%/' || $collection "
                    + "AND (vector IS NOT NULL OR operation = 3) ORDER BY seq_id DESC LIMIT 1",
                row => (Vector: row.IsDBNull(0) ? null : (byte[])row.GetValue(0), Encoding: row.IsDBNull(1) ? null : row.GetString(1)),
                ("$id", id),
                ("$collection", _collection)
            )
            .FirstOrDefault();
        if (queued.Vector is null)
            return null;
        return queued.Encoding == "FLOAT32"
            ? SqliteFile.Floats(queued.Vector)
            : throw new MigrationException($"Record '{id}' has a vector of encoding {queued.Encoding}; {ChromaJson.HowToExport}.");
    }

    private string SegmentOf(SqliteConnection connection, string scope) =>
        SqliteFile
            .Rows(
                connection,
                "SELECT id FROM segments WHERE collection = $collection AND scope = $scope",
                row => row.GetString(0),
                ("$collection", _collection),
                ("$scope", scope)
            )
            .SingleOrDefault()
        ?? throw new MigrationException($"Collection '{Name}' has no {scope} segment of its own in this folder; {ChromaJson.HowToExport}.");

    /// <summary>Chroma's default is l2: squared Euclidean, whose order is the Euclidean one.</summary>
    private DistanceMetric MetricOf(SqliteConnection connection)
    {
        var space = SqliteFile
            .Rows(
                connection,
                "SELECT str_value FROM collection_metadata WHERE collection_id = $id AND key = 'hnsw:space'",
                row => row.GetString(0),
                ("$id", _collection)
            )
            .FirstOrDefault();
        var columns = SqliteFile.Rows(connection, "SELECT name FROM pragma_table_info('collections')", row => row.GetString(0)).ToList();
        if (columns.Contains("config_json_str"))
        {
            var configuration = SqliteFile
                .Rows(
                    connection,
                    "SELECT config_json_str FROM collections WHERE id = $id",
                    row => row.IsDBNull(0) ? null : row.GetString(0),
                    ("$id", _collection)
                )
                .FirstOrDefault();
            space = SpaceOf(configuration) ?? space;
        }
        return space switch
        {
            null or "l2" => DistanceMetric.Euclidean,
            "cosine" => DistanceMetric.Cosine,
            "ip" => DistanceMetric.DotProduct,
            _ => throw new MigrationException($"Collection '{Name}' compares vectors by '{space}', which is not known here."),
        };
    }

    private static string? SpaceOf(string? configuration)
    {
        if (string.IsNullOrEmpty(configuration))
            return null;
        using var json = JsonDocument.Parse(configuration);
        return
            json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("vector_index", out var index)
            && index.ValueKind == JsonValueKind.Object
            && index.TryGetProperty("hnsw", out var hnsw)
            && hnsw.ValueKind == JsonValueKind.Object
            && hnsw.TryGetProperty("space", out var space)
            ? space.GetString()
            : null;
    }
}
