using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>A filter in the form that hosts have.</summary>
internal sealed class FilterConverter(CollectionSchema schema) : JsonConverter<DocumentFilter>
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(DocumentFilter));

    public override DocumentFilter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DocumentFilterJson.Read(JsonElement.ParseValue(ref reader), schema);

    public override void Write(Utf8JsonWriter writer, DocumentFilter value, JsonSerializerOptions options) =>
        DocumentFilterJson.Write(writer, value);
}
