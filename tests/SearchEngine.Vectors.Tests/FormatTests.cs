using System.Runtime.InteropServices;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>
/// Images that earlier builds stored must open in all later ones. The files are never made anew: a new format gets files of its own.
/// </summary>
public class FormatTests
{
    private const int Count = 200;
    private const int Dimension = 16;

    [Theory]
    [InlineData(VectorQuantization.Int8)]
    [InlineData(VectorQuantization.Int4)]
    [InlineData(VectorQuantization.Binary)]
    public void OpensAnImageOfVersion1(VectorQuantization quantization)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Golden");
        var rows = ReadRows(Path.Combine(folder, "base.fvecs"));
        var image = ReadImage(Path.Combine(folder, $"hnsw-v1-{quantization.ToString().ToLowerInvariant()}.index"));
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Quantization = quantization,
            M = 4,
            EfConstruction = 40,
        };
        using var index = VectorIndex.Load(options, image, null);
        Assert.Equal(Count, index.Count);
        Assert.Empty(index.Verify());
        var hits = new VectorHit[10];
        for (var i = 0; i < Count; i++)
        {
            var query = rows[(i * Dimension)..((i + 1) * Dimension)];
            Assert.Equal(10, index.Search(query, hits, default));
            Assert.Equal(i, hits[0].Ordinal);
            Assert.Equal(TestData.Nearest(DistanceMetric.Cosine, rows, Dimension, query, 10).Order(), hits.Select(h => h.Ordinal).Order());
        }
        // It goes on: changed, saved and opened again.
        Assert.True(index.Remove(7));
        index.Repair();
        index.Add(Count, rows.AsSpan(7 * Dimension, Dimension));
        index.SaveChanges(image);
        using var again = VectorIndex.Load(options, image, null);
        Assert.Empty(again.Verify());
        Assert.Equal(Count, again.Count);
        Assert.False(again.Contains(7));
    }

    [Fact]
    public void AGraphIsTakenOverWithOtherCodes()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Golden");
        var rows = ReadRows(Path.Combine(folder, "base.fvecs"));
        var image = ReadImage(Path.Combine(folder, "hnsw-v1-int8.index"));
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Quantization = VectorQuantization.Int4,
            M = 4,
            EfConstruction = 40,
        };
        using VectorIndex index = HnswIndex.Requantize(options, image, null);
        Assert.Empty(index.Verify());
        var recall = TestData.Recall(index, rows, rows[..(40 * Dimension)], 10, new VectorQueryOptions { Ef = 40 });
        Assert.True(recall >= 0.97, $"recall {recall}");
        var saved = new MemoryImage();
        index.SaveChanges(saved);
        using var loaded = VectorIndex.Load(options, saved, null);
        Assert.Equal(Count, loaded.Count);
        Assert.Throws<VectorIndexException>(() =>
            HnswIndex.Requantize(options with { Quantization = VectorQuantization.None }, image, null)
        );
        Assert.Throws<VectorIndexException>(() => HnswIndex.Requantize(options with { M = 8 }, image, null));
    }

    // Slot, length and bytes of each piece, little-endian.
    private static MemoryImage ReadImage(string path)
    {
        var image = new MemoryImage();
        using var reader = new BinaryReader(File.OpenRead(path));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var slot = reader.ReadInt32();
            image.Blobs[slot] = reader.ReadBytes(reader.ReadInt32());
        }
        return image;
    }

    // The fvecs format: per row the number of components, then the components.
    private static float[] ReadRows(string path)
    {
        var bytes = File.ReadAllBytes(path);
        const int Row = 4 + 4 * Dimension;
        Assert.Equal(Count * Row, bytes.Length);
        var rows = new List<float>();
        for (var i = 0; i < Count; i++)
            rows.AddRange(MemoryMarshal.Cast<byte, float>(bytes.AsSpan(i * Row + 4, 4 * Dimension)).ToArray());
        return [.. rows];
    }
}
