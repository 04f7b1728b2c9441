using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public class ExactDistancesTests
{
    [Fact]
    public void ItHoldsWhatADictionaryHoldsAndNothingAfterItWasCleared()
    {
        var random = new Random(31);
        var known = new ExactDistances();
        Assert.False(known.TryGet(1, out _));
        for (var search = 0; search < 50; search++)
        {
            known.Clear();
            var model = new Dictionary<int, float>();
            for (var i = 0; i < search * 40; i++)
            {
                // Nodes in a row as well as far apart, some again.
                var node = random.Next(2) == 0 ? random.Next(1000) : random.Next(int.MaxValue);
                Assert.Equal(model.TryGetValue(node, out var expected), known.TryGet(node, out var found));
                Assert.Equal(expected, found);
                known.Add(node, model[node] = random.NextSingle());
            }

            foreach (var (node, distance) in model)
            {
                Assert.True(known.TryGet(node, out var found));
                Assert.Equal(distance, found);
            }
        }
    }
}
