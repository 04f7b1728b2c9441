using System.Text.Json;

namespace SearchEngine;

/// <summary>
/// Batches as JSON, in the one form that host and client share: an array of operations, each <c>{"upsert": document}</c>,
/// <c>{"patch": document}</c>, <c>{"merge": document}</c>, <c>{"delete": key}</c> or <c>{"metadata": name, "value": text}</c>, all but the last with the expected
/// <c>"version"</c> where there is one. Documents are as <see cref="DocumentJson"/> has them, with <c>"embeddingTexts"</c> besides.
/// </summary>
public static class WriteBatchJson
{
    /// <summary>Reads a batch.</summary>
    /// <exception cref="ArgumentException">It is no batch of the schema's documents; the message names the operation.</exception>
    public static WriteBatch Read(JsonElement operations, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (operations.ValueKind != JsonValueKind.Array)
            throw new ArgumentException("A batch is a list of operations.");
        var batch = new WriteBatch();
        foreach (var operation in operations.EnumerateArray())
        {
            try
            {
                ReadOperation(operation, schema, batch);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"Operation {batch.Count}: {e.Message}", e);
            }
        }

        return batch;
    }

    /// <summary>Writes a batch.</summary>
    /// <exception cref="ArgumentException">A document does not fit the schema.</exception>
    public static void Write(Utf8JsonWriter json, WriteBatch batch, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(schema);
        json.WriteStartArray();
        foreach (var operation in batch.Operations)
        {
            json.WriteStartObject();
            switch (operation.Kind)
            {
                case WriteOperationKind.SetMetadata:
                    json.WriteString("metadata", operation.MetadataName);
                    json.WriteString("value", operation.MetadataValue);
                    break;
                case WriteOperationKind.Delete:
                    json.WritePropertyName("delete");
                    DocumentJson.WriteValue(json, operation.Key.Value);
                    break;
                default:
                    json.WritePropertyName(NameOf(operation.Kind));
                    WriteDocument(json, operation.Document!, schema);
                    break;
            }

            if (operation.Expected is { } version)
                json.WriteString("version", version.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads a document as the operations have it.</summary>
    /// <exception cref="ArgumentException">It does not fit the schema; the message names the field.</exception>
    public static Document ReadDocument(JsonElement element, CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (element.ValueKind != JsonValueKind.Object)
            throw new ArgumentException("A document is an object with a key and fields.");
        if (!element.TryGetProperty("key", out var key))
            throw new ArgumentException("A document needs a key: a string or an integer.");
        var document = new Document(DocumentJson.ReadKey(key, schema.KeyKind));
        foreach (var part in element.EnumerateObject())
        {
            switch (part.Name)
            {
                case "key":
                    break;
                case "fields":
                    foreach (var (name, value) in MembersOf(part))
                        document[name] = DocumentJson.Read(value, FieldOf(schema, name));
                    break;
                case "vectors":
                    foreach (var (name, value) in MembersOf(part))
                        document.Vectors[name] = ReadVector(name, value);
                    break;
                case "embeddingTexts":
                    foreach (var (name, value) in MembersOf(part))
                        document.EmbeddingTexts[name] = ReadText(value, name);
                    break;
                default:
                    throw new ArgumentException($"A document has key, fields, vectors and embeddingTexts, but no '{part.Name}'.");
            }
        }

        return document;
    }

    /// <summary>Puts the vectors that a batch carries as JSON into the documents of a batch of the same operations.</summary>
    /// <exception cref="ArgumentException">It is another batch.</exception>
    public static void TakeVectors(WriteBatch batch, JsonElement operations)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (operations.ValueKind != JsonValueKind.Array || operations.GetArrayLength() != batch.Count)
            throw new ArgumentException($"{batch.Count} operations were expected.");
        foreach (var (operation, element) in batch.Operations.Zip(operations.EnumerateArray()))
        {
            if (operation.Document is not { } document)
                continue;
            var written = element.GetProperty(NameOf(operation.Kind));
            if (!written.TryGetProperty("vectors", out var vectors))
                continue;
            foreach (var vector in vectors.EnumerateObject())
                document.Vectors[vector.Name] = ReadVector(vector.Name, vector.Value);
        }
    }

    private static void ReadOperation(JsonElement operation, CollectionSchema schema, WriteBatch batch)
    {
        if (operation.ValueKind != JsonValueKind.Object)
            throw new ArgumentException("an operation is an object with one of upsert, patch, merge, delete or metadata.");
        var version = operation.TryGetProperty("version", out var given) ? ReadVersion(given) : null;
        if (operation.TryGetProperty("upsert", out var upsert))
            batch.Upsert(ReadDocument(upsert, schema), version);
        else if (operation.TryGetProperty("patch", out var patch))
            batch.Patch(ReadDocument(patch, schema), version);
        else if (operation.TryGetProperty("merge", out var merge))
            batch.Merge(ReadDocument(merge, schema), version);
        else if (operation.TryGetProperty("delete", out var delete))
            batch.Delete(DocumentJson.ReadKey(delete, schema.KeyKind), version);
        else if (operation.TryGetProperty("metadata", out var name))
            batch.SetMetadata(ReadText(name, "metadata"), operation.TryGetProperty("value", out var value) ? TextOrNull(value) : null);
        else
            throw new ArgumentException("an operation has one of upsert, patch, merge, delete or metadata.");
    }

    private static string NameOf(WriteOperationKind kind) =>
        kind switch
        {
            WriteOperationKind.Patch => "patch",
            WriteOperationKind.Merge => "merge",
            _ => "upsert",
        };

    private static RecordVersion? ReadVersion(JsonElement version)
    {
        var text = TextOrNull(version);
        if (text is null)
            return null;
        return RecordVersion.TryParse(text, out var parsed)
            ? parsed
            : throw new ArgumentException($"'{text}' is no record version: a version is a decimal number as a read returned it.");
    }

    private static string? TextOrNull(JsonElement value) =>
        (string?)DocumentJson.ReadScalar(value, new DataField("value", DataFieldType.String));

    private static string ReadText(JsonElement value, string what) =>
        TextOrNull(value) ?? throw new ArgumentException($"'{what}' needs a text.");

    private static ReadOnlyMemory<float> ReadVector(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return default;
        var field = new DataField(name, DataFieldType.Single) { IsList = true };
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
            throw new ArgumentException($"The vector '{name}' is empty; null says that there is none.");
        return Array.ConvertAll((object?[])DocumentJson.Read(value, field)!, component => component is float number ? number : float.NaN);
    }

    private static IEnumerable<(string Name, JsonElement Value)> MembersOf(JsonProperty part)
    {
        if (part.Value.ValueKind == JsonValueKind.Null)
            yield break;
        if (part.Value.ValueKind != JsonValueKind.Object)
            throw new ArgumentException($"A document's {part.Name} are an object by name.");
        foreach (var member in part.Value.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException e)
            {
                throw new ArgumentException($"A name in a document's {part.Name} holds an unpaired surrogate.", e);
            }

            yield return (name, member.Value);
        }
    }

    private static DataField FieldOf(CollectionSchema schema, string name) =>
        schema.FindField(name)
        ?? throw new ArgumentException(
            $"Collection '{schema.Name}' has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(f => f.Name))}."
        );

    private static void WriteDocument(Utf8JsonWriter json, Document document, CollectionSchema schema)
    {
        json.WriteStartObject();
        json.WritePropertyName("key");
        DocumentJson.WriteValue(json, document.Key.Value);
        json.WriteStartObject("fields");
        foreach (var (name, value) in document.Fields)
        {
            var field = FieldOf(schema, name);
            json.WritePropertyName(name);
            DocumentJson.WriteField(json, field, FieldValues.Normalize(field, value));
        }

        json.WriteEndObject();
        json.WriteStartObject("vectors");
        foreach (var (name, vector) in document.Vectors)
        {
            json.WritePropertyName(name);
            if (vector.IsEmpty)
                json.WriteNullValue();
            else
                DocumentJson.WriteVector(json, vector.Span);
        }

        json.WriteEndObject();
        json.WriteStartObject("embeddingTexts");
        foreach (var (name, text) in document.EmbeddingTexts)
            json.WriteString(name, text);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
