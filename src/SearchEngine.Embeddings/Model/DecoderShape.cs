namespace SearchEngine.Embeddings;

/// <summary>Projections of a layer that one fused weight holds.</summary>
/// <param name="Prefix">"self_attn." or "mlp.".</param>
/// <param name="Inputs">Elements of an input row.</param>
/// <param name="Parts">The checkpoint's names and output elements, in order.</param>
/// <param name="HasBias">Whether each part has a bias.</param>
internal sealed record FusedShape(string Prefix, int Inputs, IReadOnlyList<(string Name, int Rows)> Parts, bool HasBias)
{
    /// <summary>Elements of an output row.</summary>
    public int Outputs => Parts.Sum(part => part.Rows);
}

/// <summary>Names and shapes of a decoder's tensors, which follow from its configuration alone.</summary>
internal static class DecoderShape
{
    /// <summary>A layer's fused projections: query, key and value; attention output; gate and up; down.</summary>
    public static IReadOnlyList<FusedShape> Projections(DecoderConfig config)
    {
        int queries = config.Heads * config.HeadSize,
            keys = config.KeyValueHeads * config.HeadSize;
        return
        [
            new("self_attn.", config.HiddenSize, [("q_proj", queries), ("k_proj", keys), ("v_proj", keys)], config.AttentionBias),
            new("self_attn.", queries, [("o_proj", config.HiddenSize)], config.AttentionOutputBias),
            new("mlp.", config.HiddenSize, [("gate_proj", config.IntermediateSize), ("up_proj", config.IntermediateSize)], config.MlpBias),
            new("mlp.", config.IntermediateSize, [("down_proj", config.HiddenSize)], config.MlpBias),
        ];
    }

    /// <summary>A layer's norms and their sizes.</summary>
    public static IEnumerable<(string Name, int Size)> Norms(DecoderConfig config)
    {
        yield return ("input_layernorm", config.HiddenSize);
        yield return ("post_attention_layernorm", config.HiddenSize);
        if (config.PostNorms)
        {
            yield return ("pre_feedforward_layernorm", config.HiddenSize);
            yield return ("post_feedforward_layernorm", config.HiddenSize);
        }
        if (config.QueryKeyNorm)
        {
            yield return ("self_attn.q_norm", config.HeadSize);
            yield return ("self_attn.k_norm", config.HeadSize);
        }
    }

    /// <summary>Every tensor of the checkpoint in Hugging Face's names.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Tensors(DecoderConfig config, bool withHead)
    {
        yield return ("model.embed_tokens.weight", [config.VocabularySize, config.HiddenSize]);
        for (var i = 0; i < config.Layers; i++)
        {
            foreach ((var name, var size) in Norms(config))
                yield return ($"model.layers.{i}.{name}.weight", [size]);
            foreach (var fused in Projections(config))
            {
                foreach ((var part, var rows) in fused.Parts)
                {
                    yield return ($"{Place(i, fused.Prefix, part, "model.")}.weight", [rows, fused.Inputs]);
                    if (fused.HasBias)
                        yield return ($"{Place(i, fused.Prefix, part, "model.")}.bias", [rows]);
                }
            }
        }
        yield return ("model.norm.weight", [config.HiddenSize]);
        if (withHead && !config.TieWordEmbeddings)
            yield return ("lm_head.weight", [config.VocabularySize, config.HiddenSize]);
    }

    /// <summary>A projection's name without ".weight", for example layers.0.self_attn.q_proj.</summary>
    public static string Place(int layer, string prefix, string part, string root = "") => $"{root}layers.{layer}.{prefix}{part}";
}
