namespace SearchEngine.Embeddings;

/// <summary>How an embedding model is loaded. What is null is taken from the model's folder.</summary>
public sealed record Llm2VecOptions
{
    /// <summary>The model's folder.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Fields of config.json that are unknown here, but that the caller knows not to change the result.</summary>
    public IReadOnlyList<string> IgnoredConfigFields { get; init; } = [];
}
