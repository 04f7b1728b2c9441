using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SearchEngine;

/// <summary>
/// Documents as JSON, by the schema, in the one form that files and hosts share: text as text, numbers as numbers (NaN and the infinities
/// by
/// name), dates and times in ISO 8601, bytes in base 64. Whatever one of them writes the other reads.
/// </summary>
public static class DocumentJson
{
    /// <summary>Of a value that is refused, at most so much is shown.</summary>
    private const int MaxShown = 80;

    internal static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document: its key, the fields that have a value, and the vectors that it carries.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="schema">The collection's schema; fields that it does not know are passed over.</param>
    /// <param name="document">The document, with values as a read returns them.</param>
    /// <param name="withVersion">Whether the record's version is written, where it has one.</param>
    public static void WriteDocument(Utf8JsonWriter json, CollectionSchema schema, Document document, bool withVersion = false)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(document);
        json.WriteStartObject();
        json.WritePropertyName("key");
        WriteValue(json, document.Key.Value);
        if (withVersion && !document.Version.IsNone)
            json.WriteString("version", document.Version.ToString());
        WriteFields(json, schema, document);
        if (document.Vectors.Count > 0)
            WriteVectors(json, document);
        json.WriteEndObject();
    }

    /// <summary>Writes the member "fields": those that have a value.</summary>
    internal static void WriteFields(Utf8JsonWriter json, CollectionSchema schema, Document document)
    {
        json.WriteStartObject("fields");
        foreach (var field in schema.Fields)
        {
            if (document[field.Name] is not { } value)
                continue;
            json.WritePropertyName(field.Name);
            WriteField(json, field, value);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a field's value: a scalar, or a list for a list field.</summary>
    internal static void WriteField(Utf8JsonWriter json, DataField field, object? value)
    {
        if (!field.IsList || value is null)
        {
            WriteValue(json, value);
            return;
        }

        json.WriteStartArray();
        foreach (var item in (Array)value)
            WriteValue(json, item);
        json.WriteEndArray();
    }

    internal static void WriteVector(Utf8JsonWriter json, ReadOnlySpan<float> vector)
    {
        json.WriteStartArray();
        foreach (var component in vector)
            WriteValue(json, component);
        json.WriteEndArray();
    }

    private static void WriteVectors(Utf8JsonWriter json, Document document)
    {
        json.WriteStartObject("vectors");
        foreach (var (name, vector) in document.Vectors)
        {
            json.WritePropertyName(name);
            WriteVector(json, vector.Span);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads a document that <see cref="WriteDocument"/> wrote, with its version where it has one.</summary>
    /// <exception cref="FormatException">The element is no document of the schema; the message names the field.</exception>
    public static Document Read(JsonElement element, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var read = ReadDocument(element, schema);
        foreach (var field in schema.Fields)
        {
            // As a read of the collection has it: a list is an array of the field's own type.
            if (field.IsList && read[field.Name] is { } value)
                read[field.Name] = FieldValues.Normalize(field, value);
        }

        return element.TryGetProperty("version", out var version) && RecordVersion.TryParse(version.GetString(), out var number)
            ? new Document(read.Key)
            {
                Version = number,
                Fields = read.Fields,
                Vectors = read.Vectors,
            }
            : read;
    }

    /// <exception cref="FormatException">The element is no document of the schema; the message names the field.</exception>
    internal static Document ReadDocument(JsonElement element, CollectionSchema schema)
    {
        var document = new Document(ReadKey(element.GetProperty("key"), schema.KeyKind));
        if (element.TryGetProperty("fields", out var fields))
        {
            foreach (var property in fields.EnumerateObject())
            {
                var field =
                    schema.FindField(property.Name)
                    ?? throw new FormatException($"record '{document.Key}' has a field '{property.Name}' that the schema has not");
                document[field.Name] = Read(property.Value, field);
            }
        }

        if (element.TryGetProperty("vectors", out var vectors))
        {
            foreach (var property in vectors.EnumerateObject())
                document.Vectors[property.Name] = property.Value.EnumerateArray().Select(component => component.GetSingle()).ToArray();
        }

        return document;
    }

    /// <summary>A key of a string or a number.</summary>
    /// <exception cref="ArgumentException">It is no key of that kind.</exception>
    public static RecordKey ReadKey(JsonElement key, RecordKeyKind kind) =>
        key.ValueKind switch
        {
            JsonValueKind.String => ParseKey(ReadText(key, "A key"), kind),
            JsonValueKind.Number => ParseKey(key.GetRawText(), kind),
            _ => throw new ArgumentException("A document needs a key: a string or an integer."),
        };

    /// <summary>A key of text, as in a path or a query string.</summary>
    /// <exception cref="ArgumentException">It is no key of that kind.</exception>
    public static RecordKey ParseKey(string key, RecordKeyKind kind) =>
        kind switch
        {
            RecordKeyKind.String => RecordKey.From(key),
            RecordKeyKind.Guid when Guid.TryParse(key, out var guid) => guid,
            RecordKeyKind.Int32 when int.TryParse(key, CultureInfo.InvariantCulture, out var number) => number,
            RecordKeyKind.Int64 when long.TryParse(key, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new ArgumentException($"The key '{key}' is no {kind}."),
        };

    /// <summary>A field's value: a scalar, or a list for a list field.</summary>
    /// <exception cref="ArgumentException">It is of another type; the message names the field.</exception>
    public static object? Read(JsonElement value, DataField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (!field.IsList || value.ValueKind == JsonValueKind.Null)
            return ReadScalar(value, field);
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(item => ReadScalar(item, field)).ToArray()
            : throw Wrong(field, value, null);
    }

    /// <summary>One value of a field: of a list field, an element.</summary>
    /// <exception cref="ArgumentException">It is of another type; the message names the field.</exception>
    public static object? ReadScalar(JsonElement value, DataField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (value.ValueKind == JsonValueKind.Null)
            return null;
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
                DataFieldType.Single => value.ValueKind == JsonValueKind.String ? (float)ReadNamed(value) : Finite(value.GetSingle()),
                DataFieldType.Double => value.ValueKind == JsonValueKind.String ? ReadNamed(value) : Finite(value.GetDouble()),
                DataFieldType.Decimal => value.GetDecimal(),
                DataFieldType.DateTime => value.GetDateTime(),
                DataFieldType.DateTimeOffset => value.GetDateTimeOffset(),
                DataFieldType.DateOnly => DateOnly.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                DataFieldType.TimeOnly => TimeOnly.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                DataFieldType.Guid => value.GetGuid(),
                DataFieldType.Bytes => value.GetBytesFromBase64(),
                _ => throw new ArgumentException($"Field '{field.Name}' has an unknown type {field.Type}."),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            throw Wrong(field, value, e);
        }
    }

    /// <summary>A text of JSON. Its escapes may hold half of a surrogate pair, which is no text.</summary>
    /// <exception cref="ArgumentException">It is no text.</exception>
    private static string ReadText(JsonElement value, string what)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException($"{what} must be valid text: it holds an unpaired surrogate.", e);
        }
    }

    /// <summary>A number that was written as one is finite: what is too large for the type reads as an infinity (1e400).</summary>
    private static T Finite<T>(T number)
        where T : System.Numerics.INumberBase<T> => T.IsFinite(number) ? number : throw new OverflowException();

    /// <summary>The values that JSON's numbers cannot say.</summary>
    private static double ReadNamed(JsonElement value) =>
        value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text => throw new FormatException($"'{text}' is no number."),
        };

    private static ArgumentException Wrong(DataField field, JsonElement value, Exception? inner)
    {
        var text = value.GetRawText();
        return new ArgumentException(
            $"Field '{field.Name}' takes {(field.IsList ? "a list of " : string.Empty)}{field.Type}, not {(text.Length > MaxShown ? text[..MaxShown] + "…" : text)}.",
            inner
        );
    }

    /// <summary>Writes one value of a field, or a key's.</summary>
    /// <exception cref="ArgumentException">It is of a type that no field has.</exception>
    public static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case byte or short or int or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case float or double:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case DateTime time:
                json.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                json.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case DateOnly date:
                json.WriteStringValue(date.ToString("O", CultureInfo.InvariantCulture));
                break;
            case TimeOnly time:
                json.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case Guid guid:
                json.WriteStringValue(guid);
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            default:
                throw new ArgumentException($"A value of type {value.GetType().Name} cannot be exported.");
        }
    }
}
