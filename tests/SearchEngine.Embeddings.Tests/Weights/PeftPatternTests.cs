using System.Runtime.InteropServices;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>
/// Adapters with ranks of single projections, magnitudes and whole tensors, against weights merged by hand in double precision.
/// </summary>
public class PeftPatternTests
{
    private const int Seed = 9;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task MergedWeightsAreThoseOfTheFormula(bool dora, bool saved)
    {
        using var scratch = TextModel.Create();
        using ScratchFolder work = new();
        string adapter = Path.Combine(work.Path, "adapter"),
            byHand = Path.Combine(work.Path, "by-hand");
        Directory.CreateDirectory(adapter);
        Directory.CreateDirectory(byHand);
        foreach (var file in Directory.EnumerateFiles(scratch.Path))
            File.Copy(file, Path.Combine(byHand, Path.GetFileName(file)), overwrite: true);

        Random random = new(Seed);
        float[] Numbers(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => (float)(random.NextDouble() - 0.5))];
        List<SafetensorsTensor> update = [],
            merged = [];
        using (var weights = SafetensorsSet.Open(scratch.Path))
        {
            foreach (var entry in weights.Entries.Values)
            {
                var values = WeightReader.ReadArray(weights, entry);
                if (
                    entry.Name.EndsWith("q_proj.weight", StringComparison.Ordinal)
                    || entry.Name.EndsWith("down_proj.weight", StringComparison.Ordinal)
                )
                {
                    // rank_pattern and alpha_pattern: the second layer's q_proj has rank 2 and alpha 8, every down_proj alpha 3; the rest 4
                    // and 4.
                    bool special = entry.Name.Contains("layers.1.self_attn.q_proj", StringComparison.Ordinal),
                        down = entry.Name.Contains("down_proj", StringComparison.Ordinal);
                    int rank = special ? 2 : 4,
                        rows = (int)entry.Shape[0],
                        inputs = (int)entry.Shape[1];
                    var scale =
                        (
                            special ? 8.0
                            : down ? 3.0
                            : 4.0
                        ) / rank;
                    float[] a = Numbers(rank * inputs),
                        b = Numbers(rows * rank),
                        m = Numbers(rows);
                    var key = "base_model.model." + entry.Name[..^".weight".Length];
                    Add(update, key + ".lora_A.weight", [rank, inputs], a);
                    Add(update, key + ".lora_B.weight", [rows, rank], b);
                    if (dora)
                        Add(update, key + ".lora_magnitude_vector", [rows], m);
                    for (var row = 0; row < rows; row++)
                    {
                        double[] sum =
                        [
                            .. Enumerable
                                .Range(0, inputs)
                                .Select(i =>
                                    values[row * inputs + i]
                                    + scale * Enumerable.Range(0, rank).Sum(k => (double)b[row * rank + k] * a[k * inputs + i])
                                ),
                        ];
                        var factor = dora ? m[row] / Math.Sqrt(sum.Sum(v => v * v)) : 1;
                        for (var i = 0; i < inputs; i++)
                            values[row * inputs + i] = (float)(sum[i] * factor);
                    }
                }
                else if (saved && entry.Name is "model.embed_tokens.weight" or "model.norm.weight" && saved)
                {
                    values = Numbers(entry.ElementCount);
                    Add(update, "base_model.model." + entry.Name, entry.Shape, values);
                }
                Add(merged, entry.Name, entry.Shape, values);
            }
        }
        SafetensorsWriter.Write(Path.Combine(adapter, "adapter_model.safetensors"), update, new Dictionary<string, string>());
        SafetensorsWriter.Write(Path.Combine(byHand, "model.safetensors"), merged, new Dictionary<string, string>());
        File.WriteAllText(
            Path.Combine(adapter, "adapter_config.json"),
            $$"""
            {"peft_type": "LORA", "base_model_name_or_path": "x", "r": 4, "lora_alpha": 4, "bias": "none", "target_modules": ["q_proj", "down_proj"], "use_dora": {{(
                dora ? "true" : "false"
            )}},
             "rank_pattern": {"layers.1.self_attn.q_proj": 2}, "alpha_pattern": {"model.layers.1.self_attn.q_proj": 8, "down_proj": 3},
             "modules_to_save": {{(saved ? "[\"embed_tokens\", \"norm\"]" : "null")}} }
            """
        );

        var texts = TextModel.Texts(6);
        var wanted = await Embed(new Llm2VecOptions { ModelPath = byHand });
        var own = await Embed(new Llm2VecOptions { ModelPath = scratch.Path, Adapters = [adapter] });
        var torch = Path.Combine(work.Path, "torch");
        ModelMerger.Merge(scratch.Path, [adapter], torch);
        var other = await Embed(new Llm2VecOptions { ModelPath = torch });
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.InRange(Fixtures.LargestDifference(wanted[i], own[i]), 0, 1e-5);
            Assert.InRange(Fixtures.LargestDifference(wanted[i], other[i]), 0, 1e-5);
        }
        Assert.Contains(
            "MergeAdapters",
            Assert
                .Throws<ModelFormatException>(() =>
                    Llm2VecEmbeddingGenerator.Load(
                        new Llm2VecOptions
                        {
                            ModelPath = scratch.Path,
                            Adapters = [adapter],
                            MergeAdapters = false,
                            Device = "cpu",
                        }
                    )
                )
                .Message,
            StringComparison.Ordinal
        );

        async Task<float[][]> Embed(Llm2VecOptions options)
        {
            using var generator = Llm2VecEmbeddingGenerator.Load(options with { Device = "cpu" });
            return await generator.EmbedAsync(texts);
        }
    }

    private static void Add(List<SafetensorsTensor> tensors, string name, long[] shape, float[] values) =>
        tensors.Add(
            new SafetensorsTensor(name, SafetensorsDataType.Float32, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())))
        );
}
