using System.IO.Hashing;
using System.Text;
using System.Text.Json.Nodes;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.EightBit;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Tests.Model;
using SearchEngine.Embeddings.Weights;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>Models that are loaded with a cache of packed weights, held against the same models without one.</summary>
public sealed class WeightCacheTests : IDisposable
{
    private const int Seed = 23;
    private const string Weights = "model.safetensors";
    private const string Bert = """
        {"model_type": "bert", "vocab_size": 70, "hidden_size": 96, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 192,
         "max_position_embeddings": 40, "type_vocab_size": 2, "hidden_act": "gelu"}
        """;
    private const string ModernBert = """
        {"model_type": "modernbert", "vocab_size": 70, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2,
         "intermediate_size": 96, "local_attention": 8, "global_attn_every_n_layers": 2, "attention_bias": true}
        """;

    private readonly ScratchFolder _cache = new();

    private WeightCacheOptions Cache => new() { Folder = _cache.Path, SmallestModelBytes = 1 };

    public void Dispose() => _cache.Dispose();

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
        using var folder = Create(model);
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
        using var folder = Create(model);
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
        using var source = Create(model);
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
        using var folder = Create(model);
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
        using var folder = Create("bert");
        await Vectors(folder.Path, "float32", Cache);
        File.WriteAllText(
            Path.Combine(folder.Path, "config.json"),
            Bert.Replace("\"num_attention_heads\": 3", "\"num_attention_heads\": 2")
        );
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);

        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.Equal(2, WeightCache.List(Cache).Count);
    }

    [Fact]
    public async Task A_model_that_was_moved_or_copied_is_known_again()
    {
        using var folder = Create("bert");
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
        using var folder = Create("llama");
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

    [Theory]
    [InlineData("empty")]
    [InlineData("seven bytes")]
    [InlineData("half")]
    [InlineData("a byte less")]
    [InlineData("a byte more")]
    [InlineData("zeros")]
    [InlineData("the header's length")]
    [InlineData("a name")]
    [InlineData("the hash")]
    [InlineData("the key")]
    [InlineData("the first section")]
    [InlineData("the middle")]
    [InlineData("the last byte")]
    [InlineData("another model's")]
    [InlineData("text")]
    public async Task What_is_damaged_is_made_anew_and_never_served(string damage)
    {
        using var folder = Create("bert");
        var expected = await Vectors(folder.Path, "float32", Cache);
        var path = Assert.Single(WeightCache.List(Cache)).Path;
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, await Damage(whole, damage));

        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.True(IsMapped(folder.Path, int8: false));
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    /// <summary>Every byte that can be flipped without notice lies where nothing is stored.</summary>
    [Fact]
    public void A_flipped_byte_anywhere_is_noticed_or_changes_nothing()
    {
        using var folder = Create("bert");
        var source = Source(folder.Path, int8: true);
        Assert.True(IsMapped(folder.Path, int8: true, make: true));
        var cached = WeightCacheFolder.Of(Cache)!;
        var path = cached.PathOf(source.Key());
        var whole = File.ReadAllBytes(path);
        Random random = new(Seed);
        var header = BitConverter.ToInt32(whole);
        var used = Array.FindLastIndex(whole, 8 + header - 1, at => at != ' ');
        for (var round = 0; round < 300; round++)
        {
            var at = round % 2 == 0 ? random.Next(used + 1) : random.Next(whole.Length);
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bytes);
            using var file = cached.Open(source.Key());
            if (file is null)
                continue;
            using ScratchFolder other = new();
            var copy = Path.Combine(other.Path, "whole");
            File.WriteAllBytes(copy, whole);
            using var right = SafetensorsFile.Open(copy);
            Assert.Equal(right.Entries.Keys.Order(), file.Entries.Keys.Order());
            foreach (var entry in right.Entries.Values)
                Assert.True(right.Bytes(entry).SequenceEqual(file.Bytes(file.Entries[entry.Name])), $"byte {at}");
        }
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_file_is_no_error()
    {
        using var folder = Create("bert");
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);
        var path = WeightCacheFolder.Of(Cache)!.PathOf(Source(folder.Path, int8: false).Key());
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "mine"), "");

        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.Equal(["mine"], Directory.EnumerateFiles(path).Select(Path.GetFileName));
        Assert.Single(Directory.EnumerateFileSystemEntries(_cache.Path));
    }

    [Theory]
    [InlineData("a file")]
    [InlineData("below a file")]
    public async Task A_place_that_cannot_be_written_is_as_if_there_were_no_cache(string kind)
    {
        using var folder = Create("bert");
        var file = Path.Combine(_cache.Path, "file");
        File.WriteAllText(file, "mine");
        var options = Cache with { Folder = kind == "a file" ? file : Path.Combine(file, "deeper", "still") };
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);

        Assert.Equal(expected, await Vectors(folder.Path, "float32", options));
        Assert.Empty(WeightCache.List(options));
        Assert.Equal(0, WeightCache.Clear(options));
        Assert.Equal("mine", File.ReadAllText(file));
    }

    /// <summary>The folder is gone, so that nothing can be created in it; or the disk takes no more, here because of the limit.</summary>
    [Fact]
    public unsafe void A_writer_that_fails_leaves_nothing_and_says_so()
    {
        using ScratchFolder scratch = new();
        var bytes = stackalloc byte[100];
        using (PackedWriter nowhere = new(Path.Combine(scratch.Path, "missing", "file"), 1, long.MaxValue))
        {
            Assert.True(nowhere.HasFailed);
            nowhere.Write("a", bytes, 100);
            Assert.False(nowhere.Complete(_ => new Dictionary<string, string>()));
        }
        using (PackedWriter full = new(Path.Combine(scratch.Path, "full"), 1, 8000))
        {
            for (var i = 0; i < 100; i++)
                full.Write($"section {i}", bytes, 100);
            Assert.True(full.HasFailed);
            Assert.False(full.Complete(_ => new Dictionary<string, string>()));
        }
        using (PackedWriter crowded = new(Path.Combine(scratch.Path, "crowded"), 1, long.MaxValue))
        {
            for (var i = 0; i < 500; i++)
                crowded.Write($"section {i}", bytes, 100);
            Assert.False(crowded.Complete(_ => new Dictionary<string, string>())); // the header has no room
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch.Path));
    }

    [Fact]
    public void A_model_that_changes_while_it_is_read_is_not_kept()
    {
        using var folder = Create("bert");
        var path = Path.Combine(folder.Path, Weights);
        var source = Source(folder.Path, int8: false);
        List<bool> loads = [];
        var model = PackedLoader.Load(
            source,
            Cache,
            packed =>
            {
                loads.Add(packed is null);
                if (loads.Count == 1)
                    Change(path, "encoder.layer.0.output.dense.weight", at: 7);
                return CpuBertModel.Load(folder.Path, (BertConfig)source.Config, int8: false, packed);
            }
        );
        model.AddUser();
        model.Release();

        Assert.Equal([false, true], loads); // to be kept, and then as without a cache
        Assert.Null(model.Packed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Path));
    }

    [Fact]
    public async Task Many_loadings_at_once_give_one_file_and_the_same_vectors()
    {
        using var folder = Create("bert");
        var expected = await Vectors(folder.Path, "int8", WeightCacheOptions.Off);
        var loadings = Enumerable.Range(0, 8).Select(_ => Task.Run(() => Vectors(folder.Path, "int8", Cache)));

        Assert.All(await Task.WhenAll(loadings), vectors => Assert.Equal(expected, vectors));
        Assert.Single(Directory.EnumerateFileSystemEntries(_cache.Path));
        Assert.True(IsMapped(folder.Path, int8: true));
    }

    /// <summary>Loadings and removals in turns: whatever is gone is made, and whoever has it mapped goes on.</summary>
    [Fact]
    public async Task What_is_removed_while_others_load_disturbs_nobody()
    {
        using var folder = Create("bert");
        var expected = await Vectors(folder.Path, "float32", Cache);
        using CancellationTokenSource end = new();
        var removing = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                WeightCache.Clear(Cache);
        });
        for (var i = 0; i < 10; i++)
            Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        await end.CancelAsync();
        await removing;
    }

    [Fact]
    public async Task A_model_stays_usable_when_its_file_is_removed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There, nobody can remove what is mapped.");
        using var folder = Create("bert");
        await Vectors(folder.Path, "float32", Cache);
        using var generator = Load(folder.Path, "float32", Cache);
        var before = await generator.EmbedTokensAsync(Texts());

        Assert.True(WeightCache.Clear(Cache) > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Path));
        Assert.Equal(before, await generator.EmbedTokensAsync(Texts()));
    }

    [Fact]
    public async Task Those_used_longest_ago_go_when_the_limit_is_reached()
    {
        using ScratchFolder one = Create("bert", 1),
            two = Create("bert", 2),
            three = Create("bert", 3);
        await Vectors(one.Path, "float32", Cache);
        await Vectors(two.Path, "float32", Cache);
        var bytes = WeightCache.List(Cache)[0].Bytes;
        Date(one.Path, 2001);
        Date(two.Path, 2002);
        await Vectors(one.Path, "float32", Cache); // used now

        // What is not the cache's own stays, whatever it is called; and so does what another process may be writing.
        var foreign = Path.Combine(_cache.Path, "mine.packed.safetensors");
        File.WriteAllText(foreign, "");
        var name = Path.Combine(_cache.Path, new string('a', 32) + ".packed.safetensors." + new string('b', 31));
        File.WriteAllText(name + "0.tmp", "");
        File.WriteAllText(name + "1.tmp", "");
        File.SetLastWriteTimeUtc(name + "0.tmp", new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        await Vectors(three.Path, "float32", Cache with { MaximumBytes = 2 * bytes });

        Assert.Equal(
            new[] { Kept(one.Path), Kept(three.Path), foreign, name + "1.tmp" }.Order(),
            Directory.EnumerateFiles(_cache.Path).Order()
        );
        Assert.Equal(2 * bytes, WeightCache.Clear(Cache));
        Assert.Equal([foreign], Directory.EnumerateFiles(_cache.Path));

        string Kept(string folder) => WeightCacheFolder.Of(Cache)!.PathOf(Source(folder, int8: false).Key());
        void Date(string folder, int year) => File.SetLastWriteTimeUtc(Kept(folder), new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    [Fact]
    public async Task Nothing_is_kept_where_it_may_take_no_bytes_too_few_or_the_model_is_small()
    {
        using var folder = Create("bert");
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);
        WeightCacheOptions[] none =
        [
            Cache with
            {
                MaximumBytes = 0,
            },
            Cache with
            {
                MaximumBytes = 100_000,
            },
            new() { Folder = _cache.Path },
        ];
        foreach (var options in none)
        {
            Assert.Equal(expected, await Vectors(folder.Path, "float32", options));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Path));
        }
    }

    [Fact]
    public async Task Inspect_says_what_is_used()
    {
        using var folder = Create("bert");
        Assert.Equal(["made and kept at the next loading", "made and kept at the next loading"], Said(Cache));
        await Vectors(folder.Path, "float32", Cache);
        var file = Assert.Single(WeightCache.List(Cache));
        Assert.Equal([$"{file.Bytes} bytes, mapped from {file.Path}", "made and kept at the next loading"], Said(Cache));
        Change(Path.Combine(folder.Path, Weights), "encoder.layer.0.output.dense.weight", at: 3);
        Assert.Equal("made and kept at the next loading", Said(Cache)[0]);
        Assert.Equal("made at each loading, the model is small", Said(new WeightCacheOptions { Folder = _cache.Path })[0]);
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

    /// <summary>Whether a loading maps what is kept; without <paramref name="make"/> it must be there.</summary>
    private bool IsMapped(string folder, bool int8, bool make = false)
    {
        var source = Source(folder, int8);
        using (var file = WeightCacheFolder.Of(Cache)!.Open(source.Key()))
        {
            if (file is null && !make)
                return false;
        }
        var model = PackedLoader.Load<SharedWeights>(
            source,
            Cache,
            packed =>
                source.Config switch
                {
                    BertConfig bert => CpuBertModel.Load(folder, bert, int8, packed),
                    ModernBertConfig modern => CpuModernBertModel.Load(folder, modern, int8, packed),
                    _ => CpuModel.Load(source.Folder, (DecoderConfig)source.Config, int8, packed),
                }
        );
        model.AddUser();
        model.Release();
        return model.Packed?.IsMapped == true;
    }

    private static PackedSource Source(string folder, bool int8) => new(ModelFolder.Read(folder), ModelConfigReader.Read(folder), int8);

    private async Task<byte[]> Damage(byte[] whole, string damage)
    {
        var header = 8 + BitConverter.ToInt32(whole);
        var bytes = (byte[])whole.Clone();
        int Find(string text) => whole.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        switch (damage)
        {
            case "empty":
                return [];
            case "seven bytes":
                return whole[..7];
            case "half":
                return whole[..(whole.Length / 2)];
            case "a byte less":
                return whole[..^1];
            case "a byte more":
                return [.. whole, 0];
            case "zeros":
                return new byte[whole.Length];
            case "text":
                return Encoding.UTF8.GetBytes("{}");
            case "the header's length":
                bytes[0]++;
                return bytes;
            case "a name":
                bytes[Find("_float32_panels")]--;
                return bytes;
            case "the hash":
                bytes[Find("\"hash\":\"") + 9] ^= 1;
                return bytes;
            case "the key":
                bytes[Find("\"key\":\"") + 9] ^= 1;
                return bytes;
            case "the first section":
                bytes[header]++;
                return bytes;
            case "the middle":
                bytes[(header + whole.Length) / 2] ^= 0x80;
                return bytes;
            case "the last byte":
                bytes[^1] ^= 1;
                return bytes;
            case "another model's":
                using (ScratchFolder place = new())
                using (var other = Create("bert", seed: 99))
                {
                    var options = Cache with { Folder = place.Path };
                    await Vectors(other.Path, "float32", options);
                    return File.ReadAllBytes(WeightCache.List(options)[0].Path);
                }
            default:
                throw new ArgumentException(damage);
        }
    }

    /// <summary>Puts one other number into a weight, where the file lies.</summary>
    private static void Change(string path, string tensor, int at)
    {
        long place;
        using (var file = SafetensorsFile.Open(path))
            place = file.Entries[tensor].Offset + at * sizeof(float);
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = place;
        stream.Write(BitConverter.GetBytes(0.75f));
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

    private static ScratchFolder Create(string model, int seed = Seed)
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

    private static int[][] Texts()
    {
        Random random = new(Seed);
        return [.. new[] { 33, 21, 9, 4, 1 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(48)).ToArray())];
    }

    private static Llm2VecEmbeddingGenerator Load(string folder, string dataType, WeightCacheOptions cache, params string[] adapters) =>
        Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = folder,
                Adapters = adapters,
                Device = "cpu",
                DataType = dataType,
                WeightCache = cache,
            }
        );

    private static async Task<float[][]> Vectors(string folder, string dataType, WeightCacheOptions cache, params string[] adapters)
    {
        using var generator = Load(folder, dataType, cache, adapters);
        return await generator.EmbedTokensAsync(Texts());
    }
}
