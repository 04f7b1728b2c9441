using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A version as its text.</summary>
internal sealed class RecordVersionConverter : JsonConverter<RecordVersion>
{
    public override RecordVersion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RecordVersion.Parse(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, RecordVersion value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
