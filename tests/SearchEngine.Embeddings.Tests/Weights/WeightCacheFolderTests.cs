using System.Text;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>The files of packed weights: damaged, in the way, removed, at once and too many.</summary>
public sealed class WeightCacheFolderTests : WeightCacheTest
{
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
        using var folder = SmallModels.Create("bert", Seed);
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
        using var folder = SmallModels.Create("bert", Seed);
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
        using var folder = SmallModels.Create("bert", Seed);
        var expected = await Vectors(folder.Path, "float32", WeightCacheOptions.Off);
        var path = WeightCacheFolder.Of(Cache)!.PathOf(Source(folder.Path, int8: false).Key());
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "mine"), "");

        Assert.Equal(expected, await Vectors(folder.Path, "float32", Cache));
        Assert.Equal(["mine"], Directory.EnumerateFiles(path).Select(Path.GetFileName));
        Assert.Single(Directory.EnumerateFileSystemEntries(CacheFolder));
    }

    [Theory]
    [InlineData("a file")]
    [InlineData("below a file")]
    public async Task A_place_that_cannot_be_written_is_as_if_there_were_no_cache(string kind)
    {
        using var folder = SmallModels.Create("bert", Seed);
        var file = Path.Combine(CacheFolder, "file");
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
        using var folder = SmallModels.Create("bert", Seed);
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
        Assert.Empty(Directory.EnumerateFileSystemEntries(CacheFolder));
    }

    [Fact]
    public async Task Many_loadings_at_once_give_one_file_and_the_same_vectors()
    {
        using var folder = SmallModels.Create("bert", Seed);
        var expected = await Vectors(folder.Path, "int8", WeightCacheOptions.Off);
        var loadings = Enumerable.Range(0, 8).Select(_ => Task.Run(() => Vectors(folder.Path, "int8", Cache)));

        Assert.All(await Task.WhenAll(loadings), vectors => Assert.Equal(expected, vectors));
        Assert.Single(Directory.EnumerateFileSystemEntries(CacheFolder));
        Assert.True(IsMapped(folder.Path, int8: true));
    }

    /// <summary>Loadings and removals in turns: whatever is gone is made, and whoever has it mapped goes on.</summary>
    [Fact]
    public async Task What_is_removed_while_others_load_disturbs_nobody()
    {
        using var folder = SmallModels.Create("bert", Seed);
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
        using var folder = SmallModels.Create("bert", Seed);
        await Vectors(folder.Path, "float32", Cache);
        using var generator = Load(folder.Path, "float32", Cache);
        var before = await generator.EmbedTokensAsync(SmallModels.Texts(Seed));

        Assert.True(WeightCache.Clear(Cache) > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(CacheFolder));
        Assert.Equal(before, await generator.EmbedTokensAsync(SmallModels.Texts(Seed)));
    }

    [Fact]
    public async Task Those_used_longest_ago_go_when_the_limit_is_reached()
    {
        using ScratchFolder one = SmallModels.Create("bert", 1),
            two = SmallModels.Create("bert", 2),
            three = SmallModels.Create("bert", 3);
        await Vectors(one.Path, "float32", Cache);
        await Vectors(two.Path, "float32", Cache);
        var bytes = WeightCache.List(Cache)[0].Bytes;
        Date(one.Path, 2001);
        Date(two.Path, 2002);
        await Vectors(one.Path, "float32", Cache); // used now

        // What is not the cache's own stays, whatever it is called; and so does what another process may be writing.
        var foreign = Path.Combine(CacheFolder, "mine.packed.safetensors");
        File.WriteAllText(foreign, "");
        var name = Path.Combine(CacheFolder, new string('a', 32) + ".packed.safetensors." + new string('b', 31));
        File.WriteAllText(name + "0.tmp", "");
        File.WriteAllText(name + "1.tmp", "");
        File.SetLastWriteTimeUtc(name + "0.tmp", new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        await Vectors(three.Path, "float32", Cache with { MaximumBytes = 2 * bytes });

        Assert.Equal(
            new[] { Kept(one.Path), Kept(three.Path), foreign, name + "1.tmp" }.Order(),
            Directory.EnumerateFiles(CacheFolder).Order()
        );
        Assert.Equal(2 * bytes, WeightCache.Clear(Cache));
        Assert.Equal([foreign], Directory.EnumerateFiles(CacheFolder));

        string Kept(string folder) => WeightCacheFolder.Of(Cache)!.PathOf(Source(folder, int8: false).Key());
        void Date(string folder, int year) => File.SetLastWriteTimeUtc(Kept(folder), new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    [Fact]
    public async Task Nothing_is_kept_where_it_may_take_no_bytes_too_few_or_the_model_is_small()
    {
        using var folder = SmallModels.Create("bert", Seed);
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
            new() { Folder = CacheFolder },
        ];
        foreach (var options in none)
        {
            Assert.Equal(expected, await Vectors(folder.Path, "float32", options));
            Assert.Empty(Directory.EnumerateFileSystemEntries(CacheFolder));
        }
    }

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
                using (var other = SmallModels.Create("bert", 99))
                {
                    var options = Cache with { Folder = place.Path };
                    await Vectors(other.Path, "float32", options);
                    return File.ReadAllBytes(WeightCache.List(options)[0].Path);
                }
            default:
                throw new ArgumentException(damage);
        }
    }
}
