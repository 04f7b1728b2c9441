using Parquet;
using Parquet.Schema;
using SearchEngine.CrashHarness;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

public sealed class ParquetTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<SearchDatabase> OpenAsync(string name) =>
        SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine(name)) with { Embedder = null });

    private static readonly string Text = "a\0b \u00e9\u4e2d \ud83d\ude00";

    /// <summary>Values at the ends of their types, alone and in lists, with absent values and elements wherever they may be.</summary>
    private static IEnumerable<Document> Records()
    {
        object[] Extremes(DataFieldType type) =>
            type switch
            {
                DataFieldType.String => ["", Text, new string('x', 5000)],
                DataFieldType.Boolean => [false, true],
                DataFieldType.Byte => [byte.MinValue, byte.MaxValue],
                DataFieldType.Int16 => [short.MinValue, short.MaxValue],
                DataFieldType.Int32 => [int.MinValue, int.MaxValue],
                DataFieldType.Int64 => [long.MinValue, long.MaxValue],
                DataFieldType.Single => [-0f, float.NaN, float.NegativeInfinity, float.Epsilon],
                DataFieldType.Double => [-0.0, double.NaN, double.PositiveInfinity, double.Epsilon],
                DataFieldType.Decimal => [1.10m, 1.1000m, decimal.MinValue, 0.0000000000000000000000000001m],
                DataFieldType.DateTime =>
                [
                    DateTime.MinValue,
                    new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc).AddTicks(7),
                    new DateTime(9999, 1, 1, 0, 0, 0, DateTimeKind.Unspecified),
                ],
                DataFieldType.DateTimeOffset =>
                [
                    DateTimeOffset.MaxValue,
                    new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(-90)).AddTicks(1),
                ],
                DataFieldType.DateOnly => [DateOnly.MinValue, DateOnly.MaxValue],
                DataFieldType.TimeOnly => [TimeOnly.MinValue, TimeOnly.MaxValue],
                DataFieldType.Guid => [Guid.Empty, new Guid("00112233-4455-6677-8899-aabbccddeeff")],
                _ => [Array.Empty<byte>(), new byte[] { 0, 255, 128 }],
            };

        var random = new Random(1);
        for (var i = 0; i < 9; i++)
        {
            var record = new Document($"k{i}") { ["title"] = "t", ["text"] = i == 3 ? null : "words" };
            foreach (var type in Enum.GetValues<DataFieldType>())
            {
                var values = Extremes(type);
                if (i % 4 != 1)
                    record[$"{type}"] = values[i % values.Length];
                record[$"{type}List"] = i switch
                {
                    0 => null,
                    1 => Array.Empty<object>(),
                    2 when type is DataFieldType.String or DataFieldType.Bytes => new object?[] { null, values[0], null },
                    _ => values,
                };
            }

            for (var v = 0; v < GoldenDatabase.Schema.Vectors.Count; v++)
            {
                // Subnormal numbers and the ends of the type must come back as they are.
                if ((i + v) % 3 != 0)
                {
                    record.Vectors[GoldenDatabase.Schema.Vectors[v].Name] = Enumerable
                        .Range(0, 16)
                        .Select(c =>
                            c == 0 ? 1f + i
                            : c == 1 ? float.Epsilon
                            : c == 2 ? -0f
                            : (float)random.NextDouble() - 0.5f
                        )
                        .ToArray();
                }
            }

            yield return record;
        }
    }

    private static CollectionSchema Schema =>
        GoldenDatabase.Schema with
        {
            EmbeddingModel = null,
            Vectors = [.. GoldenDatabase.Schema.Vectors.Select(v => v with { SourceField = null })],
        };

    [Fact]
    public async Task Every_field_type_list_and_vector_comes_back_bit_for_bit()
    {
        var path = _directory.Combine("export.parquet");
        await using var database = await OpenAsync("db");
        var original = await database.CreateCollectionAsync(Schema);
        await original.WriteAsync(new WriteBatch().SetMetadata("note", Text));
        await original.UpsertAsync([.. Records()]);
        await using (var file = File.Create(path))
            Assert.Equal(9, await ParquetExport.WriteAsync(original, file));
        SearchCollection copy;
        await using (var file = File.OpenRead(path))
            Assert.Equal(9, await ParquetImport.ReadAsync(database, file, "copy"));
        copy = await database.GetCollectionAsync("copy");
        Assert.Equal(Text, copy.GetMetadata("note"));
        foreach (var record in original.Query(new RecordQuery { IncludeVectors = true }))
        {
            // The stored form of a record has every bit of every value in it.
            var found = copy.Get(record.Key, includeVectors: true)!;
            Assert.Equal(Stored(original, record), Stored(copy, found));
            Assert.Equal(record.Vectors.Keys.Order(), found.Vectors.Keys.Order());
            foreach (var (name, vector) in record.Vectors)
            {
                Assert.True(
                    System
                        .Runtime.InteropServices.MemoryMarshal.AsBytes(vector.Span)
                        .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(found.Vectors[name].Span)),
                    $"{record.Key} {name}"
                );
            }
        }

        Assert.Empty((await copy.VerifyAsync()).Problems);
    }

    private static byte[] Stored(SearchCollection collection, Document document)
    {
        var writer = new ByteWriter();
        DocumentCodec.Write(
            writer,
            collection.Schema,
            document.Key.Encode(),
            [.. collection.Schema.Fields.Select(field => FieldValues.Normalize(field, document[field.Name]))]
        );
        return writer.ToArray();
    }

    [Theory]
    [InlineData(RecordKeyKind.Int32)]
    [InlineData(RecordKeyKind.Int64)]
    [InlineData(RecordKeyKind.Guid)]
    public async Task Keys_of_every_kind_and_more_than_one_row_group_come_back(RecordKeyKind kind)
    {
        const int Count = 700;
        RecordKey Key(int i) =>
            kind switch
            {
                RecordKeyKind.Int32 => i,
                RecordKeyKind.Int64 => (RecordKey)(long.MinValue + i),
                _ => new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            };
        await using var database = await OpenAsync("db");
        var original = await database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "keys",
                KeyKind = kind,
                Fields = [new DataField("a/b.c", DataFieldType.String)],
            }
        );
        // Forty characters more than a row group holds in all.
        for (var start = 0; start < Count; start += 100)
        {
            await original.UpsertAsync([
                .. Enumerable
                    .Range(start, 100)
                    .Select(i => new Document(Key(i)) { ["a/b.c"] = new string((char)('a' + i % 26), 24_000 + i) }),
            ]);
        }
        using var file = new MemoryStream();
        Assert.Equal(Count, await ParquetExport.WriteAsync(original, file));
        file.Position = 0;
        await using (var reader = await ParquetReader.CreateAsync(file, null, true))
            Assert.True(reader.RowGroupCount > 1);
        file.Position = 0;
        Assert.Equal(Count, await ParquetImport.ReadAsync(database, file, "copy"));
        var copy = await database.GetCollectionAsync("copy");
        for (var i = 0; i < Count; i++)
            Assert.Equal(original.Get(Key(i))!["a/b.c"], copy.Get(Key(i))!["a/b.c"]);
    }

    [Fact]
    public async Task Without_vectors_the_texts_are_embedded_again()
    {
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine("db")));
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);
        using var file = new MemoryStream();
        await ParquetExport.WriteAsync(books, file, includeVectors: false);
        file.Position = 0;
        Assert.Equal(5, await ParquetImport.ReadAsync(database, file, "copy"));
        var copy = await database.GetCollectionAsync("copy");
        Assert.Equal(
            books.Get("moby", includeVectors: true)!.Vectors["vector"].ToArray(),
            copy.Get("moby", includeVectors: true)!.Vectors["vector"].ToArray()
        );
    }

    [Fact]
    public async Task Files_that_are_no_sound_export_are_refused_in_words()
    {
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine("db")));
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);
        using var sound = new MemoryStream();
        await ParquetExport.WriteAsync(books, sound);

        async Task<string> RefusedAsync(Stream file)
        {
            file.Position = 0;
            return (await Assert.ThrowsAsync<FormatException>(() => ParquetImport.ReadAsync(database, file))).Message;
        }

        async Task<MemoryStream> FileAsync(Dictionary<string, string>? metadata, params Field[] fields)
        {
            var file = new MemoryStream();
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
            writer.CustomMetadata = metadata ?? [];
            return file;
        }

        Dictionary<string, string> header = new()
        {
            [ParquetLayout.VersionKey] = "1",
            [ParquetLayout.SchemaKey] = SchemaJson.Write(
                new CollectionSchema { Name = "n", Fields = [new SearchEngine.DataField("year", DataFieldType.Int32)] }
            ),
            [ParquetLayout.MetadataKey] = "{}",
            [ParquetLayout.RecordsKey] = "0",
        };
        var key = new Parquet.Schema.DataField("$key", typeof(string), false);
        Assert.Contains("cannot be read as Parquet", await RefusedAsync(new MemoryStream("not a parquet file at all"u8.ToArray())));
        Assert.Contains("cannot be read as Parquet", await RefusedAsync(new MemoryStream(sound.ToArray()[..^20])));
        Assert.Contains("no export", await RefusedAsync(await FileAsync(null, key)));
        Assert.Contains("newer build", await RefusedAsync(await FileAsync(new(header) { [ParquetLayout.VersionKey] = "2" }, key)));
        Assert.Contains("no column 'year'", await RefusedAsync(await FileAsync(header, key)));
        Assert.Contains(
            "'year' of the Parquet file holds optional Double",
            await RefusedAsync(await FileAsync(header, key, new Parquet.Schema.DataField("year", typeof(double), true)))
        );
        Assert.Contains(
            "a column 'more'",
            await RefusedAsync(
                await FileAsync(
                    header,
                    key,
                    new Parquet.Schema.DataField("year", typeof(int), true),
                    new Parquet.Schema.DataField("more", typeof(int), true)
                )
            )
        );
        Assert.Contains(
            "schema in the Parquet file",
            await RefusedAsync(await FileAsync(new(header) { [ParquetLayout.SchemaKey] = "{" }, key))
        );
    }
}
