using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Which sets to try a reranker on.</summary>
internal sealed record EvaluationRerankPlan(
    IReadOnlyList<string> Folders,
    string Split,
    bool AsJson,
    int? Candidates,
    ModelPlan Model,
    RerankPlan Rerank,
    Settings Settings
);
