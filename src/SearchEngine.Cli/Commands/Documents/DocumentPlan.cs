using SearchEngine.Cli.Arguments;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>Which files of which collection.</summary>
internal sealed record DocumentPlan(IReadOnlyList<string> Names, string Collection, bool IsDryRun, bool AsJson, DatabasePlan Database);
