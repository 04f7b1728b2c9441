using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>Whole numbers as little-endian bytes in base 64.</summary>
internal sealed class IntegersConverter : JsonConverter<int[]>
{
    public override int[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MemoryMarshal.Cast<byte, int>(reader.GetBytesFromBase64()).ToArray();

    public override void Write(Utf8JsonWriter writer, int[] value, JsonSerializerOptions options) =>
        writer.WriteBase64StringValue(MemoryMarshal.AsBytes<int>(value));
}
