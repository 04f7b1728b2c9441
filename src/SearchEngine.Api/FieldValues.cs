using System.Text.Json;

namespace SearchEngine.Api;

/// <summary>Documents and filters of requests, as the schema says.</summary>
internal static class FieldValues
{
    public static Document ReadDocument(DocumentBody body, CollectionSchema schema)
    {
        var document = new Document(DocumentJson.ReadKey(body.Key, schema.KeyKind));
        foreach (var (name, value) in body.Fields ?? new Dictionary<string, JsonElement>())
            document[name] = DocumentJson.Read(value, FieldOf(schema, name));
        foreach (var (name, vector) in body.Vectors ?? new Dictionary<string, float[]>())
            document.Vectors[name] = vector;
        return document;
    }

    public static DataField FieldOf(CollectionSchema schema, string name) =>
        schema.FindField(name)
        ?? throw new ArgumentException(
            $"Collection '{schema.Name}' has no field '{name}'; it has: {string.Join(", ", schema.Fields.Select(f => f.Name))}."
        );

    /// <summary>A filter over fields: a value to equal, or a list of which any may match.</summary>
    public static DocumentFilter? ReadFilter(IReadOnlyDictionary<string, JsonElement>? filter, CollectionSchema schema)
    {
        if (filter is null || filter.Count == 0)
            return null;
        return new DocumentFilter.And([.. filter.Select(pair => ReadCondition(FieldOf(schema, pair.Key), pair.Value))]);
    }

    public static FacetRequest ReadFacet(FacetBody facet, CollectionSchema schema)
    {
        var field = FieldOf(schema, facet.Field);
        return new FacetRequest(facet.Field)
        {
            Top = facet.Top,
            Borders = facet.Borders?.Select(border => DocumentJson.ReadScalar(border, field)!).ToArray(),
        };
    }

    private static DocumentFilter ReadCondition(DataField field, JsonElement value)
    {
        var values =
            value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().Select(item => DocumentJson.ReadScalar(item, field)).ToArray()
                : [DocumentJson.ReadScalar(value, field)];
        return field.IsList ? new DocumentFilter.ContainsAny(field.Name, values) : new DocumentFilter.In(field.Name, values);
    }
}
