using System.Text.Json;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Pooled vectors of the golden checkpoints through the whole generator.</summary>
public class ReferenceParityTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, string, bool> Cases()
    {
        TheoryData<string, string, bool> cases = [];
        foreach (var model in new[] { "llama", "llama3-rope", "mistral", "qwen2", "qwen3" })
        {
            cases.Add(model, "causal", true);
            cases.Add(model, "bidirectional", true);
            foreach (var merged in new[] { true, false })
            {
                cases.Add(model, "bidirectional+mntp", merged);
                cases.Add(model, "bidirectional+mntp+simcse", merged);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task MeansEqualTheReference(string model, string mode, bool merged)
    {
        using var expected = Fixtures.Expected(model);
        using var generator = Llm2VecEmbeddingGenerator.Load(Options(model, mode) with { MergeAdapters = merged });
        var vectors = await generator.EmbedTokensAsync(Fixtures.Inputs(expected));
        var means = expected.RootElement.GetProperty(mode).GetProperty("mean");
        for (var i = 0; i < vectors.Length; i++)
            Assert.InRange(Fixtures.LargestDifference(Fixtures.Floats(means[i]), vectors[i]), 0, Tolerance);
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float16")]
    public async Task HalfPrecisionStaysWithinCosineOfTheReference(string dataType)
    {
        foreach (var model in new[] { "llama", "llama3-rope", "mistral", "qwen2", "qwen3" })
        {
            using var expected = Fixtures.Expected(model);
            using var generator = Llm2VecEmbeddingGenerator.Load(Options(model, "bidirectional+mntp+simcse") with { DataType = dataType });
            var vectors = await generator.EmbedTokensAsync(Fixtures.Inputs(expected));
            var means = expected.RootElement.GetProperty("bidirectional+mntp+simcse").GetProperty("mean");
            for (var i = 0; i < vectors.Length; i++)
            {
                Assert.InRange(
                    System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(Fixtures.Floats(means[i]), vectors[i]),
                    0.999,
                    1.0001
                );
            }
        }
    }

    [Theory]
    [InlineData(PoolingMode.Mean)]
    [InlineData(PoolingMode.WeightedMean)]
    [InlineData(PoolingMode.Last)]
    [InlineData(PoolingMode.First)]
    [InlineData(PoolingMode.Max)]
    [InlineData(PoolingMode.MeanSqrtLength)]
    public async Task PoolingFollowsItsFormulaOverTheReferencesHiddenStates(PoolingMode pooling)
    {
        using var expected = Fixtures.Expected("llama");
        using var generator = Llm2VecEmbeddingGenerator.Load(Options("llama", "bidirectional") with { Pooling = pooling });
        var inputs = Fixtures.Inputs(expected);
        var vectors = await generator.EmbedTokensAsync(inputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            float[][] tokens =
            [
                .. expected.RootElement.GetProperty("bidirectional").GetProperty("tokens")[i].EnumerateArray().Select(Fixtures.Floats),
            ];
            var wanted = new float[tokens[0].Length];
            for (var d = 0; d < wanted.Length; d++)
            {
                double n = tokens.Length;
                wanted[d] = pooling switch
                {
                    PoolingMode.Mean => (float)(tokens.Sum(t => (double)t[d]) / n),
                    PoolingMode.WeightedMean => (float)(tokens.Select((t, p) => (p + 1) * (double)t[d]).Sum() / (n * (n + 1) / 2)),
                    PoolingMode.Last => tokens[^1][d],
                    PoolingMode.Max => tokens.Max(t => t[d]),
                    PoolingMode.MeanSqrtLength => (float)(tokens.Sum(t => (double)t[d]) / Math.Sqrt(n)),
                    _ => tokens[0][d],
                };
            }
            Assert.InRange(Fixtures.LargestDifference(wanted, vectors[i]), 0, Tolerance);
        }
    }

    internal static Llm2VecOptions Options(string model, string mode)
    {
        var folder = Fixtures.Folder(model);
        return new Llm2VecOptions
        {
            ModelPath = folder,
            Device = "cpu",
            Normalize = false,
            Attention = mode == "causal" ? AttentionMode.Causal : AttentionMode.Bidirectional,
            Adapters = [.. mode.Split('+').Skip(1).Select(name => Path.Combine(folder, "adapter-" + name))],
        };
    }
}
