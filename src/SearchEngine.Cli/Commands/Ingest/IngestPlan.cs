using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>What to ingest, and where to. The options come without chunking, which the model decides.</summary>
internal sealed record IngestPlan(
    IReadOnlyList<string> Paths,
    string Collection,
    bool AsJson,
    bool Prune,
    bool Watch,
    bool LateChunking,
    IngestionOptions Options,
    IReadOnlyList<DataField> Fields,
    DatabasePlan Database,
    ModelPlan Model,
    IngestionSettings Settings
);
