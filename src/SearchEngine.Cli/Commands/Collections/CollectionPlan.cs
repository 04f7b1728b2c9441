using SearchEngine.Cli.Arguments;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Which collection a management command works on.</summary>
internal sealed record CollectionPlan(string Name, bool AsJson, DatabasePlan Database);
