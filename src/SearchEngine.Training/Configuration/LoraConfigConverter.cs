using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Training;

/// <summary>Reads and writes "lora": an object of the adapter's settings, or false for none.</summary>
internal sealed class LoraConfigConverter : JsonConverter<LoraConfig?>
{
    public override bool HandleNull => true;

    public override LoraConfig? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.False => null,
            JsonTokenType.StartObject => JsonSerializer.Deserialize<LoraConfig>(ref reader, options),
            _ => throw new JsonException("'lora' is an object with the adapter's settings, or false to train all weights."),
        };

    public override void Write(Utf8JsonWriter writer, LoraConfig? value, JsonSerializerOptions options)
    {
        if (value is null)
            writer.WriteBooleanValue(false);
        else
            JsonSerializer.Serialize(writer, value, options);
    }
}
