using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Tests.Model;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>Folders of small random models of every architecture, and texts for them.</summary>
internal static class SmallModels
{
    public const string Bert = """
        {"model_type": "bert", "vocab_size": 70, "hidden_size": 96, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 192,
         "max_position_embeddings": 40, "type_vocab_size": 2, "hidden_act": "gelu"}
        """;
    public const string ModernBert = """
        {"model_type": "modernbert", "vocab_size": 70, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2,
         "intermediate_size": 96, "local_attention": 8, "global_attn_every_n_layers": 2, "attention_bias": true}
        """;

    /// <summary>A folder.</summary>
    /// <param name="model">"bert", "modernbert", "qwen2", "qwen3", "gemma2"; others are LLaMA's, "odd" 40 wide.</param>
    /// <param name="seed">What the weights are drawn by; the three that are copied have weights of their own.</param>
    public static ScratchFolder Create(string model, int seed)
    {
        if (model is "qwen2" or "qwen3" or "gemma2")
            return Fixtures.Copy(model);
        if (model is not ("bert" or "modernbert"))
            return TextModel.Create(seed, hidden: model == "odd" ? 40 : 64);
        ScratchFolder scratch = new();
        var json = model == "bert" ? Bert : ModernBert;
        File.WriteAllText(Path.Combine(scratch.Path, "config.json"), json);
        var config = ModelConfigReader.Read(scratch.Path);
        EncoderFixture.Write(
            scratch.Path,
            json,
            config is BertConfig bert ? BertConfig.Tensors(bert) : ModernBertConfig.Tensors((ModernBertConfig)config),
            seed,
            spread: 0.2
        );
        return scratch;
    }

    /// <summary>Token ids of texts of five lengths.</summary>
    public static int[][] Texts(int seed)
    {
        Random random = new(seed);
        return [.. new[] { 33, 21, 9, 4, 1 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(48)).ToArray())];
    }
}
