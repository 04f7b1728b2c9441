using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A vector as <see cref="NumbersConverter{T}"/> has its numbers.</summary>
internal sealed class VectorConverter : JsonConverter<ReadOnlyMemory<float>>
{
    private static readonly NumbersConverter<float> Numbers = new();

    public override ReadOnlyMemory<float> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Numbers.Read(ref reader, typeof(float[]), options);

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<float> value, JsonSerializerOptions options) =>
        NumbersConverter<float>.Write(writer, value.Span);
}
