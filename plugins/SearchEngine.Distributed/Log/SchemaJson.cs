using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Log;

/// <summary>A schema as the collections' table holds it.</summary>
internal static class SchemaJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Write(CollectionSchema schema) => JsonSerializer.Serialize(schema, Options);

    /// <exception cref="SharedLogException">It is of a newer build, or was changed by other hands.</exception>
    public static CollectionSchema Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<CollectionSchema>(text, Options)!;
        }
        catch (JsonException e)
        {
            throw new SharedLogException(SharedLogError.Refused, $"A collection's stored schema cannot be read: {e.Message}", e);
        }
    }
}
