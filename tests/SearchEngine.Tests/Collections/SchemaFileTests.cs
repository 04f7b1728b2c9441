using System.Text.Json;
using System.Text.Json.Serialization;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Collections;

/// <summary>The stored schema, which is read by hand, beside the serializer that writes it.</summary>
public class SchemaFileTests
{
    private static readonly JsonSerializerOptions ByReflection = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    [Fact]
    public void A_schema_is_read_as_it_was_written()
    {
        var random = new Random(TestSeed.Get(81));
        using var directory = new TemporaryDirectory();
        for (var round = 0; round < 200; round++)
        {
            var schema = Any(random);
            var path = directory.Combine($"schema-{round}");
            SchemaFile.Write(path, schema);
            var read = SchemaFile.Read(path);
            Assert.Equal(SchemaJson.Write(schema), SchemaJson.Write(read));
            // As a serializer by reflection writes it, which wrote the first databases.
            Assert.Equal(JsonSerializer.Serialize(schema, ByReflection), SchemaJson.Write(schema));
        }
    }

    [Fact]
    public void What_is_not_there_is_as_in_a_new_schema_and_what_is_unknown_is_passed_over()
    {
        const string Json = """{"name":"a","later":[1],"fields":[{"name":"f","type":"int32"}],"vectors":[{"name":"v","dimension":3}]}""";
        using var document = JsonDocument.Parse(Json);
        var expected = new CollectionSchema
        {
            Name = "a",
            Fields = [new DataField("f", DataFieldType.Int32)],
            Vectors = [new VectorField("v", 3)],
        };
        var read = SchemaJson.Read(document.RootElement);
        Assert.Equal(SchemaJson.Write(expected), SchemaJson.Write(read));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"name":1}""")]
    [InlineData("""{"name":"a","keyKind":"none"}""")]
    [InlineData("""{"name":"a","fields":{}}""")]
    [InlineData("""{"name":"a","fields":[{}]}""")]
    [InlineData("""{"name":"a","vectors":[{"name":"v","dimension":"3"}]}""")]
    public void What_is_of_another_kind_is_an_error(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Throws<JsonException>(() => SchemaJson.Read(document.RootElement));
    }

    private static CollectionSchema Any(Random random) =>
        new()
        {
            Name = $"name \"{random.Next()}\" ä",
            KeyKind = One<RecordKeyKind>(random),
            Analyzer = random.Next(2) == 0 ? CollectionSchema.DefaultAnalyzer : "german",
            EmbeddingModel = random.Next(2) == 0 ? null : "model",
            Fields =
            [
                .. Enumerable
                    .Range(0, random.Next(4))
                    .Select(i => new DataField($"f{i}", One<DataFieldType>(random))
                    {
                        IsList = random.Next(2) == 0,
                        IsFilterable = random.Next(2) == 0,
                        IsFullText = random.Next(2) == 0,
                        Boost = random.NextSingle() + 0.5f,
                    }),
            ],
            Vectors =
            [
                .. Enumerable
                    .Range(0, random.Next(3))
                    .Select(i => new VectorField($"v{i}", random.Next(1, 1000))
                    {
                        Metric = One<DistanceMetric>(random),
                        Index = One<VectorIndexKind>(random),
                        Quantization = One<VectorQuantization>(random),
                        M = random.Next(50),
                        EfConstruction = random.Next(300),
                        EfSearch = random.Next(300),
                        SourceField = random.Next(2) == 0 ? null : "f0",
                    }),
            ],
        };

    private static T One<T>(Random random)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        return values[random.Next(values.Length)];
    }
}
