using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Api.Contracts;

/// <summary>The body of POST (insert or replace) and PATCH (change) /collections/{name}/documents.</summary>
internal sealed record DocumentsBody(IReadOnlyList<DocumentBody> Documents);

/// <summary>
/// A document to write: its key (string or integer), fields by name, and vectors where the caller brings them; the version that the
/// stored one must have ("0": that there is none), and texts to embed in place of the vectors' source fields.
/// </summary>
internal sealed record DocumentBody(
    JsonElement Key,
    IReadOnlyDictionary<string, JsonElement>? Fields = null,
    IReadOnlyDictionary<string, float[]>? Vectors = null,
    IReadOnlyDictionary<string, string>? EmbeddingTexts = null,
    string? Version = null
);

/// <summary>What to set in a document: the fields and vectors that are there.</summary>
internal sealed record ChangesBody(
    IReadOnlyDictionary<string, JsonElement>? Fields = null,
    IReadOnlyDictionary<string, float[]>? Vectors = null,
    IReadOnlyDictionary<string, string>? EmbeddingTexts = null
);

/// <summary>The body of POST /collections/{name}/documents/patch: what to set in all documents that match.</summary>
internal sealed record FilteredPatchBody(JsonElement Filter, ChangesBody Changes);

/// <summary>The body of POST /collections/{name}/write: a batch of mixed operations, carried out whole or not at all.</summary>
internal sealed record BatchBody(JsonElement Operations);

/// <summary>A document as stored; "version" is what a write may expect.</summary>
internal sealed record DocumentReply(
    object Key,
    string Version,
    IReadOnlyDictionary<string, object?> Fields,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, float[]>? Vectors = null
)
{
    public static DocumentReply Of(Document document, CollectionSchema schema) =>
        new(
            document.Key.Value,
            document.Version.ToString(),
            FieldsOf(document, schema, null),
            document.Vectors.Count == 0 ? null : VectorsOf(document)
        );

    /// <summary>The fields that have a value, of those asked for. A list of bytes is a list of numbers, as every other list.</summary>
    public static IReadOnlyDictionary<string, object?> FieldsOf(
        Document document,
        CollectionSchema schema,
        IReadOnlyCollection<string>? names
    )
    {
        var fields = new Dictionary<string, object?>(document.Fields.Count, StringComparer.Ordinal);
        foreach (var (name, value) in document.Fields)
        {
            if (value is null || names?.Contains(name) == false)
                continue;
            fields[name] =
                value is byte[] bytes && schema.FindField(name) is { IsList: true } ? Array.ConvertAll(bytes, item => (int)item) : value;
        }

        return fields;
    }

    public static IReadOnlyDictionary<string, float[]> VectorsOf(Document document) =>
        document.Vectors.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray());
}

/// <summary>A list of documents; the token of the next page, null behind the last one.</summary>
internal sealed record DocumentPage(IReadOnlyList<DocumentReply> Documents, string? Next = null);

/// <summary>What a write did; "version" is what the documents of the batch have now.</summary>
internal sealed record WriteReply(int Inserted, int Updated, int Deleted, int NotFound, string Version)
{
    public static WriteReply Of(WriteResult result) =>
        new(result.Inserted, result.Updated, result.Deleted, result.NotFound, result.Version.ToString());
}

/// <summary>How many documents a filter changed, deleted or counted.</summary>
internal sealed record CountReply(long Count);

/// <summary>The body of a delete: keys, or a filter.</summary>
internal sealed record DeleteBody(IReadOnlyList<JsonElement>? Keys = null, JsonElement? Filter = null);

/// <summary>The body of POST /collections/{name}/documents/get.</summary>
internal sealed record GetBody(IReadOnlyList<JsonElement> Keys, bool Vectors = false);

/// <summary>A filter alone.</summary>
internal sealed record FilterBody(JsonElement? Filter = null);

/// <summary>
/// The body of POST /collections/{name}/documents/scroll: documents by filter, page by page, all of one moment. Of the pages behind the
/// first only "after" (the token of the page before) counts.
/// </summary>
internal sealed record ScrollBody(
    JsonElement? Filter = null,
    IReadOnlyList<SortOrder>? OrderBy = null,
    int Limit = 100,
    bool Vectors = false,
    string? After = null
);

/// <summary>The body of POST /collections/{name}/documents/stream: documents by filter, one JSON document a line, all of one moment.</summary>
internal sealed record StreamBody(
    JsonElement? Filter = null,
    IReadOnlyList<SortOrder>? OrderBy = null,
    int Skip = 0,
    int? Top = null,
    bool Vectors = false
);

/// <summary>A value that the collection keeps under a name; see the batch operation "metadata".</summary>
internal sealed record MetadataReply(string Name, string Value);

/// <summary>A moment of a collection, held for several reads; gone when it is deleted or not used for a minute.</summary>
internal sealed record ViewReply(string Id);
