namespace SearchEngine.Embeddings;

/// <summary>How the last hidden states of a text's tokens become one vector.</summary>
public enum PoolingMode
{
    /// <summary>Their mean; best after MNTP training.</summary>
    Mean,

    /// <summary>Their mean with weights 1, 2, … by position; best for a causal model without training.</summary>
    WeightedMean,

    /// <summary>The last token's, template included (EOS, if the tokenizer adds one).</summary>
    Last,

    /// <summary>The first token's, template included (BOS, if the tokenizer adds one).</summary>
    First,

    /// <summary>Each element's largest value.</summary>
    Max,

    /// <summary>Their sum over the root of their number.</summary>
    MeanSqrtLength,
}

/// <summary>Names of <see cref="PoolingMode"/> in configuration files and on the command line.</summary>
internal static class PoolingModes
{
    /// <summary>
    /// The mode of a name as the LLM2Vec reference, sentence-transformers or this project writes it; null if there is none.
    /// </summary>
    public static PoolingMode? Parse(string name) =>
        name switch
        {
            "mean" or "mean_tokens" => PoolingMode.Mean,
            "weighted_mean" or "weightedmean" or "weightedmean_tokens" => PoolingMode.WeightedMean,
            "last" or "last_token" or "lasttoken" or "eos_token" or "eos" => PoolingMode.Last,
            "first" or "first_token" or "bos_token" or "bos" or "cls" or "cls_token" => PoolingMode.First,
            "max" or "max_tokens" => PoolingMode.Max,
            "mean_sqrt_len" or "mean_sqrt_len_tokens" => PoolingMode.MeanSqrtLength,
            _ => null,
        };

    /// <summary>The name that this project writes.</summary>
    public static string Name(this PoolingMode mode) =>
        mode switch
        {
            PoolingMode.Mean => "mean",
            PoolingMode.WeightedMean => "weighted_mean",
            PoolingMode.Last => "last_token",
            PoolingMode.First => "bos_token",
            PoolingMode.Max => "max",
            PoolingMode.MeanSqrtLength => "mean_sqrt_len",
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a pooling mode."),
        };
}
