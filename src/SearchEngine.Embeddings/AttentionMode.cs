namespace SearchEngine.Embeddings;

/// <summary>Which tokens a token sees.</summary>
public enum AttentionMode
{
    /// <summary>The whole text: LLM2Vec.</summary>
    Bidirectional,

    /// <summary>Itself and what is before it: decoders as they were pre-trained, and Qwen3-Embedding.</summary>
    Causal,
}
