using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>One small build and search per quantizer: what every instruction set has to manage.</summary>
public class QuickRecallTests
{
    [Theory]
    [InlineData(VectorQuantization.None, 0.97)]
    [InlineData(VectorQuantization.Float16, 0.97)]
    [InlineData(VectorQuantization.Int8, 0.97)]
    [InlineData(VectorQuantization.Int4, 0.95)]
    // One bit orders the points of a cluster only roughly, and a beam of 24 does not oversample enough to make up for it.
    [InlineData(VectorQuantization.Binary, 0.35)]
    public void SearchesASmallCollection(VectorQuantization quantization, double wanted)
    {
        const int Count = 1200,
            Dimension = 128;
        var rows = TestData.Clustered(Count, Dimension, 12, seed: 21);
        using var index = new HnswIndex(
            new VectorIndexOptions
            {
                Dimension = Dimension,
                Quantization = quantization,
                EfConstruction = 60,
            },
            null
        );
        index.AddRange(TestData.Ordinals(Count), rows, 1);
        // A beam this narrow makes the graph the cheaper way.
        var recall = TestData.Recall(index, rows, rows[..(20 * Dimension)], 10, new VectorQueryOptions { Ef = 24 });
        Assert.True(recall >= wanted, $"recall {recall}");
    }
}
