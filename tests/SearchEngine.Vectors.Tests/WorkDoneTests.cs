using System.Buffers;
using System.Collections.Concurrent;
using SearchEngine.Vectors.Hnsw;
using SearchEngine.Vectors.Memory;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>How much is done, on which threads and with how much memory, where that is a promise: counted, never timed.</summary>
public sealed unsafe class WorkDoneTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("work-done-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What the caller asks for counts, and what the index is configured for where he asks for nothing.</summary>
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(4, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(3, 0, 3)]
    [InlineData(1, 3, 3)]
    public void VectorsAreAddedOnAsManyThreadsAsAreAskedFor(int configured, int asked, int expected)
    {
        const int Dimension = 4,
            Count = 2000;
        using var rows = new WatchedRows(TestData.Clustered(Count, Dimension, 10, seed: 1));
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                M = 4,
                EfConstruction = 10,
                BuildThreads = configured,
            },
            null
        );
        index.AddRange(TestData.Ordinals(Count), rows.Memory, asked, TestContext.Current.CancellationToken);
        Assert.Equal(Count, index.Count);

        // The first vectors are added by the caller, also where threads of their own take the others.
        var others = rows.Threads.Keys.Except([Environment.CurrentManagedThreadId]).Count();
        Assert.InRange(others, expected == 1 ? 0 : 1, expected == 1 ? 0 : expected);
    }

    /// <summary>At a thousand vectors the mean is known well enough to encode by, at ten thousand well; every node is stored anew then.</summary>
    [Fact]
    public void CodesAreFittedAtAThousandVectorsAndAtTenThousandAndNotBetween()
    {
        const int Dimension = 8,
            Few = 500;
        var rows = TestData.Clustered(10_100, Dimension, 10, seed: 2);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Quantization = VectorQuantization.Binary,
                M = 4,
                EfConstruction = 8,
            },
            null
        );
        var store = new MemoryImage();
        Assert.InRange(WritesAfterAdding(998), 998, Few + 998);
        Assert.InRange(WritesAfterAdding(999), 1, Few);
        Assert.InRange(WritesAfterAdding(1000), 1000, Few + 1000);
        Assert.InRange(WritesAfterAdding(1001), 1, Few);
        WritesAfterAdding(9_998);
        Assert.InRange(WritesAfterAdding(9_999), 1, Few);
        Assert.InRange(WritesAfterAdding(10_000), 10_000, Few + 10_000);
        Assert.InRange(WritesAfterAdding(10_001), 1, Few);
        Assert.InRange(WritesAfterAdding(10_002), 1, Few);

        int WritesAfterAdding(int count)
        {
            var before = store.Writes;
            for (var i = index.Count; i < count; i++)
                index.Add(i, rows.AsSpan(i * Dimension, Dimension));
            index.SaveChanges(store);
            return store.Writes - before;
        }
    }

    [Fact]
    public void WhatIsReadOfAMappedFileIsCheckedAndNoPageBeside()
    {
        const int Pages = 5,
            Bytes = MappedPages.PageBytes;
        var path = Path.Combine(_folder, "pages");
        var content = new byte[Pages * Bytes];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(path, content);
        ulong[] sums = [.. Enumerable.Range(0, Pages).Select(page => MappedPages.SumOf(content.AsSpan(page * Bytes, Bytes)))];
        // All but the one page that is asked for are damaged.
        foreach (
            var (at, length, page) in new[]
            {
                (0, 1, 0),
                (0, Bytes, 0),
                (Bytes, Bytes, 1),
                (2 * Bytes - 1, 1, 1),
                (3 * Bytes - 9, 9, 2),
                (4 * Bytes, Bytes, 4),
                (5 * Bytes - 1, 1, 4),
            }
        )
        {
            using var mapped = new MappedPages(path);
            mapped.Expect([.. sums.Select((sum, i) => i == page ? sum : ~sum)]);
            mapped.Check(mapped.Pointer + at, length);
            Assert.Equal(1, mapped.SoundPages);
        }

        using var all = new MappedPages(path);
        all.Expect(sums);
        all.Check(all.Pointer + Bytes - 1, Bytes + 2);
        Assert.Equal(3, all.SoundPages);
        all.Check(all.Pointer + Bytes * 2, Bytes + 1);
        Assert.Equal(4, all.SoundPages);
    }

    /// <summary>A set that is made anew for a larger graph has room for a quarter more: it is not made anew for every vector.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public void ASetOfVisitedNodesHasRoomForAGraphThatGrowsByAQuarter(int nodes)
    {
        using var visited = new VisitedSet();
        visited.Ensure(nodes);
        var (capacity, bits) = (visited.Capacity, (nint)visited.Bits);
        Assert.InRange(capacity, nodes, nodes + nodes / 4 + 1024);
        visited.Ensure(nodes + nodes / 4);
        Assert.Equal((capacity, bits), (visited.Capacity, (nint)visited.Bits));
        visited.Ensure(capacity + 1);
        Assert.InRange(visited.Capacity, capacity + 1, int.MaxValue);
    }

    /// <summary>Floats that note which threads come for them.</summary>
    private sealed class WatchedRows(float[] rows) : MemoryManager<float>
    {
        public ConcurrentDictionary<int, bool> Threads { get; } = [];

        public override Span<float> GetSpan()
        {
            Threads[Environment.CurrentManagedThreadId] = true;
            return rows;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => rows.AsMemory(elementIndex).Pin();

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
