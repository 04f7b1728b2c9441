using SearchEngine.TestSupport;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

/// <summary>Images of an earlier state, brought to a later one by the nodes that were saved since.</summary>
public sealed class ImageChangesTests : IDisposable
{
    private const int Count = 2000;
    private const int Dimension = 24;

    private static readonly byte[] Tie = [7, 7];
    private static readonly float[] Rows = TestData.Clustered(2 * Count, Dimension, 60, seed: 61);

    private readonly string _folder = Directory.CreateTempSubdirectory("image-changes-").FullName;

    private string ImagePath => Path.Combine(_folder, "image");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void OpeningReadsWhatChangedAndNothingElse()
    {
        using var index = Build();
        var store = new MemoryImage();
        index.SaveChanges(store);
        WriteImage(index);
        Assert.Equal(0, index.SavedSinceImage);
        index.Add(Count, Row(Count));
        index.SaveChanges(store);
        var changed = index.SavedSinceImage!.Value;
        Assert.InRange(changed, 2, Count / 10);
        var before = store.Reads;
        using var opened = (HnswIndex)Open(index.ImageChanges()!, store);
        // Each changed node and the header; of the image only pages that these lie on.
        Assert.Equal(changed + 1, store.Reads - before);
        Assert.InRange(opened.Pages!.SoundPages, 1, 8 * changed);
        Assert.Equal(changed, opened.SavedSinceImage);
        AssertSame(index, opened);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ImageAndChangesAreWhatIsStored(bool compacted)
    {
        var random = new Random(TestSeed.Get(62));
        var store = new MemoryImage();
        var live = new HashSet<int>();
        var index = new HnswIndex(Options(), Reader());
        try
        {
            for (var round = 0; round < 12; round++)
            {
                Change(index, random, live, 150);
                if (random.Next(2) == 0)
                    index.Repair();
                else if (random.Next(2) == 0)
                    Assert.Throws<OperationCanceledException>(() => index.Repair(new CancellationToken(canceled: true)));
                if (compacted && round == 4)
                    index.Compact();
                if (round % 4 == 1)
                    WriteImage(index);
                index.SaveChanges(store);
                if (index.ImageChanges() is not { } changes)
                    continue;
                // As a process that ends here would find it, or, now and then, as the one that goes on does.
                using (var loaded = VectorIndex.Load(Options(), store.Copy(), Reader()))
                {
                    var opened = Open(changes, store.Copy());
                    AssertSame(loaded, opened);
                    Assert.Empty(opened.Verify());
                    Assert.All(Enumerable.Range(0, 2 * Count), i => Assert.Equal(live.Contains(i), opened.Contains(i)));
                    if (random.Next(3) > 0)
                    {
                        opened.Dispose();
                        continue;
                    }

                    index.Dispose();
                    index = (HnswIndex)opened;
                }
            }
        }
        finally
        {
            index.Dispose();
        }
    }

    [Fact]
    public async Task AnImageIsWrittenBesideInsertsAndRemovals()
    {
        var random = new Random(TestSeed.Get(63));
        using var index = Build();
        var store = new MemoryImage();
        for (var round = 0; round < 10; round++)
        {
            using var stop = new CancellationTokenSource();
            var numbers = Enumerable.Range(0, 2).Select(_ => random.Next()).ToArray();
            var writers = numbers
                .Select((number, half) => Task.Run(() => WriteUntil(index, new Random(number), half, stop.Token)))
                .ToArray();
            index.SaveChanges(store);
            WriteImage(index);
            index.SaveChanges(store);
            var changes = index.ImageChanges()!;
            var stored = store.Copy();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            using var loaded = VectorIndex.Load(Options(), stored, Reader());
            using var opened = Open(changes, stored);
            Assert.Equal(loaded.Count, opened.Count);
            Assert.All(Enumerable.Range(0, 2 * Count), i => Assert.Equal(loaded.Contains(i), opened.Contains(i)));
            Assert.Empty(opened.Verify());
            Assert.InRange(SelfHits(opened), SelfHits(loaded) - 5, int.MaxValue);
            index.Repair();
        }
    }

    [Fact]
    public void ADamagedListAndOneOfAnotherImageAreRefused()
    {
        using var index = Build();
        var store = new MemoryImage();
        WriteImage(index);
        index.SaveChanges(store);
        index.Remove(3);
        index.SaveChanges(store);
        var changes = index.ImageChanges()!;
        for (var at = 0; at < changes.Length; at++)
        {
            changes[at] ^= (byte)(1 << at % 8);
            Assert.Throws<VectorIndexException>(() => Open(changes, store));
            changes[at] ^= (byte)(1 << at % 8);
        }

        Assert.Throws<VectorIndexException>(() => Open(changes[..^1], store));
        Assert.Throws<VectorIndexException>(() => Open([], store));
        using (var file = File.Create(ImagePath))
            Assert.True(index.TrySaveImage(file, [8]));
        Assert.Throws<VectorIndexException>(() => Open(changes, store));
    }

    // Each half of the upper ordinals has a writer of its own.
    private static void WriteUntil(HnswIndex index, Random random, int half, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var ordinal = Count / 2 + 2 * random.Next(Count / 2) + half;
            if (!index.TryAdd(ordinal, Row(ordinal)))
                index.Remove(ordinal);
        }
    }

    private static void Change(HnswIndex index, Random random, HashSet<int> live, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var ordinal = random.Next(2 * Count);
            if (live.Remove(ordinal))
                Assert.True(index.Remove(ordinal));
            else if (live.Add(ordinal))
                Assert.True(index.TryAdd(ordinal, Row(ordinal)));
        }
    }

    private VectorIndex Open(byte[] changes, MemoryImage store) => VectorIndex.OpenImage(Options(), ImagePath, changes, store, Reader());

    // The image before it may be mapped: the name is given to another file.
    private void WriteImage(HnswIndex index)
    {
        using (var file = File.Create(ImagePath + ".new"))
            Assert.True(index.TrySaveImage(file, Tie));
        File.Move(ImagePath + ".new", ImagePath, overwrite: true);
    }

    private static int SelfHits(VectorIndex index)
    {
        var hits = new VectorHit[1];
        var found = 0;
        for (var i = 0; i < 2 * Count; i += 7)
        {
            if (index.Contains(i) && index.Search(Row(i), hits, new VectorQueryOptions { Ef = 60 }) == 1 && hits[0].Ordinal == i)
                found++;
        }

        return found;
    }

    private static void AssertSame(VectorIndex a, VectorIndex b)
    {
        Assert.Equal(a.Count, b.Count);
        VectorHit[] first = new VectorHit[10],
            second = new VectorHit[10];
        for (var query = 0; query < 40; query++)
        {
            var found = a.Search(Row(31 * query), first, new VectorQueryOptions { Ef = 20 });
            Assert.Equal(found, b.Search(Row(31 * query), second, new VectorQueryOptions { Ef = 20 }));
            Assert.Equal(first[..found], second[..found]);
        }
    }

    private static ReadOnlySpan<float> Row(int i) => Rows.AsSpan(i * Dimension, Dimension);

    private static ArrayReader Reader() => new(Rows, Dimension);

    private static HnswIndex Build()
    {
        var index = new HnswIndex(Options(), Reader());
        index.AddRange(TestData.Ordinals(Count), Rows.AsMemory(0, Count * Dimension));
        return index;
    }

    private static VectorIndexOptions Options() =>
        new()
        {
            Dimension = Dimension,
            M = 6,
            EfConstruction = 30,
            BuildThreads = 1,
        };

    [Fact]
    public void AListNamesOrdinalsUpToTheLargestAndNoOthers()
    {
        (int, int)[] nodes = [(0, -1), (VectorIndex.MaxOrdinal, 0), (7, VectorIndex.MaxOrdinal)];
        var read = ImageChanges.Parse(new ImageChanges(Tie, nodes).ToBytes());
        Assert.Equal(nodes, read.Nodes);
        Assert.Equal(Tie, read.Tie);
        foreach (var none in new[] { (VectorIndex.MaxOrdinal + 1, 0), (-1, 0), (0, -2) })
        {
            var bytes = new ImageChanges(Tie, [none]).ToBytes();
            Assert.Throws<VectorIndexException>(() => ImageChanges.Parse(bytes));
        }
    }

    [Fact]
    public void AnIndexOfAFewVectorsHasAnImageAndAnEmptyOneHasNone()
    {
        using var index = new HnswIndex(Options(), Reader());
        using var stream = new MemoryStream();
        Assert.False(index.TrySaveImage(stream, Tie));
        Assert.Equal(0, stream.Length);
        for (var count = 1; count <= 3; count++)
        {
            index.Add(count - 1, Row(count - 1));
            Assert.True(index.TrySaveImage(stream, Tie));
        }
    }
}
