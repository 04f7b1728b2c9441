using Microsoft.SemanticKernel.Memory;
using SearchEngine.Vectors;

namespace SearchEngine.SemanticKernel;

/// <summary>Between memory records and the engine's documents.</summary>
internal static class MemoryRecords
{
    /// <summary>The vector field.</summary>
    public const string VectorField = "embedding";
    private const string TextField = "text";
    private const string DescriptionField = "description";
    private const string AdditionalField = "additional_metadata";
    private const string SourceField = "external_source_name";
    private const string ReferenceField = "is_reference";
    private const string TimestampField = "timestamp";

    /// <summary>The schema of a memory collection; without a vector field while the length of its embeddings is not known (0).</summary>
    public static CollectionSchema SchemaOf(string name, int vectorSize) =>
        new()
        {
            Name = name,
            KeyKind = RecordKeyKind.String,
            Fields =
            [
                new DataField(TextField, DataFieldType.String) { IsFullText = true },
                new DataField(DescriptionField, DataFieldType.String),
                new DataField(AdditionalField, DataFieldType.String),
                new DataField(SourceField, DataFieldType.String) { IsFilterable = true },
                new DataField(ReferenceField, DataFieldType.Boolean),
                new DataField(TimestampField, DataFieldType.DateTimeOffset),
            ],
            Vectors = vectorSize == 0 ? [] : [new VectorField(VectorField, vectorSize) { Metric = DistanceMetric.Cosine }],
        };

    public static Document ToDocument(MemoryRecord record)
    {
        var metadata = record.Metadata;
        var document = new Document(metadata.Id)
        {
            [TextField] = metadata.Text,
            [DescriptionField] = metadata.Description,
            [AdditionalField] = metadata.AdditionalMetadata,
            [SourceField] = metadata.ExternalSourceName,
            [ReferenceField] = metadata.IsReference,
            [TimestampField] = record.Timestamp,
        };
        if (record.Embedding.Length > 0)
            document.Vectors[VectorField] = record.Embedding;
        return document;
    }

    public static MemoryRecord ToRecord(Document document)
    {
        var metadata = new MemoryRecordMetadata(
            isReference: document.Get<bool>(ReferenceField),
            id: document.Key.ToString(),
            text: document.Get<string>(TextField) ?? string.Empty,
            description: document.Get<string>(DescriptionField) ?? string.Empty,
            externalSourceName: document.Get<string>(SourceField) ?? string.Empty,
            additionalMetadata: document.Get<string>(AdditionalField) ?? string.Empty
        );
        return new MemoryRecord(
            metadata,
            document.Vectors.TryGetValue(VectorField, out var embedding) ? embedding : ReadOnlyMemory<float>.Empty,
            metadata.Id,
            document[TimestampField] is DateTimeOffset timestamp ? timestamp : null
        );
    }
}
