using System.Text.Json;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>
/// A schema as JSON, the same in a collection's folder, in exports and in a cluster's tables. It is read property by property: every
/// opening does, and a serializer would have hundreds of methods of its own compiled first. Thread-safe.
/// </summary>
public static class SchemaJson
{
    /// <summary>The schema as JSON.</summary>
    public static string Write(CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return JsonSerializer.Serialize(schema, EngineJson.Default.CollectionSchema);
    }

    /// <summary>Writes the schema as the next value, in the writer's own manner.</summary>
    public static void Write(Utf8JsonWriter json, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(schema);
        JsonSerializer.Serialize(json, schema, EngineJson.Default.CollectionSchema);
    }

    /// <summary>The schema that <see cref="Write(CollectionSchema)"/> wrote; what is missing is as in a new one.</summary>
    /// <exception cref="JsonException">Something is missing or of another kind.</exception>
    public static CollectionSchema Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement);
    }

    /// <summary>As the other overload.</summary>
    /// <exception cref="JsonException">Likewise.</exception>
    public static CollectionSchema Read(JsonElement schema)
    {
        try
        {
            var read = new CollectionSchema
            {
                Name = schema.GetProperty("name").GetString()!,
                KeyKind = Named(schema, "keyKind", RecordKeyKind.String),
                Fields = List(schema, "fields", Field),
                Vectors = List(schema, "vectors", Vector),
                EmbeddingModel = Text(schema, "embeddingModel"),
            };
            return Text(schema, "analyzer") is { } analyzer ? read with { Analyzer = analyzer } : read;
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    private static DataField Field(JsonElement field)
    {
        var read = new DataField(field.GetProperty("name").GetString()!, Named(field, "type", default(DataFieldType)))
        {
            IsList = Is(field, "isList"),
            IsFilterable = Is(field, "isFilterable"),
            IsFullText = Is(field, "isFullText"),
        };
        return field.TryGetProperty("boost", out var boost) ? read with { Boost = boost.GetSingle() } : read;
    }

    private static VectorField Vector(JsonElement vector)
    {
        var read = new VectorField(vector.GetProperty("name").GetString()!, Number(vector, "dimension"));
        return read with
        {
            Metric = Named(vector, "metric", read.Metric),
            Index = Named(vector, "index", read.Index),
            Quantization = Named(vector, "quantization", read.Quantization),
            M = Number(vector, "m"),
            EfConstruction = Number(vector, "efConstruction"),
            EfSearch = Number(vector, "efSearch"),
            SourceField = Text(vector, "sourceField"),
        };
    }

    private static List<T> List<T>(JsonElement of, string name, Func<JsonElement, T> read)
        where T : class
    {
        var list = new List<T>();
        if (of.TryGetProperty(name, out var values))
        {
            foreach (var value in values.EnumerateArray())
                list.Add(read(value));
        }

        return list;
    }

    private static T Named<T>(JsonElement of, string name, T otherwise)
        where T : struct, Enum =>
        of.TryGetProperty(name, out var value) ? (T)Enum.Parse(typeof(T), value.GetString()!, ignoreCase: true) : otherwise;

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static int Number(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    private static bool Is(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.GetBoolean();
}
