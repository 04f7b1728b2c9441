using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A key with its kind, so that it is read without a schema.</summary>
internal sealed class RecordKeyConverter : JsonConverter<RecordKey>
{
    public override RecordKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = JsonElement.ParseValue(ref reader);
        return DocumentJson.ReadKey(parts[1], (RecordKeyKind)parts[0].GetInt32());
    }

    public override void Write(Utf8JsonWriter writer, RecordKey value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue((int)value.Kind);
        DocumentJson.WriteValue(writer, value.Value);
        writer.WriteEndArray();
    }
}
