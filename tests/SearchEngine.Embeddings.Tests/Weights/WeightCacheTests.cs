using System.IO.Hashing;
using System.Text.Json.Nodes;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.EightBit;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Weights;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>Models that are loaded with a cache of packed weights, held against the same models without one.</summary>
public sealed class WeightCacheTests : WeightCacheTest
{
    [Theory]
    [InlineData("llama", "float32")]
    [InlineData("llama", "int8")]
    [InlineData("odd", "float32")]
    [InlineData("odd", "int8")]
    [InlineData("qwen2", "float32")]
    [InlineData("qwen3", "int8")]
    [InlineData("gemma2", "float32")]
    [InlineData("gemma2", "int8")]
    [InlineData("bert", "float32")]
    [InlineData("bert", "int8")]
    [InlineData("modernbert", "float32")]
    [InlineData("modernbert", "int8")]
    public async Task Vectors_have_the_same_bits_without_a_cache_when_it_is_made_and_from_it(string model, string dataType)
    {
        using var folder = SmallModels.Create(model, Seed);
        var expected = await Vectors(folder.Path, dataType, WeightCacheOptions.Off);
        Assert.Empty(WeightCache.List(Cache));

        Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache));
        var kept = Assert.Single(WeightCache.List(Cache));
        Assert.Equal((Path.GetFileName(folder.Path), new FileInfo(kept.Path).Length), (kept.Model, kept.Bytes));
        Assert.StartsWith(dataType, kept.Form, StringComparison.Ordinal);

        Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache));
        Assert.Equal(kept.Path, Assert.Single(WeightCache.List(Cache)).Path);
        Assert.True(IsMapped(folder.Path, dataType == "int8"));
    }

    [Theory]
    [InlineData("llama", "F16", "float32")]
    [InlineData("llama", "BF16", "float32")]
    [InlineData("llama", "BF16", "int8")]
    [InlineData("bert", "F16", "float32")]
    [InlineData("bert", "F16", "int8")]
    public async Task Half_precision_files_are_kept_as_what_they_become(string model, string type, string dataType)
    {
        using var folder = SmallModels.Create(model, Seed);
        Rewrite(folder.Path, type == "F16" ? SafetensorsDataType.Float16 : SafetensorsDataType.BFloat16);
        var expected = await Vectors(folder.Path, dataType, WeightCacheOptions.Off);

        Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache));
        Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache));
        Assert.True(IsMapped(folder.Path, dataType == "int8"));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("bert")]
    public async Task Eight_bits_of_a_file_are_used_where_they_lie_and_four_bits_are_kept_as_eight(string model)
    {
        using var source = SmallModels.Create(model, Seed);
        using ScratchFolder target = new();
        var (eight, four) = (Path.Combine(target.Path, "eight"), Path.Combine(target.Path, "four"));
        ModelQuantizer.Quantize(source.Path, eight);
        ModelQuantizer.Quantize(source.Path, four, bits: 4);

        Assert.Equal(await Vectors(eight, "int8", WeightCacheOptions.Off), await Vectors(eight, "int8", Cache));
        Assert.Empty(WeightCache.List(Cache));

        var expected = await Vectors(four, "int8", WeightCacheOptions.Off);
        Assert.Equal(expected, await Vectors(four, "int8", Cache));
        Assert.Equal(expected, await Vectors(four, "int8", Cache));
        Assert.True(IsMapped(four, int8: true));

        // In float32 both are read as what their bits stand for, and kept like any other.
        expected = await Vectors(eight, "float32", WeightCacheOptions.Off);
        Assert.Equal(expected, await Vectors(eight, "float32", Cache));
        Assert.Equal(expected, await Vectors(eight, "float32", Cache));
        Assert.Equal(2, WeightCache.List(Cache).Count);
    }

    /// <summary>The same name, length and time, one number of one weight.</summary>
    [Theory]
    [InlineData("llama", "float32")]
    [InlineData("llama", "int8")]
    [InlineData("bert", "float32")]
    public async Task A_model_that_was_changed_is_never_served_from_what_was_kept_of_it(string model, string dataType)
    {
        using var folder = SmallModels.Create(model, Seed);
        var before = await Vectors(folder.Path, dataType, Cache);
        var path = Path.Combine(folder.Path, Weights);
        var time = File.GetLastWriteTimeUtc(path);
        Change(path, model == "bert" ? "encoder.layer.0.output.dense.weight" : "model.layers.0.mlp.down_proj.weight", at: 40);
        File.SetLastWriteTimeUtc(path, time);
        var expected = await Vectors(folder.Path, dataType, WeightCacheOptions.Off);

        Assert.NotEqual(before, expected);
        Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache));
        Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache));
        Assert.Equal(2, WeightCache.List(Cache).Count);
    }

    /// <summary>The factor of the attention's scores is in the weights.</summary>
    [Fact]
    public async Task Another_shape_over_the_same_weights_is_another_model()
    {
        using var folder = SmallModels.Create("bert", Seed);
        await Vectors(folder.Path, "float32", Cache);
        File.WriteAllText(
            Path.Combine(folder.Path, "config.json"),
            SmallModels.Bert.Replace("\"num_attention_heads\": 3", "\"num_attention_heads\": 2")
        );
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);

        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.Equal(2, WeightCache.List(Cache).Count);
    }

    [Fact]
    public async Task A_model_that_was_moved_or_copied_is_known_again()
    {
        using var folder = SmallModels.Create("bert", Seed);
        using ScratchFolder copy = new();
        var expected = await Vectors(folder.Path, "float32", Cache);
        foreach (var file in Directory.EnumerateFiles(folder.Path))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)));

        Assert.Equal(expected, await Vectors(copy.Path, "float32", Cache));
        Assert.Single(WeightCache.List(Cache));
    }

    [Fact]
    public async Task Shards_are_kept_and_their_index_counts()
    {
        using var folder = SmallModels.Create("llama", Seed);
        Split(folder.Path);
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);

        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.True(IsMapped(folder.Path, int8: false));
        File.AppendAllText(Path.Combine(folder.Path, Weights + ".index.json"), "\n");
        Assert.False(IsMapped(folder.Path, int8: false));
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("int8")]
    public async Task Adapters_are_kept_merged_and_each_of_their_files_counts(string dataType)
    {
        using var folder = TextModel.Create(hidden: 64);
        using ScratchFolder adapters = new();
        string first = Path.Combine(adapters.Path, "first"),
            second = Path.Combine(adapters.Path, "second");
        TextModel.WriteAdapter(folder.Path, first, "x", seed: 1);
        TextModel.WriteAdapter(folder.Path, second, "x", seed: 2);
        var alone = await Same();
        var merged = await Same(first);
        Assert.NotEqual(alone, merged);
        Assert.NotEqual(merged, await Same(second));
        Assert.NotEqual(merged, await Same(first, second));
        Assert.Equal(4, WeightCache.List(Cache).Count);

        // Another factor is another model; so is another number of the weights.
        var config = Path.Combine(first, PeftAdapter.ConfigFileName);
        var json = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        json["lora_alpha"] = 3;
        File.WriteAllText(config, json.ToJsonString());
        var weaker = await Same(first);
        Assert.NotEqual(merged, weaker);
        var weights = Path.Combine(first, PeftAdapter.WeightsName + ".safetensors");
        string tensor;
        using (var file = SafetensorsFile.Open(weights))
            tensor = file.Entries.Keys.First(name => name.Contains("lora_B", StringComparison.Ordinal));
        Change(weights, tensor, at: 0);
        Assert.NotEqual(weaker, await Same(first));
        Assert.Equal(6, WeightCache.List(Cache).Count);

        async Task<float[][]> Same(params string[] with)
        {
            var expected = await Vectors(folder.Path, dataType, WeightCacheOptions.Off, with);
            Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache, with));
            Assert.Equal(expected, await Vectors(folder.Path, dataType, Cache, with));
            return expected;
        }
    }

    [Fact]
    public async Task Inspect_says_what_is_used()
    {
        using var folder = SmallModels.Create("bert", Seed);
        Assert.Equal(["made and kept at the next loading", "made and kept at the next loading"], Said(Cache));
        await Vectors(folder.Path, "float32", Cache);
        var file = Assert.Single(WeightCache.List(Cache));
        Assert.Equal([$"{file.Bytes} bytes, mapped from {file.Path}", "made and kept at the next loading"], Said(Cache));
        Change(Path.Combine(folder.Path, Weights), "encoder.layer.0.output.dense.weight", at: 3);
        Assert.Equal("made and kept at the next loading", Said(Cache)[0]);
        Assert.Equal("made at each loading, the model is small", Said(new WeightCacheOptions { Folder = CacheFolder })[0]);
        Assert.Equal("made at each loading, there is no cache", Said(Cache with { MaximumBytes = 0 })[0]);
        Assert.Equal("made at each loading, the model is larger than the cache may be", Said(Cache with { MaximumBytes = 1 })[0]);
        using ScratchFolder target = new();
        var quantized = Path.Combine(target.Path, "q");
        ModelQuantizer.Quantize(folder.Path, quantized);
        Assert.Equal(["as they lie in the model's own file"], Said(Cache, quantized));

        string[] Said(WeightCacheOptions options, string? other = null) =>
            [
                .. ModelInspector
                    .Inspect(other ?? folder.Path, options)
                    .Properties.Where(property => property.Key.StartsWith("packed ", StringComparison.Ordinal))
                    .Select(property => property.Value),
            ];
    }

    /// <summary>
    /// What is kept by one version of the library is served by the next, if both say the same <see cref="PackedSource.Version"/>. Whoever
    /// changes what is made of weights raises that number, and puts the new hashes here.
    /// </summary>
    [Fact]
    public unsafe void The_version_goes_up_with_what_is_made_of_weights()
    {
        const int Inputs = 1600,
            Outputs = 83;
        Assert.Equal(1, PackedSource.Version);
        float[] weights = [.. Enumerable.Range(0, Inputs * Outputs).Select(i => (i * 7919 % 1009 - 504) / 512f)];
        fixed (float* start = weights)
        {
            foreach (var kernel in FloatKernels.Available().DistinctBy(kernel => kernel.Lanes))
            {
                using AlignedBuffer packed = new(PackedPanels.Size(kernel, Inputs, Outputs));
                PackedPanels.PackTransposed(kernel, start, Inputs, Inputs, Outputs, packed.Start);
                var hash = Hash(packed.Start, PackedPanels.Size(kernel, Inputs, Outputs) * sizeof(float));
                Assert.Equal(
                    kernel.Lanes switch
                    {
                        16 => "8d06c025c782adaae843ea15130395a1",
                        8 => "4937979e4f2329163e070607a4054d10",
                        _ => "de9dd35e0c4e91a31ae4a42f937e7b69",
                    },
                    hash
                );
            }
            using var eight = Int8Weights.Quantize(start, Inputs, Outputs, [.. Enumerable.Range(0, Inputs).Select(i => i % 11f)]);
            Assert.Equal("d3f1964ef664a1cf66b5d88e77e9d302", Hash(eight.Panels, Int8Panels.Size(Inputs, Outputs)));
            Assert.Equal("46c38d8545436b4dd593ab1d20d26f3c", Hash(eight.Scales, Outputs * sizeof(float)));
            Assert.Equal("fa11e24b17dc4ffa341333a63e117f7f", Hash(eight.Sums, Outputs * sizeof(int)));
        }

        static string Hash(void* start, long bytes) => Convert.ToHexStringLower(XxHash128.Hash(new ReadOnlySpan<byte>(start, (int)bytes)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData(13_000_001)]
    public unsafe void A_hash_is_of_every_byte(int length)
    {
        var bytes = new byte[length];
        new Random(Seed).NextBytes(bytes);
        fixed (byte* start = bytes)
        {
            var whole = ContentHash.Of(start, length);
            Assert.Equal(whole, ContentHash.Of(start, length));
            foreach (var at in new[] { 0, length / 3, length - 1 }.Where(at => at >= 0 && at < length))
            {
                start[at] ^= 4;
                Assert.NotEqual(whole, ContentHash.Of(start, length));
                start[at] ^= 4;
            }
            if (length > 0)
                Assert.NotEqual(whole, ContentHash.Of(start, length - 1));
        }
    }

    private static void Rewrite(string folder, SafetensorsDataType type)
    {
        var path = Path.Combine(folder, Weights);
        List<SafetensorsTensor> tensors = [];
        using (var set = SafetensorsSet.Open(folder))
        {
            foreach (var entry in set.Entries.Values)
            {
                var values = WeightReader.ReadArray(set, entry);
                tensors.Add(
                    new SafetensorsTensor(
                        entry.Name,
                        type,
                        entry.Shape,
                        stream =>
                        {
                            unsafe
                            {
                                fixed (float* start = values)
                                    WeightWriter.Write(start, values.Length, type, stream);
                            }
                        }
                    )
                );
            }
        }
        SafetensorsWriter.Write(path, tensors);
    }

    /// <summary>Two shards of one file.</summary>
    private static void Split(string folder)
    {
        var path = Path.Combine(folder, Weights);
        JsonObject map = [];
        using (var file = SafetensorsFile.Open(path))
        {
            SafetensorsTensor[] all =
            [
                .. file.Entries.Values.Select(entry =>
                    SafetensorsTensor.FromBytes(entry.Name, entry.DataType, entry.Shape, file.Bytes(entry).ToArray())
                ),
            ];
            for (var shard = 0; shard < 2; shard++)
            {
                SafetensorsTensor[] part = [.. all.Where((_, i) => i % 2 == shard)];
                SafetensorsWriter.Write(Path.Combine(folder, $"shard-{shard}.safetensors"), part);
                foreach (var tensor in part)
                    map[tensor.Name] = $"shard-{shard}.safetensors";
            }
        }
        File.Delete(path);
        File.WriteAllText(path + ".index.json", new JsonObject { ["weight_map"] = map }.ToJsonString());
    }
}
