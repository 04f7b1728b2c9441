using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SearchEngine;

/// <summary>Documents as JSON, by the schema: text as text, numbers as numbers, dates in ISO 8601, bytes in base 64.</summary>
internal static class ExchangeJson
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteDocument(Utf8JsonWriter json, CollectionSchema schema, Document document)
    {
        json.WriteStartObject();
        json.WritePropertyName("key");
        WriteScalar(json, document.Key.Value);
        json.WriteStartObject("fields");
        foreach (var field in schema.Fields)
        {
            if (document[field.Name] is not { } value) continue;
            json.WritePropertyName(field.Name);
            if (!field.IsList)
            {
                WriteScalar(json, value);
                continue;
            }

            json.WriteStartArray();
            foreach (var item in (Array)value) WriteScalar(json, item);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        if (document.Vectors.Count > 0)
        {
            json.WriteStartObject("vectors");
            foreach (var (name, vector) in document.Vectors)
            {
                json.WriteStartArray(name);
                foreach (var component in vector.Span) json.WriteNumberValue(component);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The element is no document of the schema; the message names the field.</exception>
    public static Document ReadDocument(JsonElement element, CollectionSchema schema)
    {
        var document = new Document(ReadKey(element.GetProperty("key"), schema.KeyKind));
        if (element.TryGetProperty("fields", out var fields))
        {
            foreach (var property in fields.EnumerateObject())
            {
                var field = schema.FindField(property.Name) ?? throw new FormatException($"record '{document.Key}' has a field '{property.Name}' that the schema has not");
                document[field.Name] = field.IsList ? property.Value.EnumerateArray().Select(item => ReadScalar(item, field)).ToArray() : ReadScalar(property.Value, field);
            }
        }

        if (element.TryGetProperty("vectors", out var vectors))
        {
            foreach (var property in vectors.EnumerateObject())
                document.Vectors[property.Name] = property.Value.EnumerateArray().Select(component => component.GetSingle()).ToArray();
        }

        return document;
    }

    private static RecordKey ReadKey(JsonElement value, RecordKeyKind kind) => kind switch
    {
        RecordKeyKind.Guid => value.GetGuid(),
        RecordKeyKind.Int32 => value.GetInt32(),
        RecordKeyKind.Int64 => value.GetInt64(),
        _ => value.GetString()!,
    };

    private static void WriteScalar(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case byte or short or int or long: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case float or double: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            case decimal number: json.WriteNumberValue(number); break;
            case DateTime time: json.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture)); break;
            case DateTimeOffset time: json.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture)); break;
            case DateOnly date: json.WriteStringValue(date.ToString("O", CultureInfo.InvariantCulture)); break;
            case TimeOnly time: json.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture)); break;
            case Guid guid: json.WriteStringValue(guid); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            default: throw new ArgumentException($"A value of type {value.GetType().Name} cannot be exported.");
        }
    }

    private static object? ReadScalar(JsonElement value, DataField field)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        try
        {
            return field.Type switch
            {
                DataFieldType.String => value.GetString(),
                DataFieldType.Boolean => value.GetBoolean(),
                DataFieldType.Byte => value.GetByte(),
                DataFieldType.Int16 => value.GetInt16(),
                DataFieldType.Int32 => value.GetInt32(),
                DataFieldType.Int64 => value.GetInt64(),
                DataFieldType.Single => value.ValueKind == JsonValueKind.String ? float.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetSingle(),
                DataFieldType.Double => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble(),
                DataFieldType.Decimal => value.GetDecimal(),
                DataFieldType.DateTime => DateTime.ParseExact(value.GetString()!, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                DataFieldType.DateTimeOffset => DateTimeOffset.ParseExact(value.GetString()!, "O", CultureInfo.InvariantCulture),
                DataFieldType.DateOnly => DateOnly.ParseExact(value.GetString()!, "O", CultureInfo.InvariantCulture),
                DataFieldType.TimeOnly => TimeOnly.ParseExact(value.GetString()!, "O", CultureInfo.InvariantCulture),
                DataFieldType.Guid => value.GetGuid(),
                DataFieldType.Bytes => value.GetBytesFromBase64(),
                _ => throw new FormatException($"field '{field.Name}' has an unknown type {field.Type}"),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            throw new FormatException($"the value {value.GetRawText()} of field '{field.Name}' is no {field.Type}", e);
        }
    }
}
