using System.Text;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;

namespace SearchEngine.Migration.Tests;

public sealed class PostgresTests
{
    private const string Columns = "id,title,body,price,year,rating,public,tags,scores,made,local_time,day,uid,extra,raw,embedding,half";

    [Fact]
    public async Task A_dump_says_types_key_and_metric()
    {
        var mapping = await Fixture.DecideAsync("items.sql", store: new StoreOptions { Table = "items" });
        Assert.Empty(mapping.Problems);
        Assert.Equal(("items", "id", RecordKeyKind.Int64), (mapping.Schema.Name, mapping.KeyColumn, mapping.Schema.KeyKind));
        Assert.Equal(
            [("embedding", 4, DistanceMetric.Euclidean), ("half", 3, DistanceMetric.Cosine)],
            mapping.Vectors.Select(item => (item.Field.Name, item.Field.Dimension, item.Field.Metric))
        );
        var types = mapping.Fields.ToDictionary(item => item.Column, item => (item.Field.Type, item.Field.IsList));
        Assert.Equal((DataFieldType.Decimal, false), types["price"]);
        Assert.Equal((DataFieldType.Single, false), types["rating"]);
        Assert.Equal((DataFieldType.String, true), types["tags"]);
        Assert.Equal((DataFieldType.Int64, true), types["scores"]);
        Assert.Equal((DataFieldType.DateTimeOffset, false), types["made"]);
        Assert.Equal((DataFieldType.DateOnly, false), types["day"]);
        Assert.Equal((DataFieldType.Guid, false), types["uid"]);
        Assert.Equal((DataFieldType.Bytes, false), types["raw"]);
    }

    [Fact]
    public async Task Values_come_as_they_were()
    {
        var rows = await Fixture.RowsAsync(await Fixture.OpenAsync("items.sql", new StoreOptions { Table = "items" }));
        var row = rows[0];
        Assert.Equal("Line one\nline two\twith a tab and a \\ backslash", row["body"]);
        Assert.Equal(12.50m, row["price"]);
        Assert.Equal(["a", "b c", "d,e", "q\"x"], (object?[])row["tags"]!);
        Assert.Equal(new DateTimeOffset(2024, 1, 2, 1, 4, 5, 678, TimeSpan.Zero), row["made"]);
        Assert.Equal(new byte[] { 0xde, 0xad, 0xbe, 0xef }, row["raw"]);
        Assert.Equal(new JsonValue("{\"a\": [1, 2], \"b\": null}"), row["extra"]);
        Assert.Equal([1f, 2f, 3f, 4.5f], (float[])row["embedding"]!);
        Assert.Equal(string.Empty, rows[1]["body"]);
        Assert.Null(rows[1]["title"]);
        Assert.Empty((object?[])rows[1]["tags"]!);
    }

    /// <summary>Text and CSV of one table hold the same texts, nulls told from empty ones.</summary>
    [Fact]
    public async Task Text_and_csv_agree()
    {
        var text = await Fixture.OpenAsync("items.copy", new StoreOptions { Columns = Columns.Split(',') });
        var csv = await Fixture.OpenAsync("items.csv");
        var (left, right) = (await Fixture.RowsAsync(text), await Fixture.RowsAsync(csv));
        Assert.Equal(3, left.Count);
        foreach (var (a, b) in left.Zip(right))
        {
            Assert.Equal(a.Keys, b.Keys);
            Assert.All(a, item => Assert.Equal(item.Value, b[item.Key]));
        }
        var mapping = await Fixture.DecideAsync(csv);
        Assert.Equal([("embedding", 4), ("half", 3)], mapping.Vectors.Select(item => (item.Field.Name, item.Field.Dimension)));
        Assert.Equal(DataFieldType.Int64, mapping.Fields.Single(item => item.Column == "year").Field.Type);
    }

    [Theory]
    [InlineData("PGCOPY\n\u00ff\r\n", "binary")]
    [InlineData("PGDMP\u0001", "binary")]
    [InlineData("INSERT INTO public.items VALUES (1);\n", "--inserts")]
    [InlineData("CREATE TABLE public.a (\n    id integer\n);\n", "no data")]
    [InlineData("COPY public.a (id) FROM stdin;\n1\n", "cut short")]
    public async Task What_is_no_text_dump_is_refused_with_what_to_do(string content, string part)
    {
        using var folder = new TemporaryDirectory();
        var path = folder.Combine("a.sql");
        File.WriteAllText(path, content, Encoding.Latin1);
        var error = await Assert.ThrowsAsync<MigrationException>(async () =>
            await Fixture.RowsAsync(await ForeignStores.OpenAsync(path, new StoreOptions(), TestContext.Current.CancellationToken))
        );
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Random rows, written by the rules of PostgreSQL's documentation for COPY, come back.</summary>
    [Fact]
    public void Random_rows_come_back_from_both_formats()
    {
        var random = new Random(TestSeed.Get(20));
        const string alphabet = "ab,\"\\\t\n\r\v\b\fNÜ漢. x7";
        for (var round = 0; round < 300; round++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Enumerable.Range(0, 3).Select(_ => Value()).ToArray()).ToList();
            var csv = new CopyCsv(new StringReader(string.Concat(rows.Select(row => string.Join(',', row.Select(Quoted)) + "\n"))));
            foreach (var row in rows)
            {
                Assert.Equal(row, csv.Read());
                Assert.Equal(row, CopyText.Split(string.Join('\t', row.Select(Escaped))));
            }
            Assert.Null(csv.Read());
        }

        string? Value() =>
            random.Next(5) == 0
                ? null
                : new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
    }

    private static string Quoted(string? value) =>
        value is null ? string.Empty
        : value.Length == 0 || value.IndexOfAny([',', '"', '\n', '\r']) >= 0
            ? "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
        : value;

    private static string Escaped(string? value) =>
        value is null
            ? "\\N"
            : string.Concat(
                value.Select(character =>
                    character switch
                    {
                        '\\' => "\\\\",
                        '\b' => "\\b",
                        '\f' => "\\f",
                        '\n' => "\\n",
                        '\r' => "\\r",
                        '\t' => "\\t",
                        '\v' => "\\v",
                        _ => character.ToString(),
                    }
                )
            );
}
