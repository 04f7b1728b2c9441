using SearchEngine.Vectors.Flat;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>The first n hits of a search are the same however many are asked for.</summary>
public class PagingTests
{
    private const int Dimension = 32;
    private const int Pages = 20;
    private const int PageSize = 10;

    public static TheoryData<DistanceMetric, VectorQuantization> Kinds => HnswIndexTests.Kinds();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PagesAreSlicesOfOneSearch(DistanceMetric metric, VectorQuantization quantization)
    {
        const int Count = 6000;
        var rows = TestData.Clustered(Count, Dimension, 60, seed: 91);
        // A fifth of the vectors have twins, so that equal distances lie on both sides of every page's end.
        for (var i = 0; i < Count / 5; i++)
        {
            rows.AsSpan(i * Dimension, Dimension).CopyTo(rows.AsSpan((Count - 1 - i) * Dimension, Dimension));
        }

        var half = Filter(Count, 2);
        var tenth = Filter(Count, 10);
        var nearest = Filter(Count, 60);
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Metric = metric,
            Quantization = quantization,
            M = 8,
            EfConstruction = 60,
            EfSearch = 32,
            PivotsFrom = 1000,
            BuildThreads = 2,
        };
        using var index = new HnswIndex(options, new ArrayReader(rows, Dimension));
        index.AddRange(TestData.Ordinals(Count), rows);
        AssertPages(index, rows, [null, half, tenth, nearest]);
        for (var i = 0; i < Count; i += 7)
        {
            index.Remove(i);
        }

        AssertPages(index, rows, [null, half]);
        index.Compact();
        AssertPages(index, rows, [null, tenth]);
    }

    [Theory]
    [InlineData(DistanceMetric.Cosine)]
    [InlineData(DistanceMetric.Euclidean)]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Hamming)]
    public void PagesOfAFlatIndexAreSlicesOfOneSearch(DistanceMetric metric)
    {
        const int Count = 3000;
        var rows = TestData.Clustered(Count, Dimension, 60, seed: 92);
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = MathF.Round(rows[i]);
        }

        using var index = new FlatIndex(new VectorIndexOptions { Dimension = Dimension, Metric = metric });
        index.AddRange(TestData.Ordinals(Count), rows);
        AssertPages(index, rows, [null, Filter(Count, 3)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(3000)]
    public void ASearchForAllGivesAll(int ef)
    {
        const int Count = 3000;
        var rows = TestData.Clustered(Count, Dimension, 30, seed: 93);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                M = 4,
                EfConstruction = 20,
            },
            null
        );
        index.AddRange(TestData.Ordinals(Count), rows, 2);
        var hits = new VectorHit[Count + 5];
        var n = index.Search(rows.AsSpan(0, Dimension), hits, new VectorQueryOptions { Ef = ef });
        Assert.Equal(TestData.Ordinals(Count), hits.Take(n).Select(h => h.Ordinal).Order());
        var filter = Filter(Count, 7);
        n = index.Search(rows.AsSpan(0, Dimension), hits, new VectorQueryOptions { Ef = ef, Filter = filter });
        Assert.Equal(TestData.Ordinals(Count).Where(filter.Contains), hits.Take(n).Select(h => h.Ordinal).Order());
    }

    [Fact]
    public void EveryBlockIsSortedAndDeepPagesFindTheTrueNeighbours()
    {
        const int Count = 12_000,
            Deep = 200;
        var rows = TestData.Clustered(Count, Dimension, 40, seed: 94);
        using var index = new HnswIndex(new VectorIndexOptions { Dimension = Dimension, BuildThreads = 2 }, null);
        index.AddRange(TestData.Ordinals(Count), rows);
        var hits = new VectorHit[Deep];
        double found = 0;
        for (var q = 0; q < 20; q++)
        {
            var query = rows.AsSpan(q * Dimension, Dimension);
            Assert.Equal(Deep, index.Search(query, hits, default));
            // The ends of the blocks for the default beam of 64.
            foreach (var (from, to) in new[] { (0, 10), (10, 25), (25, 50), (50, 100), (100, 200) })
            {
                for (var i = from + 1; i < to; i++)
                {
                    Assert.True(hits[i - 1].Distance <= hits[i].Distance, $"query {q}: hit {i} is nearer than the one before");
                }
            }

            found += TestData.Nearest(DistanceMetric.Cosine, rows, Dimension, query, Deep).Intersect(hits.Select(h => h.Ordinal)).Count();
        }

        // Beams are half as wide again as what they give: what a search for 200 with a beam of 200 would miss is mostly there.
        Assert.True(found / (20 * Deep) >= 0.97, $"recall {found / (20 * Deep)}");
    }

    private static OrdinalSet Filter(int count, int every)
    {
        var filter = new OrdinalSet(count);
        for (var i = every / 2; i < count; i += every)
        {
            filter.Add(i);
        }

        return filter;
    }

    private static void AssertPages(VectorIndex index, float[] rows, OrdinalSet?[] filters)
    {
        VectorQueryOptions[] shapes =
        [
            default,
            new() { Ef = 12 },
            new() { Ef = 200 },
            new() { Ef = 100, Slack = 0.05f },
            new() { Rerank = -1 },
            new() { Rerank = 50 },
        ];
        var all = new VectorHit[Pages * PageSize];
        var part = new VectorHit[Pages * PageSize];
        foreach (var filter in filters)
        {
            for (var q = 0; q < shapes.Length * 2; q++)
            {
                var query = rows.AsSpan(q * 37 * Dimension, Dimension);
                var options = shapes[q % shapes.Length] with { Filter = filter };
                var found = index.Search(query, all, options);
                Assert.Equal(
                    Math.Min(
                        all.Length,
                        filter is null
                            ? index.Count
                            : Enumerable.Range(0, rows.Length / Dimension).Count(i => filter.Contains(i) && index.Contains(i))
                    ),
                    found
                );
                Assert.Equal(found, all.Take(found).Select(h => h.Ordinal).Distinct().Count());
                Assert.All(all.Take(found), h => Assert.True(filter is null || filter.Contains(h.Ordinal)));
                foreach (var wanted in new[] { 1, 2, 9, 10, 11, 12, 31, 32, 33, 50, 64, 65, 100, 129, 190 })
                {
                    var n = index.Search(query, part.AsSpan(0, wanted), options);
                    Assert.Equal(Math.Min(wanted, found), n);
                    Assert.Equal(all.Take(n), part.Take(n));
                }
            }
        }
    }
}
