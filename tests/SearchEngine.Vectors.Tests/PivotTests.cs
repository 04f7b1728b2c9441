using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>Starting from pivots: vectors in many small groups, between which nothing tells a walk the way.</summary>
public class PivotTests
{
    private const int Count = 9000,
        Dimension = 192,
        Groups = 450,
        Queries = 60,
        Narrow = 10;

    // Members of a group are at about 67 degrees, others at 90.
    private const float Spread = 1.25f;
    private static readonly float[] Rows = TestData.Clustered(Count + Queries, Dimension, Groups, seed: 81, Spread);
    private static readonly float[] Base = Rows[..(Count * Dimension)];
    private static readonly float[] Asked = Rows[(Count * Dimension)..];

    [Theory]
    [InlineData(VectorQuantization.Int8, DistanceMetric.Cosine)]
    [InlineData(VectorQuantization.None, DistanceMetric.Euclidean)]
    [InlineData(VectorQuantization.Float16, DistanceMetric.DotProduct)]
    [InlineData(VectorQuantization.Int4, DistanceMetric.Cosine)]
    public void ANarrowWalkFromPivotsFindsMoreThanOneDownTheLayers(VectorQuantization quantization, DistanceMetric metric)
    {
        using var index = Build(quantization, metric);
        Assert.InRange(index.Pivots!.Nodes.Length, Groups / 4, Groups);
        var pivots = Recall(index, Narrow);
        index.Pivots = null;
        var layers = Recall(index, Narrow);
        Assert.True(pivots >= 0.9 && pivots >= layers + 0.05, $"recall {pivots} from pivots, {layers} down the layers");
    }

    [Fact]
    public void PivotsSurviveSavingAndLayingOutAnew()
    {
        using var index = Build(VectorQuantization.Int8, DistanceMetric.Cosine);
        var before = Recall(index, Narrow);
        index.Compact();
        Assert.NotNull(index.Pivots);
        Assert.Equal(before, Recall(index, Narrow));
        var image = new MemoryImage();
        index.SaveChanges(image);
        using var loaded = (HnswIndex)VectorIndex.Load(index.Options, image, null);
        Assert.NotNull(loaded.Pivots);
        Assert.InRange(Recall(loaded, Narrow), before - 0.03, 1);
    }

    [Fact]
    public void RemovedPivotsLeadNowhereWrong()
    {
        using var index = Build(VectorQuantization.Int8, DistanceMetric.Cosine);
        var gone = index.Pivots!.Nodes.ToArray();
        foreach (var pivot in gone)
            Assert.True(index.Remove(pivot));
        bool Live(int i) => index.Contains(i);
        var marked = TestData.Recall(index, Base, Asked, 10, new VectorQueryOptions { Ef = 60 }, Live);
        Assert.Equal(gone.Length, index.Repair());
        var repaired = TestData.Recall(index, Base, Asked, 10, new VectorQueryOptions { Ef = 60 }, Live);
        Assert.All(index.Pivots!.Nodes.ToArray(), node => Assert.True(index.Contains(node)));
        Assert.True(marked >= 0.9 && repaired >= 0.9, $"recall {marked} with the pivots removed, {repaired} after the repair");
        // Ordinals of pivots used again for vectors elsewhere.
        foreach (var pivot in index.Pivots!.Nodes.ToArray())
            index.Remove(pivot);
        for (var i = 0; i < gone.Length; i++)
            index.Add(gone[i], Base.AsSpan(gone[gone.Length - 1 - i] * Dimension, Dimension));
        index.Repair();
        Assert.Empty(index.Verify());
        var hits = new VectorHit[1];
        var found = 0;
        for (var i = 0; i < gone.Length; i++)
        {
            index.Search(Base.AsSpan(gone[gone.Length - 1 - i] * Dimension, Dimension), hits, default);
            found += hits[0].Ordinal == gone[i] ? 1 : 0;
        }
        Assert.InRange(found, gone.Length * 0.98, gone.Length);
    }

    [Fact]
    public void ASlackEndsEasySearchesEarly()
    {
        using var index = Build(VectorQuantization.Int8, DistanceMetric.Cosine);
        const int Wide = 120;
        double before = 0;
        var hopsBefore = 0;
        foreach (var slack in new[] { 0.001f, 0.05f, 0.2f, 0 })
        {
            var hops = 0;
            for (var q = 0; q < Queries; q++)
                hops += index.MeasureHops(Asked.AsSpan(q * Dimension, Dimension), Wide, 10, slack);
            var recall = TestData.Recall(index, Base, Asked, 10, new VectorQueryOptions { Ef = Wide, Slack = slack });
            Assert.True(
                recall >= before - 0.005 && hops > hopsBefore,
                $"slack {slack}: recall {recall} after {before}, {hops} hops after {hopsBefore}"
            );
            (before, hopsBefore) = (recall, hops);
        }
        Assert.True(before >= 0.9, $"recall {before}");
    }

    [Fact]
    public void TheBoundIsBeyondTheWorstWantedResultForDistancesOfAnySign()
    {
        float[] distances = [-3, -2, -1];
        unsafe
        {
            var entries = stackalloc ulong[4];
            var beam = new Beam(entries, 3);
            var stop = new StopRule(2, 0.5f, 0.25f);
            beam.Insert(distances[0], 0);
            Assert.Equal(float.PositiveInfinity, stop.Bound(beam));
            beam.Insert(distances[1], 1);
            beam.Insert(distances[2], 2);
            Assert.Equal(-2 + 1 + 0.25f, stop.Bound(beam));
            Assert.Equal(float.PositiveInfinity, default(StopRule).Bound(beam));
        }
    }

    [Fact]
    public void RejectsASlackThatIsNone()
    {
        using var index = Build(VectorQuantization.Int8, DistanceMetric.Cosine);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            index.Search(Asked.AsSpan(0, Dimension), new VectorHit[1], new VectorQueryOptions { Slack = -1 })
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            index.Search(Asked.AsSpan(0, Dimension), new VectorHit[1], new VectorQueryOptions { Slack = float.NaN })
        );
    }

    private static double Recall(HnswIndex index, int ef) => TestData.Recall(index, Base, Asked, 10, new VectorQueryOptions { Ef = ef });

    private static HnswIndex Build(VectorQuantization quantization, DistanceMetric metric)
    {
        var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Metric = metric,
                Quantization = quantization,
                M = 8,
                EfConstruction = 60,
                PivotsFrom = 4096,
            },
            null
        );
        index.AddRange(TestData.Ordinals(Count), Base, 1);
        return index;
    }
}
