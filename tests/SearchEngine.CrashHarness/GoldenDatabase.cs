using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;

namespace SearchEngine.CrashHarness;

/// <summary>
/// A small database with everything that a file format must keep: every field type alone and as a list, every kind of vector index, an
/// update, deletes, metadata, a checkpoint and a log behind it. Made once for each format version and kept for ever, with what it must
/// answer.
/// </summary>
public static class GoldenDatabase
{
    private const int Dimension = 16;
    private const int Records = 12;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What a golden database must answer.</summary>
    /// <param name="Lines">The lines of its export, in ordinal order of their text.</param>
    /// <param name="Searches">Hits of each search of <see cref="Searches"/>.</param>
    public sealed record Expectation(IReadOnlyList<string> Lines, IReadOnlyList<Expectation.Found> Searches)
    {
        public sealed record Found(string Name, IReadOnlyList<string> Keys, IReadOnlyList<double> Scores);
    }

    public static readonly CollectionSchema Schema = new()
    {
        Name = "Golden äöü",
        EmbeddingModel = "golden@1",
        Fields =
        [
            .. Enum.GetValues<DataFieldType>()
                .Select(type => new DataField($"{type}", type) { IsFilterable = type != DataFieldType.Bytes }),
            .. Enum.GetValues<DataFieldType>()
                .Select(type => new DataField($"{type}List", type)
                {
                    IsList = true,
                    IsFilterable = type is DataFieldType.String or DataFieldType.Int32,
                }),
            new DataField("title", DataFieldType.String) { IsFullText = true, Boost = 2 },
            new DataField("text", DataFieldType.String) { IsFullText = true },
        ],
        Vectors =
        [
            new VectorField("flatNone", Dimension)
            {
                Metric = DistanceMetric.Euclidean,
                Index = VectorIndexKind.Flat,
                Quantization = VectorQuantization.None,
            },
            new VectorField("flatManhattan", Dimension)
            {
                Metric = DistanceMetric.Manhattan,
                Index = VectorIndexKind.Flat,
                Quantization = VectorQuantization.None,
            },
            new VectorField("hnswInt8", Dimension) { Quantization = VectorQuantization.Int8, SourceField = "text" },
            new VectorField("hnswNone", Dimension) { Metric = DistanceMetric.Euclidean, Quantization = VectorQuantization.None },
            new VectorField("hnswFloat16", Dimension) { Metric = DistanceMetric.DotProduct, Quantization = VectorQuantization.Float16 },
            new VectorField("hnswInt4", Dimension) { Quantization = VectorQuantization.Int4, M = 8 },
            new VectorField("hnswBinary", Dimension) { Quantization = VectorQuantization.Binary },
        ],
    };

    public static SearchDatabaseOptions Options(string directory) =>
        new()
        {
            Directory = directory,
            MemoryBytes = 16 << 20,
            CheckpointInterval = TimeSpan.Zero,
            IndexThreads = 1,
        };

    /// <summary>The searches that a golden database is asked.</summary>
    public static IEnumerable<(string Name, SearchRequest Request)> Searches()
    {
        foreach (var vector in Schema.Vectors)
        {
            yield return (
                $"vector {vector.Name}",
                new SearchRequest
                {
                    Mode = SearchMode.Vector,
                    VectorField = vector.Name,
                    Vector = Vector(7, Schema.Vectors.ToList().IndexOf(vector)),
                    Top = 4,
                }
            );
        }
        yield return ("keyword whale", new SearchRequest { Mode = SearchMode.Keyword, Text = "white whales" });
        yield return ("keyword in the log", new SearchRequest { Mode = SearchMode.Keyword, Text = "replayed" });
        yield return (
            "filter",
            new SearchRequest
            {
                Mode = SearchMode.Keyword,
                Text = "number",
                Filter = DocumentFilter.GreaterOrEqual("Int32", 4) & DocumentFilter.Less("DateOnly", new DateOnly(2024, 1, 9)),
            }
        );
        yield return (
            "hybrid",
            new SearchRequest
            {
                Text = "white whale",
                VectorField = "hnswInt8",
                Vector = Vector(2, 2),
                // What golden databases are asked does not change with the default formula.
                Fusion = new FusionOptions { Method = FusionMethod.ReciprocalRank },
            }
        );
    }

    /// <summary>Makes <c>vN.zip</c> and <c>vN.json</c> of the format version that this build writes.</summary>
    public static async Task GenerateAsync(string folder)
    {
        using var directory = new TemporaryDirectory();
        var lived = directory.Combine("lived");
        var golden = directory.Combine("golden");
        Expectation expectation;
        await using (var database = await SearchDatabase.OpenAsync(Options(lived)))
        {
            var collection = await database.CreateCollectionAsync(Schema);
            await collection.UpsertAsync([.. Enumerable.Range(0, Records).Select(i => Record(i, "is in the checkpoint"))]);
            await collection.WriteAsync(new WriteBatch().SetMetadata("file", "state").SetMetadata("other", "zwölf"));
            await collection.DeleteAsync([RecordKey.From("r3")]);
            await collection.UpsertAsync(Record(4, "was updated before the checkpoint"));
            await collection.CheckpointAsync();
            // Since version 2 a manifest can name derived views that a repair made beside the first ones.
            await database.RepairCollectionAsync(Schema.Name);
            collection = await database.GetCollectionAsync(Schema.Name);
            await collection.UpsertAsync([Record(5, "was updated and is replayed"), Record(Records, "is new and replayed")]);
            await collection.DeleteAsync([RecordKey.From("r6")]);
            await collection.WriteAsync(new WriteBatch().SetMetadata("other", null));
            expectation = await AskAsync(collection);
            TemporaryDirectory.Copy(lived, golden);
        }

        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"v{Storage.CheckpointManifest.CurrentFormatVersion}");
        File.Delete(path + ".zip");
        await ZipFile.CreateFromDirectoryAsync(golden, path + ".zip", CompressionLevel.SmallestSize, includeBaseDirectory: false);
        await File.WriteAllTextAsync(path + ".json", JsonSerializer.Serialize(expectation, Json) + "\n");
    }

    public static Expectation ReadExpectation(string path) => JsonSerializer.Deserialize<Expectation>(File.ReadAllText(path), Json)!;

    /// <summary>What a collection answers.</summary>
    public static async Task<Expectation> AskAsync(SearchCollection collection)
    {
        using var exported = new MemoryStream();
        await CollectionExport.WriteAsync(collection, exported);
        var found = new List<Expectation.Found>();
        foreach (var (name, request) in Searches())
        {
            var hits = await collection.SearchAsync(request);
            found.Add(new Expectation.Found(name, [.. hits.Select(h => h.Key.ToString())], [.. hits.Select(h => h.Score)]));
        }

        return new Expectation(
            [.. Encoding.UTF8.GetString(exported.ToArray()).TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal)],
            found
        );
    }

    private static Document Record(int number, string text)
    {
        var record = new Document($"r{number}")
        {
            ["title"] = number % 2 == 0 ? "The white whale" : "The black ship",
            ["text"] = $"Record number {number} {text}.",
        };
        foreach (var type in Enum.GetValues<DataFieldType>())
        {
            // Every third record has no value of a type, every fourth no list.
            if ((number + (int)type) % 3 != 0)
                record[$"{type}"] = Value(type, number);
            if ((number + (int)type) % 4 != 0)
                record[$"{type}List"] = Enumerable.Range(number, number % 3).Select(i => Value(type, i)).ToArray();
        }

        for (var v = 0; v < Schema.Vectors.Count; v++)
        {
            if (number != 8 || v != 1)
                record.Vectors[Schema.Vectors[v].Name] = Vector(number, v);
        }

        return record;
    }

    private static object Value(DataFieldType type, int number) =>
        type switch
        {
            DataFieldType.String => $"text {number} \"é\u2028\\",
            DataFieldType.Boolean => number % 2 == 0,
            DataFieldType.Byte => (byte)(250 + number % 6),
            DataFieldType.Int16 => (short)(-30_000 + number),
            DataFieldType.Int32 => number,
            DataFieldType.Int64 => long.MinValue + number,
            DataFieldType.Single => number * 0.1f,
            DataFieldType.Double => number / 3.0,
            DataFieldType.Decimal => 1.10m * number,
            DataFieldType.DateTime => new DateTime(2024, 1, 1 + number, 3, 4, 5, DateTimeKind.Utc).AddTicks(number),
            DataFieldType.DateTimeOffset => new DateTimeOffset(2024, 1, 1 + number, 3, 4, 5, TimeSpan.FromMinutes(30 * number)),
            DataFieldType.DateOnly => new DateOnly(2024, 1, 1 + number),
            DataFieldType.TimeOnly => new TimeOnly(number, 59, 58).Add(TimeSpan.FromTicks(number)),
            DataFieldType.Guid => new Guid(number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            DataFieldType.Bytes => new byte[] { (byte)number, 0, 255 },
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A new field type needs a golden value."),
        };

    private static float[] Vector(int number, int field)
    {
        var random = new Random(number * 31 + field);
        return [.. Enumerable.Range(0, Dimension).Select(_ => (float)random.NextDouble() - 0.5f)];
    }
}
