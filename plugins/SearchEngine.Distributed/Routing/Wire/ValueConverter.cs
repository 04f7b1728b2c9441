using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A field's value with its type, so that it is read without knowing its field.</summary>
internal sealed class ValueConverter : JsonConverter<object>
{
    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = JsonElement.ParseValue(ref reader);
        return parts.ValueKind == JsonValueKind.Null
            ? null
            : DocumentJson.ReadScalar(parts[1], new DataField("value", (DataFieldType)parts[0].GetInt32()));
    }

    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue((int)TypeOf(value));
        DocumentJson.WriteValue(writer, value);
        writer.WriteEndArray();
    }

    private static DataFieldType TypeOf(object value) =>
        value switch
        {
            string => DataFieldType.String,
            bool => DataFieldType.Boolean,
            byte => DataFieldType.Byte,
            short => DataFieldType.Int16,
            int => DataFieldType.Int32,
            long => DataFieldType.Int64,
            float => DataFieldType.Single,
            double => DataFieldType.Double,
            decimal => DataFieldType.Decimal,
            DateTime => DataFieldType.DateTime,
            DateTimeOffset => DataFieldType.DateTimeOffset,
            DateOnly => DataFieldType.DateOnly,
            TimeOnly => DataFieldType.TimeOnly,
            Guid => DataFieldType.Guid,
            byte[] => DataFieldType.Bytes,
            _ => throw new ArgumentException($"A value of type {value.GetType().Name} is none of a field."),
        };
}
