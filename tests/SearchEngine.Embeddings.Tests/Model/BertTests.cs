using System.Numerics.Tensors;
using SearchEngine.Embeddings.Model;
using Xunit;
using static SearchEngine.Embeddings.Tests.Model.EncoderFixture;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>BERT and its kin in both runtimes against plain loops in double precision.</summary>
public class BertTests
{
    private const int Seed = 77;
    internal const int Hidden = 40,
        Vocabulary = 60;

    private const int Heads = 4,
        Layers = 3,
        Inner = 56,
        Positions = 90;

    [Theory]
    [InlineData("bert", "", "gelu", "float32", 1e-5)]
    [InlineData("bert", "bert.", "gelu", "torch", 1e-5)]
    [InlineData("bert", "", "gelu", "torch padded", 1e-5)]
    [InlineData("bert", "", "gelu_new", "float32", 1e-5)]
    [InlineData("bert", "", "gelu_new", "torch", 1e-5)]
    [InlineData("xlm-roberta", "roberta.", "gelu", "float32", 1e-5)]
    [InlineData("xlm-roberta", "", "gelu", "torch", 1e-5)]
    [InlineData("roberta", "", "gelu", "float32", 1e-5)]
    [InlineData("bert", "", "gelu", "bfloat16", 0.15)]
    public async Task VectorsEqualPlainLoops(string type, string prefix, string activation, string runtime, double tolerance)
    {
        using ScratchFolder scratch = new();
        var weights = Create(scratch.Path, type, prefix, activation);
        var texts = Texts();
        double[][][] hidden = [.. texts.Select(ids => Reference(weights, prefix, type, activation, ids))];
        foreach (var pooling in Enum.GetValues<PoolingMode>())
        {
            using var runner = Runtime.Load(scratch.Path, runtime, pooling);
            var vectors = await runner.EmbedAsync(texts);
            for (var i = 0; i < texts.Length; i++)
            {
                var wanted = Pool(hidden[i], pooling);
                Assert.InRange(
                    Fixtures.LargestDifference(wanted, vectors[i]),
                    0,
                    tolerance * (pooling == PoolingMode.MeanSqrtLength ? Math.Sqrt(texts[i].Length) : 1)
                );
                var alone = (await runner.EmbedAsync([texts[i]]))[0];
                if (runtime == "float32")
                {
                    Assert.Equal(alone, vectors[i]); // the very same bits
                }
                else
                {
                    Assert.InRange(
                        Fixtures.LargestDifference(alone, vectors[i]),
                        0,
                        tolerance * (pooling == PoolingMode.MeanSqrtLength ? Math.Sqrt(texts[i].Length) : 1)
                    );
                }
            }
        }
    }

    [Fact]
    public async Task EightBitStaysWithinCosineOfPlainLoops()
    {
        using ScratchFolder scratch = new();
        var weights = Create(scratch.Path, "bert", "", "gelu");
        using var runner = Runtime.Load(scratch.Path, "int8", PoolingMode.Mean);
        var texts = Texts();
        var vectors = await runner.EmbedAsync(texts);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.InRange(
                TensorPrimitives.CosineSimilarity(Pool(Reference(weights, "", "bert", "gelu", texts[i]), PoolingMode.Mean), vectors[i]),
                0.995,
                1.0001
            );
        }
    }

    [Theory]
    [InlineData("\"position_embedding_type\": \"relative_key\"", "position_embedding_type")]
    [InlineData("\"is_decoder\": true", "is_decoder")]
    [InlineData("\"hidden_act\": \"relu\"", "hidden_act")]
    [InlineData("\"something_new\": 3", "something_new")]
    [InlineData("\"embedding_size\": 12", "embedding_size")]
    public void WhatIsNotSupportedIsRefusedByName(string field, string name)
    {
        using ScratchFolder scratch = new();
        Create(scratch.Path, "bert", "", "gelu", field);
        var fault = Assert.Throws<ModelFormatException>(() => Llm2VecEmbeddingGenerator.Load(scratch.Path));
        Assert.Contains(
            $"'{name}'".Replace("'hidden_act'", "hidden_act", StringComparison.Ordinal),
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void LengthsBeyondThePositionsAreCutOrRefused()
    {
        using ScratchFolder scratch = new();
        Create(scratch.Path, "xlm-roberta", "", "gelu");
        using (var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" }))
        {
            Assert.Equal(Positions - 2, generator.MaxLength);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Llm2VecEmbeddingGenerator.Load(
                new Llm2VecOptions
                {
                    ModelPath = scratch.Path,
                    Device = "cpu",
                    MaxLength = Positions - 1,
                }
            )
        );
    }

    [Fact]
    public void CausalAttentionAndAdaptersAreRefused()
    {
        using ScratchFolder scratch = new();
        Create(scratch.Path, "bert", "", "gelu");
        Assert.Contains(
            "encoder",
            Assert
                .Throws<ArgumentException>(() =>
                    Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Attention = AttentionMode.Causal })
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "decoders only",
            Assert
                .Throws<ModelFormatException>(() =>
                    Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Adapters = [scratch.Path] })
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    internal static Dictionary<string, double[]> Create(
        string folder,
        string type,
        string prefix,
        string activation,
        string more = "\"pad_token_id\": 1",
        IEnumerable<(string Name, long[] Shape)>? head = null
    )
    {
        var config = $$"""
            {"model_type": "{{type}}", "vocab_size": {{Vocabulary}}, "hidden_size": {{Hidden}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": {{Heads}},
             "intermediate_size": {{Inner}}, "max_position_embeddings": {{Positions}}, "type_vocab_size": 2, "layer_norm_eps": 1e-5,
             {{(more.Contains("hidden_act", StringComparison.Ordinal) ? "" : $"\"hidden_act\": \"{activation}\",")}} {{more}} }
            """;
        BertConfig shape = new()
        {
            ModelType = type,
            VocabularySize = Vocabulary,
            HiddenSize = Hidden,
            Layers = Layers,
            Heads = Heads,
            IntermediateSize = Inner,
            Positions = Positions,
            FirstPosition = 0,
            Types = 2,
            Activation = DecoderActivation.Gelu,
            NormEpsilon = 0,
        };
        return Write(
            folder,
            config,
            [
                .. BertConfig.Tensors(shape).Select(tensor => (prefix + tensor.Name, tensor.Shape)),
                .. head ?? [(prefix + "pooler.dense.weight", [Hidden, Hidden])],
            ],
            Seed
        );
    }

    /// <summary>The last hidden states, from the published description.</summary>
    internal static double[][] Reference(
        Dictionary<string, double[]> w,
        string prefix,
        string type,
        string activation,
        int[] ids,
        int firstTexts = int.MaxValue
    )
    {
        const double Epsilon = 1e-5;
        var first = type == "bert" ? 0 : 2;
        double[] Row(string name, int row) => w[$"{prefix}embeddings.{name}.weight"][(row * Hidden)..((row + 1) * Hidden)];
        double[][] x =
        [
            .. ids.Select(
                (id, t) =>
                    Norm(
                        w,
                        prefix + "embeddings.LayerNorm",
                        Add(
                            Add(Row("word_embeddings", id), Row("position_embeddings", first + t)),
                            Row("token_type_embeddings", t >= firstTexts ? 1 : 0)
                        ),
                        Epsilon
                    )
            ),
        ];
        double Activate(double v) =>
            activation == "gelu" ? Gelu(v) : 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        for (var i = 0; i < Layers; i++)
        {
            var layer = $"{prefix}encoder.layer.{i}.";
            double[][] Map(string name) => [.. x.Select(row => Linear(w, layer + name, row))];
            var attended = Attention(
                Map("attention.self.query"),
                Map("attention.self.key"),
                Map("attention.self.value"),
                Heads,
                (_, _) => true
            );
            x =
            [
                .. x.Select(
                    (row, t) =>
                        Norm(
                            w,
                            layer + "attention.output.LayerNorm",
                            Add(row, Linear(w, layer + "attention.output.dense", attended[t])),
                            Epsilon
                        )
                ),
            ];
            x =
            [
                .. x.Select(row =>
                    Norm(
                        w,
                        layer + "output.LayerNorm",
                        Add(row, Linear(w, layer + "output.dense", [.. Linear(w, layer + "intermediate.dense", row).Select(Activate)])),
                        Epsilon
                    )
                ),
            ];
        }
        return x;
    }

    internal static float[] Pool(double[][] x, PoolingMode pooling)
    {
        double n = x.Length;
        return
        [
            .. Enumerable
                .Range(0, x[0].Length)
                .Select(d =>
                    (float)(
                        pooling switch
                        {
                            PoolingMode.Mean => x.Sum(row => row[d]) / n,
                            PoolingMode.WeightedMean => x.Select((row, t) => (t + 1) * row[d]).Sum() / (n * (n + 1) / 2),
                            PoolingMode.Last => x[^1][d],
                            PoolingMode.Max => x.Max(row => row[d]),
                            PoolingMode.MeanSqrtLength => x.Sum(row => row[d]) / Math.Sqrt(n),
                            _ => x[0][d],
                        }
                    )
                ),
        ];
    }

    private static int[][] Texts()
    {
        Random random = new(Seed);
        return
        [
            .. new[] { 70, 33, 33, 17, 16, 5, 2, 1 }.Select(length =>
                Enumerable.Range(0, length).Select(_ => random.Next(Vocabulary)).ToArray()
            ),
        ];
    }
}
