using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A document as reads return it, with its version.</summary>
internal sealed class DocumentConverter(CollectionSchema schema) : JsonConverter<Document>
{
    public override Document Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var read = DocumentJson.Read(JsonElement.ParseValue(ref reader), schema);
        // As a collection gives it: every field of the schema, in its order, null where there is no value.
        var document = new Document(read.Key) { Version = read.Version, Vectors = read.Vectors };
        foreach (var field in schema.Fields)
            document[field.Name] = read[field.Name];
        return document;
    }

    public override void Write(Utf8JsonWriter writer, Document value, JsonSerializerOptions options) =>
        DocumentJson.WriteDocument(writer, schema, value, withVersion: true);
}
