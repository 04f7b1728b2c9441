using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>Numbers of one kind as little-endian bytes in base 64.</summary>
internal sealed class NumbersConverter<T> : JsonConverter<T[]>
    where T : unmanaged
{
    public override T[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MemoryMarshal.Cast<byte, T>(reader.GetBytesFromBase64()).ToArray();

    public override void Write(Utf8JsonWriter writer, T[] value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>The same of numbers in any memory.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<T> values) => writer.WriteBase64StringValue(MemoryMarshal.AsBytes(values));
}
