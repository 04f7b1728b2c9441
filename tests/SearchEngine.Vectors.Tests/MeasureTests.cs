using SearchEngine.Vectors.Flat;
using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>Measured distances are those that a search over everything gives, whoever holds the vectors and wherever nodes lie.</summary>
public class MeasureTests
{
    private const int Count = 700;
    private const int Dimension = 24;

    public static TheoryData<DistanceMetric, bool, VectorQuantization, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<DistanceMetric, bool, VectorQuantization, bool>();
            foreach (var metric in Enum.GetValues<DistanceMetric>())
                kinds.Add(metric, false, VectorQuantization.None, true);
            foreach (var metric in new[] { DistanceMetric.Cosine, DistanceMetric.DotProduct, DistanceMetric.Euclidean })
            {
                kinds.Add(metric, true, VectorQuantization.None, true);
                kinds.Add(metric, true, VectorQuantization.Int8, true);
                kinds.Add(metric, true, VectorQuantization.Int8, false);
                kinds.Add(metric, true, VectorQuantization.Binary, false);
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void DistancesAreExactAndWhatIsGoneHasNone(DistanceMetric metric, bool graph, VectorQuantization quantization, bool own)
    {
        var rows = TestData.Clustered(Count, Dimension, 12, seed: 17);
        var options = new VectorIndexOptions
        {
            Dimension = Dimension,
            Metric = metric,
            Quantization = quantization,
        };
        IVectorReader? reader = own ? null : new ArrayReader(rows, Dimension);
        using VectorIndex index = graph ? new HnswIndex(options, reader) : new FlatIndex(options, reader);
        index.AddRange(TestData.Ordinals(Count), rows, 1);
        for (var i = 0; i < Count; i += 5)
            index.Remove(i);
        Check();
        // Nodes move, ordinals do not.
        index.Compact();
        Check();

        void Check()
        {
            var query = rows.AsSpan(3 * Dimension, Dimension).ToArray();
            query[0] += 0.25f;
            int[] ordinals = [Count - 1, 3, 0, 7, 7, Count, 5_000, 12, -1, .. Enumerable.Range(20, 100)];
            var distances = new float[ordinals.Length + 1];
            distances[^1] = 77;
            index.Measure(query, ordinals, distances);
            Assert.Equal(77, distances[^1]);
            for (var i = 0; i < ordinals.Length; i++)
            {
                if (ordinals[i] is < 0 or >= Count || ordinals[i] % 5 == 0)
                    Assert.True(float.IsNaN(distances[i]), $"ordinal {ordinals[i]}");
                else
                    Assert.Equal(TestData.Distance(metric, query, rows.AsSpan(ordinals[i] * Dimension, Dimension)), distances[i], 1e-4);
            }
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var index = new FlatIndex(new VectorIndexOptions { Dimension = 2 });
        index.Add(0, [1, 0]);
        Assert.Throws<ArgumentException>(() => index.Measure([1, 0, 0], [0], new float[1]));
        Assert.Throws<ArgumentException>(() => index.Measure([0, 0], [0], new float[1]));
        Assert.Throws<ArgumentException>(() => index.Measure([1, 0], [0, 0], new float[1]));
    }
}
