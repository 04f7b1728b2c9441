using System.Buffers.Binary;
using System.Security.Cryptography;
using SearchEngine.Vectors.Hnsw;
using SearchEngine.Vectors.Memory;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

/// <summary>Indexes that are mapped, not read.</summary>
public sealed class GraphImageTests : IDisposable
{
    private const int Count = 3000;
    private const int Dimension = 40;

    private static readonly byte[] Tie = [1, 2, 3];
    private static readonly float[] Rows = TestData.Clustered(Count + 200, Dimension, 100, seed: 51);

    private readonly string _folder = Directory.CreateTempSubdirectory("graph-image-").FullName;

    public static TheoryData<VectorQuantization, bool, bool> Kinds()
    {
        var kinds = new TheoryData<VectorQuantization, bool, bool>();
        foreach (var quantization in Enum.GetValues<VectorQuantization>())
        {
            kinds.Add(quantization, false, false);
            kinds.Add(quantization, true, quantization == VectorQuantization.Int8);
        }

        return kinds;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AMappedIndexAnswersAsTheOneThatWasSavedAndGoesOn(VectorQuantization quantization, bool reader, bool compacted)
    {
        var options = Options(quantization);
        var vectors = reader ? new ArrayReader(Rows, Dimension) : null;
        using var index = Build(options, vectors);
        if (compacted)
        {
            index.Compact();
        }

        var (store, path) = Save(index);
        var hash = Hash(path);
        using (var mapped = (HnswIndex)VectorIndex.OpenImage(options, path, Tie, vectors))
        {
            Assert.Empty(mapped.Verify());
            AssertSame(index, mapped);
            // It goes on, saves what changed and nothing else, and leaves the image as it is.
            var writes = store.Writes;
            mapped.SaveChanges(store);
            Assert.Equal(writes + 1, store.Writes);
            mapped.Remove(5);
            Assert.Equal(1, mapped.Repair());
            for (var i = Count; i < Count + 200; i++)
            {
                mapped.Add(i, Rows.AsSpan(i * Dimension, Dimension));
            }

            mapped.SaveChanges(store);
            Assert.Empty(mapped.Verify());
            using var loaded = VectorIndex.Load(options, store, vectors);
            Assert.Equal(Count + 199, loaded.Count);
            Assert.Empty(loaded.Verify());
            using (var again = File.Create(path + "2"))
            {
                Assert.True(mapped.TrySaveImage(again, Tie));
            }

            using var second = VectorIndex.OpenImage(options, path + "2", Tie, vectors);
            AssertSame(mapped, second);
            Assert.Equal(Count + 199, second.Count);
        }

        Assert.Equal(hash, Hash(path));
    }

    [Fact]
    public void OpeningReadsNoPagesAndASearchFew()
    {
        var options = Options(VectorQuantization.Int8);
        using var index = Build(options, null);
        var (_, path) = Save(index);
        using var mapped = (HnswIndex)VectorIndex.OpenImage(options, path, Tie, null);
        Assert.Equal(0, mapped.Pages!.SoundPages);
        mapped.Search(Rows.AsSpan(0, Dimension), new VectorHit[10], new VectorQueryOptions { Ef = 10 });
        var used = mapped.Pages.SoundPages;
        Assert.InRange(used, 1, (int)(mapped.Pages.Length / MappedPages.PageBytes) - 1);
        mapped.CheckImage();
        Assert.True(mapped.Pages.AreAllSound && mapped.Pages.SoundPages > used);
        AssertSame(index, mapped);
    }

    [Fact]
    public void NoFlippedBitIsServed()
    {
        const int Flips = 1000;
        var options = Options(VectorQuantization.Int8);
        using var index = Build(options, null);
        var (_, path) = Save(index);
        var random = new Random(52);
        var length = new FileInfo(path).Length;
        for (var flip = 0; flip < Flips; flip++)
        {
            // Half of them where the tables' used rows are: the beginning of each is a hundredth of the file.
            var at = flip % 2 == 0 ? random.NextInt64(length) : random.NextInt64(length / 100) + length / 8 * random.Next(8);
            Flip(path, at, flip % 8);
            var noticed = false;
            try
            {
                using var mapped = VectorIndex.OpenImage(options, path, Tie, null);
                if (flip % 50 == 1)
                {
                    AssertSame(index, mapped);
                }

                mapped.CheckImage();
            }
            catch (VectorIndexException)
            {
                noticed = true;
            }

            Assert.True(noticed, $"flip {flip} of bit {flip % 8} at {at} of {length} went unnoticed");
            Flip(path, at, flip % 8);
        }

        using var sound = VectorIndex.OpenImage(options, path, Tie, null);
        sound.CheckImage();
        AssertSame(index, sound);
    }

    /// <summary>Each page is damaged by itself, and only searches come by: they answer as before, or say what is damaged.</summary>
    [Theory]
    [InlineData(VectorQuantization.None)]
    [InlineData(VectorQuantization.Int8)]
    [InlineData(VectorQuantization.Binary)]
    public void NoSearchAnswersFromADamagedPage(VectorQuantization quantization)
    {
        var options = Options(quantization) with { PivotsFrom = int.MaxValue };
        using var index = Build(options, null);
        var (_, path) = Save(index);
        var content = File.ReadAllBytes(path);
        int noticed = 0,
            used = 0;
        for (var at = 0; at + MappedPages.PageBytes <= content.Length; at += MappedPages.PageBytes)
        {
            var page = content.AsSpan(at, MappedPages.PageBytes);
            if (!page.ContainsAnyExcept((byte)0))
                continue;
            used++;
            var damaged = page.ToArray();
            for (var i = 0; i < damaged.Length; i++)
                damaged[i] ^= 0x55;
            Write(path, at, damaged);
            try
            {
                using var mapped = VectorIndex.OpenImage(options, path, Tie, null);
                AssertSame(index, mapped, queries: 90);
            }
            catch (VectorIndexException)
            {
                noticed++;
            }

            Write(path, at, page);
        }

        Assert.InRange(noticed, used / 2, used);
        Assert.True(noticed > 5, $"{noticed} of {used} pages were noticed");
    }

    [Fact]
    public void TheLeastIndexHasAnImage()
    {
        // Whatever layer its one node is drawn for.
        for (var seed = 0; seed < 40; seed++)
        {
            var options = Options(VectorQuantization.Int8) with { Seed = seed };
            using var index = new HnswIndex(options, null);
            index.Add(0, Rows.AsSpan(0, Dimension));
            var (_, path) = Save(index);
            using var mapped = VectorIndex.OpenImage(options, path, Tie, null);
            Assert.Equal(1, mapped.Search(Rows.AsSpan(0, Dimension), new VectorHit[3], default));
        }
    }

    /// <summary>Numbers that agree with each other and with their checksum, of a header that lies nowhere.</summary>
    [Fact]
    public void AHeaderThatLiesNowhereIsRefused()
    {
        var options = Options(VectorQuantization.Int8);
        using var index = Build(options, null);
        var (_, path) = Save(index);
        var sound = File.ReadAllBytes(path);
        foreach (var offset in new[] { -1L, -(1 << 20), sound.Length - 39, sound.Length, sound.Length + (1L << 20) })
        {
            var content = sound.ToArray();
            var trailer = content.AsSpan(content.Length - 40);
            BinaryPrimitives.WriteInt32LittleEndian(trailer[12..], (int)(content.Length - 40 - offset));
            BinaryPrimitives.WriteInt64LittleEndian(trailer[16..], offset);
            BinaryPrimitives.WriteUInt64LittleEndian(trailer[32..], MappedPages.SumOf(trailer[..32]));
            File.WriteAllBytes(path, content);
            Assert.Throws<VectorIndexException>(() => VectorIndex.OpenImage(options, path, Tie, null));
        }
    }

    [Fact]
    public void WhatDoesNotBelongTogetherIsRefused()
    {
        var options = Options(VectorQuantization.Int8);
        using var index = Build(options, null);
        var (_, path) = Save(index);
        Assert.Throws<VectorIndexException>(() => VectorIndex.OpenImage(options, path, [1, 2], null));
        Assert.Throws<VectorIndexException>(() => VectorIndex.OpenImage(options with { Dimension = 41 }, path, Tie, null));
        Assert.Throws<VectorIndexException>(() =>
            VectorIndex.OpenImage(options with { Quantization = VectorQuantization.Int4 }, path, Tie, null)
        );
        // The image has the full-precision vectors of its own, which an index with a reader has no place for.
        Assert.Throws<VectorIndexException>(() => VectorIndex.OpenImage(options, path, Tie, new ArrayReader(Rows, Dimension)));
        Assert.Throws<FileNotFoundException>(() => VectorIndex.OpenImage(options, path + "?", Tie, null));
        foreach (var bytes in new[] { 0L, 10, 100_000, new FileInfo(path).Length - 1 })
        {
            var cut = Path.Combine(_folder, "cut");
            File.Copy(path, cut, overwrite: true);
            using (var file = File.OpenWrite(cut))
            {
                file.SetLength(bytes);
            }

            Assert.Throws<VectorIndexException>(() => VectorIndex.OpenImage(options, cut, Tie, null));
        }

        using var empty = new HnswIndex(options, null);
        Assert.False(empty.TrySaveImage(Stream.Null, Tie));
    }

    private (MemoryImage Store, string Path) Save(HnswIndex index)
    {
        var store = new MemoryImage();
        index.SaveChanges(store);
        var path = Path.Combine(_folder, "image");
        using var file = File.Create(path);
        Assert.True(index.TrySaveImage(file, Tie));
        return (store, path);
    }

    private static void AssertSame(VectorIndex a, VectorIndex b, int queries = 20)
    {
        Assert.Equal(a.Count, b.Count);
        VectorHit[] first = new VectorHit[10],
            second = new VectorHit[10];
        for (var q = 0; q < queries; q++)
        {
            var query = Rows.AsSpan(q * 31 * Dimension, Dimension);
            Assert.Equal(
                a.Search(query, first, new VectorQueryOptions { Ef = 20 }),
                b.Search(query, second, new VectorQueryOptions { Ef = 20 })
            );
            Assert.Equal(first, second);
        }
    }

    private static void Flip(string path, long at, int bit)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1 << bit));
    }

    private static void Write(string path, long at, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        file.Write(content);
    }

    private static byte[] Hash(string path) => SHA256.HashData(File.ReadAllBytes(path));

    private static HnswIndex Build(VectorIndexOptions options, IVectorReader? reader)
    {
        var index = new HnswIndex(options, reader);
        index.AddRange(TestData.Ordinals(Count), Rows.AsMemory(0, Count * Dimension));
        return index;
    }

    private static VectorIndexOptions Options(VectorQuantization quantization) =>
        new()
        {
            Dimension = Dimension,
            Quantization = quantization,
            M = 6,
            EfConstruction = 30,
            PivotsFrom = 1000,
            BuildThreads = 2,
        };
}
