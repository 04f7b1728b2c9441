using System.Text.Json.Nodes;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>Rotary scalings beyond linear and llama3: their published formulas, and where they end.</summary>
public class RopeScalingTests
{
    private const double Theta = 10_000;
    private const int HeadDim = 64,
        Original = 2048;

    [Fact]
    public void YarnKeepsWhatTurnsFastAndDividesWhatTurnsSlowly()
    {
        var scaling = Read($$"""{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": {{Original}}}""");
        double[] plain = RopeScaling.InverseFrequencies(Theta, HeadDim, null),
            scaled = RopeScaling.InverseFrequencies(Theta, HeadDim, scaling);
        Assert.Equal(0.1 * Math.Log(4) + 1, scaling.AttentionFactor, 1e-12);

        // Peng et al., section 3.2: the pair that turns r times over the original context, for r = 32 and r = 1.
        double Pair(double rotations) => HeadDim * Math.Log(Original / (2 * Math.PI * rotations)) / (2 * Math.Log(Theta));
        double low = Math.Floor(Pair(32)),
            high = Math.Ceiling(Pair(1));
        Assert.InRange(low, 1, high - 2);
        for (var j = 0; j < plain.Length; j++)
        {
            var share =
                j <= low ? 0
                : j >= high ? 1
                : (j - low) / (high - low);
            Assert.Equal(plain[j] * (1 - share) + plain[j] / 4 * share, scaled[j], 1e-15);
        }
    }

    [Theory]
    [InlineData("""{"type": "yarn", "factor": 8, "attention_factor": 1.5}""", 1.5)]
    [InlineData("""{"type": "yarn", "factor": 8, "mscale": 0.7, "mscale_all_dim": 0.7}""", 1)]
    [InlineData("""{"type": "yarn", "factor": 8, "mscale": 1, "mscale_all_dim": 0.5}""", 1.2079441541679836 / 1.1039720770839918)]
    public void YarnsAttentionFactorIsWhatTheFileSays(string json, double expected) =>
        Assert.Equal(expected, Read(json).AttentionFactor, 1e-12);

    [Fact]
    public void DynamicScalingChangesNothingUpToItsEnd()
    {
        var scaling = Read("""{"type": "dynamic", "factor": 2}""");
        Assert.Equal(RopeScaling.InverseFrequencies(Theta, HeadDim, null), RopeScaling.InverseFrequencies(Theta, HeadDim, scaling));
        Assert.True(scaling.EndsAtOriginal);
    }

    [Fact]
    public void LongRopeDividesEachFrequency()
    {
        var divisors = string.Join(',', Enumerable.Range(1, HeadDim / 2));
        var scaling = Read(
            $$"""{"type": "longrope", "short_factor": [{{divisors}}], "long_factor": [{{divisors}}], "original_max_position_embeddings": 512}"""
        );
        double[] plain = RopeScaling.InverseFrequencies(Theta, HeadDim, null),
            scaled = RopeScaling.InverseFrequencies(Theta, HeadDim, scaling);
        for (var j = 0; j < plain.Length; j++)
            Assert.Equal(plain[j] / (j + 1), scaled[j], 1e-15);
        Assert.Equal(Math.Sqrt(1 + Math.Log(Original / 512.0) / Math.Log(512)), scaling.AttentionFactor, 1e-12);
        Assert.Equal(512, scaling.OriginalMaxPositions);
    }

    [Theory]
    [InlineData("""{"type": "yarn"}""", "factor")]
    [InlineData("""{"type": "yarn", "factor": 4, "surprise": 1}""", "surprise")]
    [InlineData("""{"type": "longrope", "short_factor": [1, 2]}""", "short_factor")]
    [InlineData("""{"type": "mystery"}""", "mystery")]
    public void WhatCannotBeFollowedIsRefusedByName(string json, string named) =>
        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"type": "yarn", "factor": 4, "original_max_position_embeddings": 16}""")]
    [InlineData("""{"type": "dynamic", "factor": 4}""")]
    [InlineData("""{"type": "longrope", "factor": 4, "short_factor": [1, 1.5, 2, 3], "original_max_position_embeddings": 40}""")]
    public async Task ModelsWithScalingEmbedAndAreWrittenAgain(string json)
    {
        using var scratch = TextModel.Create();
        var path = Path.Combine(scratch.Path, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config["rope_scaling"] = JsonNode.Parse(json);
        config["max_position_embeddings"] = 60;
        File.WriteAllText(path, config.ToJsonString());
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" });
        Assert.Equal(
            json.Contains("yarn", StringComparison.Ordinal) ? 512
                : json.Contains("dynamic", StringComparison.Ordinal) ? 60
                : 40,
            generator.MaxLength
        );
        using ScratchFolder target = new();
        var merged = Path.Combine(target.Path, "merged");
        ModelMerger.Merge(scratch.Path, [], merged);
        using var again = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = merged,
                Device = "cpu",
                MaxLength = generator.MaxLength,
            }
        );
        var texts = TextModel.Texts(5);
        Assert.Equal(await generator.EmbedAsync(texts), await again.EmbedAsync(texts));
    }

    private static RopeScaling Read(string json) =>
        DecoderConfigReader
            .Parse(
                "config.json",
                System.Text.Encoding.UTF8.GetBytes(
                    $$"""
                    {"model_type": "llama", "vocab_size": 10, "hidden_size": 256, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 4,
                     "max_position_embeddings": {{Original}}, "rope_theta": {{Theta}}, "rope_scaling": {{json}} }
                    """
                )
            )
            .RopeScaling!;
}
