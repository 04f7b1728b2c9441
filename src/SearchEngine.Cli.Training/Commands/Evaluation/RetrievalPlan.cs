using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Which retrieval set to run, and with which rankers.</summary>
/// <param name="Folder">The set.</param>
/// <param name="Split">Its judgements.</param>
/// <param name="Mode">The rankers.</param>
/// <param name="AsJson">JSON or text.</param>
/// <param name="RunFile">Where the rankings are written, in TREC's format; null for nowhere.</param>
/// <param name="Model">Null in keyword mode.</param>
/// <param name="Settings">The settings.</param>
internal sealed record RetrievalPlan(
    string Folder,
    string Split,
    SearchMode Mode,
    bool AsJson,
    string? RunFile,
    ModelPlan? Model,
    Settings Settings
);
