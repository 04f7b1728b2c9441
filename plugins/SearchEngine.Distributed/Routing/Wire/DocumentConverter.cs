using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A document as reads return it, with its version.</summary>
internal sealed class DocumentConverter(CollectionSchema schema) : JsonConverter<Document>
{
    public override Document Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var document = DocumentJson.Read(JsonElement.ParseValue(ref reader), schema);
        // A read has every field of the schema, null where there is no value.
        foreach (var field in schema.Fields)
            document.Fields.TryAdd(field.Name, null);
        return document;
    }

    public override void Write(Utf8JsonWriter writer, Document value, JsonSerializerOptions options) =>
        DocumentJson.WriteDocument(writer, schema, value, withVersion: true);
}
