using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>Laying nodes out anew moves memory and nothing else.</summary>
public class CompactTests
{
    private const int Count = 3000;
    private const int Dimension = 32;

    [Theory]
    [InlineData(VectorQuantization.Int8, true)]
    [InlineData(VectorQuantization.Int4, false)]
    [InlineData(VectorQuantization.Binary, true)]
    public void AnswersAndImagesStayTheSame(VectorQuantization quantization, bool own)
    {
        var rows = TestData.Clustered(2 * Count, Dimension, 30, seed: 61);
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Metric = DistanceMetric.Euclidean,
            Quantization = quantization,
            EfConstruction = 60,
        };
        IVectorReader? reader = own ? null : new ArrayReader(rows, Dimension);
        using var index = new HnswIndex(options, reader);
        index.AddRange(TestData.Ordinals(Count), rows.AsMemory(0, Count * Dimension), 1);
        var before = new MemoryImage();
        index.SaveChanges(before);
        var filter = new OrdinalSet(Count);
        for (var i = 0; i < Count; i += 2)
            filter.Add(i);
        var answers = Answers(index, rows, filter);
        index.Add(Count, rows.AsSpan(Count * Dimension, Dimension));
        index.Remove(Count);
        index.Compact();
        Assert.Empty(index.Verify());
        // Equal distances may change places.
        Assert.Equal(
            answers.SelectMany(x => x).Select(x => x.Distance),
            Answers(index, rows, filter).SelectMany(x => x).Select(x => x.Distance)
        );
        Assert.True(answers.SelectMany(x => x).Zip(Answers(index, rows, filter).SelectMany(x => x)).Count(p => p.First != p.Second) < 10);

        // Twice is no different, changes go on as before, and what is saved speaks in ordinals.
        index.Compact();
        for (var i = 0; i < Count; i += 3)
            Assert.True(index.Remove(i));
        Assert.False(index.Contains(3));
        index.Repair();
        for (var i = 0; i < Count; i += 3)
            index.Add(i, rows.AsSpan(i * Dimension, Dimension));
        for (var i = Count; i < 2 * Count; i++)
            index.Add(i, rows.AsSpan(i * Dimension, Dimension));
        Assert.Empty(index.Verify());
        index.Compact();
        index.SaveChanges(before);
        using var loaded = VectorIndex.Load(options, before, reader);
        Assert.Empty(loaded.Verify());
        Assert.Equal(2 * Count, loaded.Count);
        var first = new VectorHit[10];
        var second = new VectorHit[10];
        for (var q = 0; q < 50; q++)
        {
            index.Search(rows.AsSpan(q * Dimension, Dimension), first, new VectorQueryOptions { Ef = 60 });
            loaded.Search(rows.AsSpan(q * Dimension, Dimension), second, new VectorQueryOptions { Ef = 60 });
            Assert.Equal(first.Select(h => h.Distance), second.Select(h => h.Distance));
        }
    }

    [Fact]
    public async Task RunsBesideSearchesAndChanges()
    {
        var rows = TestData.Clustered(Count, Dimension, 30, seed: 62);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Metric = DistanceMetric.Euclidean,
                EfConstruction = 40,
            },
            null
        );
        index.AddRange(TestData.Ordinals(Count / 2), rows.AsMemory(0, Count / 2 * Dimension), 1);
        using var stop = new CancellationTokenSource();
        var insert = Task.Run(() =>
        {
            for (var i = Count / 2; i < Count; i++)
                index.Add(i, rows.AsSpan(i * Dimension, Dimension));
        });
        var search = Task.Run(() =>
        {
            var hits = new VectorHit[1];
            for (var q = 0; !stop.IsCancellationRequested; q = (q + 1) % 100)
            {
                index.Search(rows.AsSpan(q * Dimension, Dimension), hits, new VectorQueryOptions { Ef = 20 });
                Assert.Equal(q, hits[0].Ordinal);
                Assert.True(index.Contains(q));
            }
        });
        while (!insert.IsCompleted)
            index.Compact();
        await insert;
        await stop.CancelAsync();
        await search;
        Assert.Empty(index.Verify());
        Assert.Equal(Count, index.Count);
    }

    // Plain and filtered, by the graph and by the scan.
    private static VectorHit[][] Answers(HnswIndex index, float[] rows, OrdinalSet filter)
    {
        var answers = new List<VectorHit[]>();
        for (var q = 0; q < 40; q++)
        {
            foreach (var ef in new[] { 20, 60_000 })
            {
                foreach (var admitted in new[] { null, filter })
                {
                    var hits = new VectorHit[10];
                    Assert.Equal(
                        10,
                        index.Search(rows.AsSpan(q * Dimension, Dimension), hits, new VectorQueryOptions { Ef = ef, Filter = admitted })
                    );
                    answers.Add(hits);
                }
            }
        }
        return [.. answers];
    }
}
