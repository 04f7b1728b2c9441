namespace SearchEngine.Embeddings.Reranking;

/// <summary>How a kind of model takes a query and a passage, and what its state says of them. Immutable; thread-safe.</summary>
internal abstract class PairReader
{
    /// <summary>How the model attends.</summary>
    public abstract AttentionMode Attention { get; }

    /// <summary>The token whose state is judged.</summary>
    public abstract PoolingMode Pooling { get; }

    /// <summary>The pair as the model takes it.</summary>
    public abstract EncoderInput Encode(string query, string passage);

    /// <summary>The log-odds of "answers the query" by a state.</summary>
    /// <param name="state">(hidden)</param>
    public abstract double Judge(float[] state);
}
