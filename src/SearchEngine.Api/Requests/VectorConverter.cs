using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Vectors as JSON arrays, read without a converter's call for each number; also "NaN", "Infinity" and "-Infinity", as everywhere in this
/// API, so that the engine can refuse them by name. Thread-safe.
/// </summary>
internal sealed class VectorConverter : JsonConverter<float[]>
{
    private const int FirstComponents = 512;

    public override float[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();
        var vector = new float[FirstComponents];
        var length = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (length == vector.Length)
                Array.Resize(ref vector, length * 2);
            vector[length] = Component(ref reader, length);
            length++;
        }

        return vector.AsSpan(0, length).ToArray();
    }

    public override void Write(Utf8JsonWriter writer, float[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var component in value)
        {
            if (float.IsFinite(component))
                writer.WriteNumberValue(component);
            else
                writer.WriteStringValue(NameOf(component));
        }

        writer.WriteEndArray();
    }

    private static float Component(ref Utf8JsonReader reader, int index) =>
        reader.TokenType switch
        {
            JsonTokenType.Number when !reader.HasValueSequence && ShortDecimal.TryParse(reader.ValueSpan, out var value) => value,
            JsonTokenType.Number => reader.GetSingle(),
            JsonTokenType.String when reader.ValueTextEquals("NaN"u8) => float.NaN,
            JsonTokenType.String when reader.ValueTextEquals("Infinity"u8) => float.PositiveInfinity,
            JsonTokenType.String when reader.ValueTextEquals("-Infinity"u8) => float.NegativeInfinity,
            _ => throw new JsonException($"component {index} is no number."),
        };

    private static string NameOf(float component) =>
        float.IsNaN(component) ? "NaN"
        : component > 0 ? "Infinity"
        : "-Infinity";
}
