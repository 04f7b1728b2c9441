using SearchEngine.Vectors;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>The JSON of a collection, in <c>collection list --json</c> and <c>collection info --json</c>.</summary>
internal sealed record CollectionReport(
    string Name,
    long Records,
    string? Model,
    RecordKeyKind KeyKind,
    string Analyzer,
    IReadOnlyList<DataField> Fields,
    IReadOnlyList<CollectionReport.Vector> Vectors,
    long DiskBytes,
    long LogBytes,
    long MemoryBytes,
    DateTimeOffset? LastCheckpoint
)
{
    public static CollectionReport Of(CollectionInfo info) =>
        new(
            info.Schema.Name,
            info.Count,
            info.Schema.EmbeddingModel,
            info.Schema.KeyKind,
            info.Schema.Analyzer,
            info.Schema.Fields,
            [.. info.Schema.Vectors.Select(v => new Vector(v.Name, v.Dimension, v.Metric, v.Index, v.Quantization))],
            info.DiskBytes,
            info.LogBytes,
            info.MemoryBytes,
            info.LastCheckpoint
        );

    internal sealed record Vector(
        string Name,
        int Dimension,
        DistanceMetric Metric,
        VectorIndexKind Index,
        VectorQuantization Quantization
    );
}
