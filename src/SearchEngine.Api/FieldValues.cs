using System.Globalization;
using System.Text.Json;

namespace SearchEngine.Api;

/// <summary>JSON values as the types that a schema says.</summary>
internal static class FieldValues
{
    public static Document ReadDocument(DocumentBody body, CollectionSchema schema)
    {
        var document = new Document(ReadKey(body.Key, schema.KeyKind));
        foreach (var (name, value) in body.Fields ?? new Dictionary<string, JsonElement>())
            document[name] = Read(value, FieldOf(schema, name));
        foreach (var (name, vector) in body.Vectors ?? new Dictionary<string, float[]>())
            document.Vectors[name] = vector;
        return document;
    }

    public static RecordKey ReadKey(JsonElement key, RecordKeyKind kind) => key.ValueKind switch
    {
        JsonValueKind.String => ParseKey(key.GetString()!, kind),
        JsonValueKind.Number => ParseKey(key.GetRawText(), kind),
        _ => throw new ArgumentException("A document needs a key: a string or an integer."),
    };

    public static RecordKey ParseKey(string key, RecordKeyKind kind) => kind switch
    {
        RecordKeyKind.String => RecordKey.From(key),
        RecordKeyKind.Guid when Guid.TryParse(key, out var guid) => guid,
        RecordKeyKind.Int32 when int.TryParse(key, CultureInfo.InvariantCulture, out var number) => number,
        RecordKeyKind.Int64 when long.TryParse(key, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new ArgumentException($"The key '{key}' is no {kind}."),
    };

    public static DataField FieldOf(CollectionSchema schema, string name) => schema.FindField(name)
        ?? throw new ArgumentException($"Collection '{schema.Name}' has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(f => f.Name))}.");

    /// <summary>A filter over fields: a value to equal, or a list of which any may match.</summary>
    public static DocumentFilter? ReadFilter(IReadOnlyDictionary<string, JsonElement>? filter, CollectionSchema schema)
    {
        if (filter is null || filter.Count == 0) return null;
        return new DocumentFilter.And([.. filter.Select(pair => ReadCondition(FieldOf(schema, pair.Key), pair.Value))]);
    }

    private static DocumentFilter ReadCondition(DataField field, JsonElement value)
    {
        var values = value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(item => ReadScalar(item, field)).ToArray()
            : [ReadScalar(value, field)];
        return field.IsList ? new DocumentFilter.ContainsAny(field.Name, values) : new DocumentFilter.In(field.Name, values);
    }

    private static object? Read(JsonElement value, DataField field)
    {
        if (!field.IsList || value.ValueKind == JsonValueKind.Null) return ReadScalar(value, field);
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(field, value, null);
        return value.EnumerateArray().Select(item => ReadScalar(item, field) ?? throw Wrong(field, item, null)).ToArray();
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
                DataFieldType.Single => value.ValueKind == JsonValueKind.String ? (float)ReadNamed(value) : value.GetSingle(),
                DataFieldType.Double => value.ValueKind == JsonValueKind.String ? ReadNamed(value) : value.GetDouble(),
                DataFieldType.Decimal => value.GetDecimal(),
                DataFieldType.DateTime => value.GetDateTime(),
                DataFieldType.DateTimeOffset => value.GetDateTimeOffset(),
                DataFieldType.DateOnly => DateOnly.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                DataFieldType.TimeOnly => TimeOnly.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                DataFieldType.Guid => value.GetGuid(),
                DataFieldType.Bytes => value.GetBytesFromBase64(),
                _ => throw new NotSupportedException($"Field type {field.Type}."),
            };
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw Wrong(field, value, exception);
        }
    }

    // The values that JSON's numbers cannot say, by the names that replies give them.
    private static double ReadNamed(JsonElement value) => value.GetString() switch
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
            $"Field '{field.Name}' takes {(field.IsList ? "a list of " : string.Empty)}{field.Type}, not {(text.Length > 80 ? text[..80] + "…" : text)}.", inner);
    }
}
