using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;
using SearchEngine.Migration;

namespace SearchEngine.Cli.Commands.Import;

/// <summary>What to import and how. The model is loaded where vectors are made anew, or where it made those that are kept.</summary>
internal sealed record ImportPlan(
    string Path,
    StoreOptions Store,
    MappingOptions Mapping,
    bool DryRun,
    bool AsJson,
    DatabasePlan Database,
    ModelPlan? Model
);
