using SearchEngine.Vectors.Flat;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>The ends of what an index takes: dimensions, values, and the recall that is asked for.</summary>
public class RangeTests
{
    [Theory]
    [InlineData(VectorIndexOptions.MinDimension)]
    [InlineData(3)]
    [InlineData(65)]
    [InlineData(VectorIndexOptions.MaxDimension)]
    public void TakesEveryDimension(int dimension)
    {
        const int Count = 60;
        var rows = TestData.Clustered(Count, dimension, 4, seed: 71);
        foreach (var quantization in Enum.GetValues<VectorQuantization>())
        {
            var options = new VectorIndexOptions
            {
                Dimension = dimension,
                Metric = DistanceMetric.Euclidean,
                Quantization = quantization,
                M = 4,
                EfConstruction = 40,
            };
            using var index = new HnswIndex(options, null);
            index.AddRange(TestData.Ordinals(Count), rows, 1);
            var image = new MemoryImage();
            index.SaveChanges(image);
            using var loaded = VectorIndex.Load(options, image, null);
            Assert.Empty(loaded.Verify());
            var hits = new VectorHit[3];
            for (var i = 0; i < Count; i++)
            {
                Assert.Equal(3, loaded.Search(rows.AsSpan(i * dimension, dimension), hits, default));
                Assert.Equal(0, hits[0].Distance, 1e-2 * Math.Sqrt(dimension));
            }
        }
        using var flat = new FlatIndex(new VectorIndexOptions { Dimension = dimension });
        flat.Add(0, rows.AsSpan(0, dimension));
        Assert.Equal(1, flat.Search(rows.AsSpan(0, dimension), new VectorHit[2], default));
    }

    public static TheoryData<DistanceMetric, bool> Kinds()
    {
        var kinds = new TheoryData<DistanceMetric, bool>();
        foreach (var metric in Enum.GetValues<DistanceMetric>())
        {
            kinds.Add(metric, false);
            if (metric is not (DistanceMetric.Manhattan or DistanceMetric.Hamming))
                kinds.Add(metric, true);
        }
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RefusesWhatIsNoNumberAndTakesZeroWhereItHasAMeaning(DistanceMetric metric, bool graph)
    {
        var options = new VectorIndexOptions { Dimension = 4, Metric = metric };
        using VectorIndex index = graph ? new HnswIndex(options, null) : new FlatIndex(options);
        index.Add(0, [1, 2, 3, 4]);
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            Assert.Throws<ArgumentException>(() => index.Add(1, [1, bad, 3, 4]));
            Assert.Throws<ArgumentException>(() => index.Search([1, bad, 3, 4], new VectorHit[1], default));
        }
        if (metric == DistanceMetric.Cosine)
        {
            Assert.Throws<ArgumentException>(() => index.Add(1, new float[4]));
            Assert.Throws<ArgumentException>(() => index.Search(new float[4], new VectorHit[1], default));
            Assert.Equal(1, index.Count);
            return;
        }
        index.Add(1, new float[4]);
        var hits = new VectorHit[2];
        Assert.Equal(2, index.Search(new float[4], hits, default));
        Assert.All(hits, hit => Assert.True(float.IsFinite(hit.Distance)));
        if (metric != DistanceMetric.DotProduct)
            Assert.Equal(new VectorHit(1, 0), hits[0]);
    }

    [Theory]
    [InlineData(VectorQuantization.Int8)]
    [InlineData(VectorQuantization.Binary)]
    public void AWantedRecallSetsTheBeam(VectorQuantization quantization)
    {
        const int Count = 4000,
            Dimension = 64;
        var rows = TestData.Clustered(Count, Dimension, 40, seed: 72);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Quantization = quantization,
                M = 8,
                EfConstruction = 60,
            },
            null
        );
        Assert.Equal(default, index.OptionsForRecall(0.9));
        index.AddRange(TestData.Ordinals(Count), rows, 1);
        VectorQueryOptions low = index.OptionsForRecall(0.7, samples: 50),
            high = index.OptionsForRecall(0.97, samples: 50);
        Assert.InRange(low.Ef, 10, high.Ef);
        var others = rows[(100 * Dimension)..(160 * Dimension)];
        var reached = TestData.Recall(index, rows, others, 10, high);
        // On other vectors than those that were asked: within what 50 samples of 10 neighbours tell.
        Assert.True(reached >= 0.95, $"{reached} with ef {high.Ef}");
        Assert.Throws<ArgumentOutOfRangeException>(() => index.OptionsForRecall(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.OptionsForRecall(1.5));
    }
}
