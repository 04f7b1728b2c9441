using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>On which sets the weights of a hybrid search are tried.</summary>
/// <param name="Folders">The sets; at least one.</param>
/// <param name="Split">Their judgements.</param>
/// <param name="Writes">Whether the best weight is written into the model's folder.</param>
/// <param name="AsJson">JSON or a table.</param>
/// <param name="Model">The model.</param>
/// <param name="Settings">The settings.</param>
internal sealed record FusionPlan(
    IReadOnlyList<string> Folders,
    string Split,
    bool Writes,
    bool AsJson,
    ModelPlan Model,
    Settings Settings
);
