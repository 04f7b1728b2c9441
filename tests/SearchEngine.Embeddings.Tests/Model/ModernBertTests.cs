using System.Numerics.Tensors;
using SearchEngine.Embeddings.Model;
using Xunit;
using static SearchEngine.Embeddings.Tests.Model.EncoderFixture;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>ModernBERT in both runtimes against plain loops in double precision.</summary>
public class ModernBertTests
{
    private const int Seed = 78;
    private const int Hidden = 40,
        Heads = 4,
        Layers = 4,
        Inner = 24,
        Vocabulary = 60,
        Window = 12;
    private const double GlobalTheta = 5000,
        LocalTheta = 90;

    [Theory]
    [InlineData("float32", false, 1e-5)]
    [InlineData("float32", true, 1e-5)]
    [InlineData("torch", false, 1e-5)]
    [InlineData("torch", true, 1e-5)]
    [InlineData("torch padded", true, 1e-5)]
    [InlineData("int8", false, 0)]
    public async Task VectorsEqualPlainLoops(string runtime, bool biases, double tolerance)
    {
        using ScratchFolder scratch = new();
        var weights = Create(scratch.Path, biases);
        Random random = new(Seed);
        int[][] texts =
        [
            .. new[] { 150, 64, 33, 33, 7, 2, 1 }.Select(length =>
                Enumerable.Range(0, length).Select(_ => random.Next(Vocabulary)).ToArray()
            ),
        ];
        double[][][] hidden = [.. texts.Select(ids => Reference(weights, ids))];
        foreach (var pooling in new[] { PoolingMode.Mean, PoolingMode.First })
        {
            using var runner = Runtime.Load(scratch.Path, runtime, pooling);
            var vectors = await runner.EmbedAsync(texts);
            for (var i = 0; i < texts.Length; i++)
            {
                var wanted = BertTests.Pool(hidden[i], pooling);
                if (runtime == "int8")
                    Assert.InRange(TensorPrimitives.CosineSimilarity(wanted, vectors[i]), 0.995, 1.0001);
                else
                    Assert.InRange(Fixtures.LargestDifference(wanted, vectors[i]), 0, tolerance);
                if (!runtime.StartsWith("torch", StringComparison.Ordinal))
                    Assert.Equal((await runner.EmbedAsync([texts[i]]))[0], vectors[i]);
            }
        }
    }

    [Theory]
    [InlineData("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}", "rope_scaling")]
    [InlineData(
        "\"layer_types\": [\"full_attention\", \"sliding_attention\", \"chunked_attention\", \"full_attention\"]",
        "chunked_attention"
    )]
    [InlineData("\"hidden_activation\": \"relu\"", "relu")]
    [InlineData("\"something_new\": 3", "something_new")]
    [InlineData("\"local_attention\": 0", "local_attention")]
    public void WhatIsNotSupportedIsRefusedByName(string field, string name)
    {
        using ScratchFolder scratch = new();
        Create(scratch.Path, biases: false, field);
        Assert.Contains(
            name,
            Assert.Throws<ModelFormatException>(() => Llm2VecEmbeddingGenerator.Load(scratch.Path)).Message,
            StringComparison.Ordinal
        );
    }

    private static Dictionary<string, double[]> Create(string folder, bool biases, string more = "\"pad_token_id\": 1")
    {
        var flag = biases ? "true" : "false";
        var window = more.Contains("local_attention", StringComparison.Ordinal) ? "" : $"\"local_attention\": {Window},";
        var config = $$"""
            {"model_type": "modernbert", "vocab_size": {{Vocabulary}}, "hidden_size": {{Hidden}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": {{Heads}},
             "intermediate_size": {{Inner}}, "max_position_embeddings": 512, "norm_eps": 1e-5, "norm_bias": {{flag}}, "attention_bias": {{flag}}, "mlp_bias": {{flag}},
             {{window}} "global_attn_every_n_layers": 3, "global_rope_theta": {{GlobalTheta}}, "local_rope_theta": {{LocalTheta}}, {{more}} }
            """;
        ModernBertConfig shape = new()
        {
            VocabularySize = Vocabulary,
            HiddenSize = Hidden,
            Layers = Layers,
            Heads = Heads,
            IntermediateSize = Inner,
            LongestSequence = 512,
            NormEpsilon = 0,
            NormBias = biases,
            AttentionBias = biases,
            MlpBias = biases,
            Activation = DecoderActivation.Gelu,
            GlobalTheta = 1,
            LocalTheta = 1,
            Reach = 1,
            GlobalLayers = "",
        };
        return Write(folder, config, [.. ModernBertConfig.Tensors(shape), ("head.dense.weight", [Hidden, Hidden])], Seed);
    }

    /// <summary>The last hidden states, from the published description.</summary>
    private static double[][] Reference(Dictionary<string, double[]> w, int[] ids)
    {
        const double Epsilon = 1e-5;
        double[][] x =
        [
            .. ids.Select(id =>
                Norm(w, "embeddings.norm", w["embeddings.tok_embeddings.weight"][(id * Hidden)..((id + 1) * Hidden)], Epsilon)
            ),
        ];
        for (var i = 0; i < Layers; i++)
        {
            var layer = $"layers.{i}.";
            var global = i % 3 == 0;
            double[][] fused =
            [
                .. x.Select(row => Linear(w, layer + "attn.Wqkv", i == 0 ? row : Norm(w, layer + "attn_norm", row, Epsilon))),
            ];
            double[][] Part(int part) =>
                [
                    .. fused.Select(
                        (row, t) =>
                            Rotated(row[(part * Hidden)..((part + 1) * Hidden)], part == 2 ? 0 : t, global ? GlobalTheta : LocalTheta)
                    ),
                ];
            var attended = Attention(Part(0), Part(1), Part(2), Heads, (q, k) => global || Math.Abs(q - k) <= Window / 2);
            x = [.. x.Select((row, t) => Add(row, Linear(w, layer + "attn.Wo", attended[t])))];
            x =
            [
                .. x.Select(row =>
                {
                    var both = Linear(w, layer + "mlp.Wi", Norm(w, layer + "mlp_norm", row, Epsilon));
                    return Add(row, Linear(w, layer + "mlp.Wo", [.. both.Take(Inner).Select((v, j) => Gelu(v) * both[Inner + j])]));
                }),
            ];
        }
        return [.. x.Select(row => Norm(w, "final_norm", row, Epsilon))];
    }

    private static double[] Rotated(double[] row, int position, double theta)
    {
        var size = Hidden / Heads;
        double[] result = [.. row];
        for (var head = 0; head < Heads; head++)
        {
            for (var j = 0; j < size / 2; j++)
            {
                var angle = position * Math.Pow(theta, -2.0 * j / size);
                double a = row[head * size + j],
                    b = row[head * size + j + size / 2];
                result[head * size + j] = a * Math.Cos(angle) - b * Math.Sin(angle);
                result[head * size + j + size / 2] = b * Math.Cos(angle) + a * Math.Sin(angle);
            }
        }
        return result;
    }
}
