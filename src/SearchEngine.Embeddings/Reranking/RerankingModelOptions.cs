namespace SearchEngine.Embeddings.Reranking;

/// <summary>Which reranking model, and how it runs.</summary>
public sealed record RerankingModelOptions
{
    /// <summary>The folder of a sequence classifier (BERT, RoBERTa, XLM-RoBERTa) or of a decoder that answers yes or no.</summary>
    public required string ModelPath { get; init; }

    /// <summary>As <see cref="Llm2VecOptions.Device"/>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>As <see cref="Llm2VecOptions.DataType"/>.</summary>
    public string DataType { get; init; } = "auto";

    /// <summary>The most tokens of a pair; null for the model's own limit. Longer pairs lose the end of the longer text.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What a decoder is told to look for.</summary>
    public string Instruction { get; init; } = "Given a web search query, retrieve relevant passages that answer the query";

    /// <summary>As <see cref="Llm2VecOptions.WeightCache"/>.</summary>
    public WeightCacheOptions WeightCache { get; init; } = new();
}
