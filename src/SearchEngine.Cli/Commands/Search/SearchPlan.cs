using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>What to search for, where and how. The model is null where none is needed: in keyword mode.</summary>
internal sealed record SearchPlan(
    string Query,
    string Collection,
    int Top,
    SearchMode Mode,
    bool Explain,
    bool AsJson,
    DatabasePlan Database,
    ModelPlan? Model,
    SearchSettings Settings);
