using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Lexical.Indexing;

/// <summary>Validates a schema, and stores the part of it that shapes the index in the commit's user data.</summary>
internal static class SchemaCodec
{
    /// <summary>Key in the commit's user data; hidden from the caller.</summary>
    internal const string Key = "lexical.schema";

    private const int Version = 1;

    internal sealed record StoredField(string Name, LexicalFieldKind Kind, bool IsList, bool IsFilterable, bool IsFullText);

    internal sealed record StoredSchema(int Version, string Analyzer, List<StoredField> Fields);

    /// <exception cref="ArgumentException">The schema is not valid.</exception>
    internal static void Validate(LexicalSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema.Fields);
        if (!(schema.K1 >= 0) || !float.IsFinite(schema.K1))
            throw new ArgumentException($"K1 must be finite and at least 0, not {schema.K1}.");
        if (!(schema.B >= 0 && schema.B <= 1))
            throw new ArgumentException($"B must be between 0 and 1, not {schema.B}.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in schema.Fields)
        {
            if (string.IsNullOrEmpty(field.Name))
                throw new ArgumentException("A field has no name.");
            if (!names.Add(field.Name))
                throw new ArgumentException($"Field '{field.Name}' is in the schema twice.");
            if (!Enum.IsDefined(field.Kind))
                throw new ArgumentException($"Field '{field.Name}' is of the unknown kind {field.Kind}.");
            if (field.IsFullText && field.Kind != LexicalFieldKind.String)
                throw new ArgumentException($"Field '{field.Name}' is full text, so its kind must be String, not {field.Kind}.");
            if (!(field.Boost > 0) || !float.IsFinite(field.Boost))
                throw new ArgumentException($"The boost of field '{field.Name}' must be finite and positive, not {field.Boost}.");
        }
    }

    // By hand: every opening does it, and a serializer would have hundreds of methods compiled first.
    private static StoredSchema Parse(string encoded)
    {
        using var document = JsonDocument.Parse(encoded);
        var root = document.RootElement;
        var fields = new List<StoredField>();
        foreach (var field in root.GetProperty(nameof(StoredSchema.Fields)).EnumerateArray())
        {
            fields.Add(
                new StoredField(
                    field.GetProperty(nameof(StoredField.Name)).GetString()!,
                    (LexicalFieldKind)field.GetProperty(nameof(StoredField.Kind)).GetInt32(),
                    field.GetProperty(nameof(StoredField.IsList)).GetBoolean(),
                    field.GetProperty(nameof(StoredField.IsFilterable)).GetBoolean(),
                    field.GetProperty(nameof(StoredField.IsFullText)).GetBoolean()
                )
            );
        }

        var analyzer = root.GetProperty(nameof(StoredSchema.Analyzer)).GetString()!;
        return new StoredSchema(root.GetProperty(nameof(StoredSchema.Version)).GetInt32(), analyzer, fields);
    }

    internal static string Encode(LexicalSchema schema) =>
        JsonSerializer.Serialize(
            new StoredSchema(
                Version,
                schema.Analyzer,
                [.. schema.Fields.Select(f => new StoredField(f.Name, f.Kind, f.IsList, f.IsFilterable, f.IsFullText))]
            ),
            SchemaCodecJson.Default.StoredSchema
        );

    /// <summary>
    /// Throws if <paramref name="encoded"/> is not the stored form of <paramref name="schema"/>; the order of fields is free.
    /// </summary>
    internal static void RequireSame(string? encoded, LexicalSchema schema, string location)
    {
        StoredSchema? stored;
        try
        {
            stored = encoded is null ? null : Parse(encoded);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new LexicalIndexException($"The stored schema of the index in '{location}' is damaged.", location, e);
        }
        if (stored is null)
            throw new LexicalIndexException($"'{location}' holds a Lucene index that was not made by this library.", location);
        if (stored.Version > Version)
        {
            throw new LexicalIndexException(
                $"The index in '{location}' has format {stored.Version}; this version reads up to {Version}. Use a newer version.",
                location
            )
            {
                IsNewerVersion = true,
            };
        }
        if (stored.Analyzer != schema.Analyzer)
            throw Differs($"it was made with analyzer '{stored.Analyzer}', not '{schema.Analyzer}'");
        foreach (var field in schema.Fields)
        {
            var old = stored.Fields.Find(f => f.Name == field.Name) ?? throw Differs($"it has no field '{field.Name}'");
            if (old != new StoredField(field.Name, field.Kind, field.IsList, field.IsFilterable, field.IsFullText))
            {
                throw Differs(
                    $"field '{field.Name}' was {Describe(old.Kind, old.IsList, old.IsFilterable, old.IsFullText)}, not {Describe(field.Kind, field.IsList, field.IsFilterable, field.IsFullText)}"
                );
            }
        }
        foreach (var old in stored.Fields)
        {
            if (!schema.Fields.Any(f => f.Name == old.Name))
                throw Differs($"it has a field '{old.Name}' that the given schema lacks");
        }

        LexicalIndexException Differs(string what) =>
            new($"The index in '{location}' has another schema: {what}. Open it with its own schema, or build it anew.", location);
    }

    private static string Describe(LexicalFieldKind kind, bool isList, bool isFilterable, bool isFullText) =>
        $"{(isFilterable ? "filterable " : "")}{(isFullText ? "full-text " : "")}{(isList ? "list of " : "")}{kind}";
}

/// <summary>What the codec writes, compiled ahead.</summary>
[JsonSerializable(typeof(SchemaCodec.StoredSchema))]
internal sealed partial class SchemaCodecJson : JsonSerializerContext;
