using System.Text;
using System.Text.Json;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Exchange;

/// <summary>Filters as JSON: what was written is read as it was, and means the same.</summary>
public sealed class DocumentFilterJsonTests
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "c",
        KeyKind = RecordKeyKind.Int32,
        Fields =
        [
            new DataField("text", DataFieldType.String),
            new DataField("number", DataFieldType.Double),
            new DataField("day", DataFieldType.DateOnly),
            new DataField("tags", DataFieldType.String) { IsList = true },
        ],
    };

    [Fact]
    public void Whatever_is_written_is_read_as_it_was()
    {
        var seed = TestSeed.Get(41);
        var random = new Random(seed);
        for (var round = 0; round < 2_000; round++)
        {
            var filter = Make(random, 3, inElement: false);
            var written = Write(filter);
            using var json = JsonDocument.Parse(written);
            var read = DocumentFilterJson.Read(json.RootElement, Schema);
            Assert.True(Write(read) == written, $"seed {seed}, round {round}: {written} came back as {Write(read)}");
            var document = MakeDocument(random);
            Assert.True(
                FilterEvaluator.Matches(FilterBinder.Bind(Schema, filter), document)
                    == FilterEvaluator.Matches(FilterBinder.Bind(Schema, read), document),
                $"seed {seed}, round {round}: {written}"
            );
        }
    }

    [Theory]
    [InlineData("""{"nowhere":1}""", "nowhere")]
    [InlineData("""{"number":"much"}""", "number")]
    [InlineData("""{"number":{"$gt":1e400}}""", "number")]
    [InlineData("""{"number":{"$like":1}}""", "$like")]
    [InlineData("""{"number":{}}""", "number")]
    [InlineData("""{"text":{"$some":true}}""", "text")]
    [InlineData("""{"$element":1}""", "$element")]
    [InlineData("""{"$key":"x"}""", "$key")]
    [InlineData("""{"$and":{}}""", "$and")]
    [InlineData("""7""", "filter")]
    public void Wrong_filters_are_told_what_is_wrong(string filter, string part)
    {
        using var json = JsonDocument.Parse(filter);
        var refusal = Assert.Throws<ArgumentException>(() => DocumentFilterJson.Read(json.RootElement, Schema));
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_names_every_operator()
    {
        foreach (var name in DocumentFilterJson.OperatorNames.Split(", ").Concat(["$and", "$or", "$not", "$key", "$element"]))
            Assert.Contains($"\"{name}\"", DocumentFilterJson.JsonSchema, StringComparison.Ordinal);
    }

    private static DocumentFilter Make(Random random, int depth, bool inElement)
    {
        if (depth > 0 && random.Next(2) == 0)
        {
            return random.Next(4) switch
            {
                0 => new DocumentFilter.And([.. Several(random, depth, inElement)]),
                1 => new DocumentFilter.Or([.. Several(random, depth, inElement)]),
                2 => new DocumentFilter.Not(Make(random, depth - 1, inElement)),
                _ => inElement
                    ? DocumentFilter.Equal(DocumentFilter.ElementField, "a")
                    : new DocumentFilter.Any("tags", Make(random, depth - 1, inElement: true)),
            };
        }

        var comparison = (ComparisonOperator)random.Next(6);
        return random.Next(9) switch
        {
            0 => new DocumentFilter.Comparison("text", comparison, Word(random)),
            1 => new DocumentFilter.Comparison("number", comparison, random.Next(3) == 0 ? double.NaN : random.Next(5) / 2.0),
            2 => new DocumentFilter.Comparison(DocumentFilter.KeyField, comparison, random.Next(5)),
            3 => DocumentFilter.Equal(random.Next(2) == 0 ? "tags" : "day", null),
            4 => new DocumentFilter.In("day", [new DateOnly(2024, 2, 29), null]),
            5 => new DocumentFilter.ContainsAny("tags", [Word(random), Word(random)]),
            6 => new DocumentFilter.Length("tags", comparison, random.Next(3)),
            7 => new DocumentFilter.TextMatch(inElement ? DocumentFilter.ElementField : "text", Word(random), random.Next(2) == 0)
            {
                Suffix = random.Next(2) == 0,
                IgnoreCase = random.Next(2) == 0,
            },
            _ => new DocumentFilter.Constant(random.Next(2) == 0),
        };
    }

    private static IEnumerable<DocumentFilter> Several(Random random, int depth, bool inElement) =>
        Enumerable.Range(0, random.Next(4)).Select(_ => Make(random, depth - 1, inElement)).ToArray();

    private static string Word(Random random) => new[] { "a", "B", "ab", "", "\"$é" }[random.Next(5)];

    private static Document MakeDocument(Random random) =>
        new(random.Next(5))
        {
            ["text"] = random.Next(3) == 0 ? null : Word(random),
            ["number"] = random.Next(3) == 0 ? null : random.Next(5) / 2.0,
            ["day"] = random.Next(2) == 0 ? null : new DateOnly(2024, 2, 29),
            ["tags"] = random.Next(3) == 0 ? null : new[] { Word(random), Word(random) }[..random.Next(3)],
        };

    private static string Write(DocumentFilter filter)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            DocumentFilterJson.Write(json, filter);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
