using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>
/// Writes the config.json of a Hugging Face checkpoint, so that other tools and <see cref="DecoderConfigReader"/> read it back.
/// </summary>
internal static class DecoderConfigWriter
{
    /// <summary>Writes <c>config.json</c> into a folder, atomically.</summary>
    public static void Write(DecoderConfig config, string folder, SafetensorsDataType dataType) =>
        JsonFile.Replace(Path.Combine(folder, "config.json"), ToJson(config, dataType));

    /// <summary>The file's UTF-8 text.</summary>
    public static byte[] ToJson(DecoderConfig config, SafetensorsDataType dataType)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue(Architecture(config.ModelType));
            json.WriteEndArray();
            json.WriteString("model_type", config.ModelType);
            json.WriteNumber("vocab_size", config.VocabularySize);
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("num_hidden_layers", config.Layers);
            json.WriteNumber("num_attention_heads", config.Heads);
            json.WriteNumber("num_key_value_heads", config.KeyValueHeads);
            json.WriteNumber("head_dim", config.HeadSize);
            json.WriteNumber("max_position_embeddings", config.MaxPositions);
            json.WriteNumber("rms_norm_eps", config.NormEpsilon);
            json.WriteString(
                config.OffsetNorm ? "hidden_activation" : "hidden_act",
                config.Activation switch
                {
                    DecoderActivation.Silu => "silu",
                    DecoderActivation.GeluTanh => "gelu_pytorch_tanh",
                    _ => "gelu",
                }
            );
            json.WriteNumber("initializer_range", config.InitializerRange);
            json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
            if (config.ModelType != "qwen2")
                json.WriteBoolean("attention_bias", config.AttentionBias);
            if (config.MlpBias)
                json.WriteBoolean("mlp_bias", true);
            WriteRope(json, config);
            WriteWindows(json, config);
            WriteGemma(json, config);
            if (config.Bidirectional is bool bidirectional && !config.TwoSidedWindow)
                json.WriteBoolean("is_causal", !bidirectional);
            WriteToken(json, "bos_token_id", config.BosTokenId);
            WriteToken(json, "eos_token_id", config.EosTokenId);
            WriteToken(json, "pad_token_id", config.PadTokenId);
            json.WriteString(
                "torch_dtype",
                dataType switch
                {
                    SafetensorsDataType.BFloat16 => "bfloat16",
                    SafetensorsDataType.Float16 => "float16",
                    _ => "float32",
                }
            );
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteRope(Utf8JsonWriter json, DecoderConfig config)
    {
        json.WriteNumber("rope_theta", config.RopeTheta);
        if (config.LocalRopeTheta is double local)
            json.WriteNumber("rope_local_base_freq", local);
        if (config.RopeScaling is not RopeScaling scaling)
            return;
        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", scaling.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("factor", scaling.Factor);
        if (scaling.Kind == RopeScalingKind.Llama3)
        {
            json.WriteNumber("low_freq_factor", scaling.LowFrequencyFactor);
            json.WriteNumber("high_freq_factor", scaling.HighFrequencyFactor);
            json.WriteNumber("original_max_position_embeddings", scaling.OriginalMaxPositions);
        }
        if (scaling.Kind is RopeScalingKind.Yarn or RopeScalingKind.LongRope)
        {
            json.WriteNumber("original_max_position_embeddings", scaling.OriginalMaxPositions);
            json.WriteNumber("attention_factor", scaling.AttentionFactor);
        }
        if (scaling.Kind == RopeScalingKind.Yarn)
        {
            json.WriteNumber("beta_fast", scaling.FastRotations);
            json.WriteNumber("beta_slow", scaling.SlowRotations);
            json.WriteBoolean("truncate", scaling.WholeEnds);
        }
        if (scaling.Kind == RopeScalingKind.LongRope)
        {
            json.WriteStartArray("short_factor");
            foreach (var divisor in scaling.Divisors)
                json.WriteNumberValue(divisor);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteWindows(Utf8JsonWriter json, DecoderConfig config)
    {
        if (config.SlidingWindow is not int window)
            return;
        json.WriteNumber("sliding_window", window);
        if (config.ModelType is "qwen2" or "qwen3")
            json.WriteBoolean("use_sliding_window", true);
        if (config.SlidingLayers is null)
            return;
        json.WriteStartArray("layer_types");
        foreach (var sliding in config.SlidingLayers)
            json.WriteStringValue(sliding ? "sliding_attention" : "full_attention");
        json.WriteEndArray();
    }

    private static void WriteGemma(Utf8JsonWriter json, DecoderConfig config)
    {
        if (!config.PostNorms)
            return;
        json.WriteNumber("query_pre_attn_scalar", config.QueryPreAttentionScalar ?? config.HeadSize);
        WriteCap("attn_logit_softcapping", config.AttentionSoftcap);
        WriteCap("final_logit_softcapping", config.LogitSoftcap);
        if (config.TwoSidedWindow)
            json.WriteBoolean("use_bidirectional_attention", true);

        void WriteCap(string name, double? cap)
        {
            if (cap is double value)
                json.WriteNumber(name, value);
            else
                json.WriteNull(name);
        }
    }

    private static void WriteToken(Utf8JsonWriter json, string name, int? id)
    {
        if (id is int value)
            json.WriteNumber(name, value);
    }

    private static string Architecture(string modelType) =>
        modelType switch
        {
            "llama" => "LlamaForCausalLM",
            "mistral" => "MistralForCausalLM",
            "qwen2" => "Qwen2ForCausalLM",
            "qwen3" => "Qwen3ForCausalLM",
            "gemma" => "GemmaForCausalLM",
            "gemma2" => "Gemma2ForCausalLM",
            "gemma3_text" => "Gemma3ForCausalLM",
            _ => throw new ArgumentException($"Unknown model_type '{modelType}'.", nameof(modelType)),
        };
}
