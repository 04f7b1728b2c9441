using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Which export to read, under which name (null: its own); the model embeds records that were exported without vectors.</summary>
internal sealed record CollectionImportPlan(
    string File,
    ExchangeFormat Format,
    string? Name,
    bool AsJson,
    DatabasePlan Database,
    ModelPlan? Model
);
