using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

/// <summary>Pivots are stored with the index, so that opening does not choose them anew.</summary>
public class PivotBlobTests
{
    private const int Count = 3000;
    private const int Dimension = 40;

    private static readonly VectorIndexOptions Options = new()
    {
        Dimension = Dimension,
        M = 6,
        EfConstruction = 30,
        PivotsFrom = 1000,
        BuildThreads = 2,
    };

    private static readonly float[] Rows = TestData.Clustered(2 * Count, Dimension, 120, seed: 61);

    [Fact]
    public void StoredPivotsAreTakenOverAsTheyWere()
    {
        using var index = Build();
        index.Compact();
        var image = new MemoryImage();
        index.SaveChanges(image);
        var writes = image.Writes;
        index.SaveChanges(image);
        Assert.Equal(writes + 1, image.Writes);
        using var loaded = (HnswIndex)VectorIndex.Load(Options, image, null);
        // Laid out anew, the index has other numbers for its nodes; stored are ordinals.
        Assert.Equal(PivotBlob.Write(loaded.Pivots!, new OrdinalMap()), image.Blobs[PivotBlob.Slot]);
        Assert.Equal(index.Pivots!.ChosenAmong, loaded.Pivots!.ChosenAmong);
        Assert.True(index.Pivots.Sketches.SequenceEqual(loaded.Pivots.Sketches));
        loaded.SaveChanges(image);
        Assert.Equal(writes + 2, image.Writes);
    }

    [Fact]
    public void WhatIsNoPivotsIsChosenAnew()
    {
        using var index = Build();
        var image = new MemoryImage();
        index.SaveChanges(image);
        var sound = image.Blobs[PivotBlob.Slot];
        var version = (byte[])sound.Clone();
        version[4]++;
        var outside = (byte[])sound.Clone();
        outside[27] = 0x7F;
        foreach (var blob in new[] { null, [], sound[..^1], sound[..20], version, outside })
        {
            image.Blobs.Remove(PivotBlob.Slot);
            if (blob is not null)
            {
                image.Blobs[PivotBlob.Slot] = blob;
            }

            using var loaded = (HnswIndex)VectorIndex.Load(Options, image, null);
            Assert.NotNull(loaded.Pivots);
            loaded.SaveChanges(image);
            Assert.NotNull(PivotBlob.Read(image.Blobs[PivotBlob.Slot], Dimension, Count));
        }
    }

    [Fact]
    public void PivotsThatAreGoneOrOldAreChosenAnewAtOpening()
    {
        using var index = Build();
        var image = new MemoryImage();
        index.SaveChanges(image);
        var stored = image.Blobs[PivotBlob.Slot];
        foreach (var node in PivotBlob.Read(stored, Dimension, Count)!.Nodes[..^1])
        {
            index.Remove(node);
        }

        index.SaveChanges(image);
        using (var loaded = (HnswIndex)VectorIndex.Load(Options, image, null))
        {
            Assert.All(loaded.Pivots!.Nodes.ToArray(), node => Assert.True(loaded.Contains(node)));
        }

        index.AddRange([.. Enumerable.Range(Count, Count)], Rows.AsMemory(Count * Dimension));
        index.SaveChanges(image);
        image.Blobs[PivotBlob.Slot] = stored;
        using var grown = (HnswIndex)VectorIndex.Load(Options, image, null);
        Assert.Equal(grown.Count, grown.Pivots!.ChosenAmong);
        // With fewer vectors than pivots are for there are none, and none stay stored.
        using var small = (HnswIndex)VectorIndex.Load(Options with { PivotsFrom = int.MaxValue }, image, null);
        Assert.Null(small.Pivots);
    }

    private static HnswIndex Build()
    {
        var index = new HnswIndex(Options, null);
        index.AddRange(TestData.Ordinals(Count), Rows.AsMemory(0, Count * Dimension));
        Assert.NotNull(index.Pivots);
        return index;
    }
}
