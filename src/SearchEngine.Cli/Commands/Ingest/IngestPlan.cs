using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>What to ingest, and where to.</summary>
internal sealed record IngestPlan(
    IReadOnlyList<string> Paths,
    string Collection,
    bool Force,
    bool AsJson,
    DatabasePlan Database,
    ModelPlan Model,
    IngestionSettings Settings);
