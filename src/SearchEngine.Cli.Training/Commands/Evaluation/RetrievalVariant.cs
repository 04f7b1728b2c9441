namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>One way of ranking to measure.</summary>
/// <param name="Name">What people see.</param>
/// <param name="Mode">The rankers.</param>
/// <param name="Fusion">How a hybrid search makes one ranking of two.</param>
internal sealed record RetrievalVariant(string Name, SearchMode Mode, FusionOptions Fusion)
{
    /// <summary>How a reranker orders the best hits anew; null for not at all.</summary>
    public RerankOptions? Rerank { get; init; }
}
