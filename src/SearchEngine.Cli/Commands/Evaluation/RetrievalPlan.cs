using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Which retrieval set to run, and with which rankers. The model is null in keyword mode.</summary>
internal sealed record RetrievalPlan(string Folder, string Split, SearchMode Mode, bool AsJson, ModelPlan? Model, Settings Settings);
