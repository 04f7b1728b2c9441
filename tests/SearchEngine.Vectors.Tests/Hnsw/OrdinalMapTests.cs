using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public class OrdinalMapTests
{
    [Fact]
    public void FollowsEveryRenumbering()
    {
        var map = new OrdinalMap();
        Assert.True(map.IsIdentity);
        Assert.Equal(7, map.NodeOf(7));
        // Ordinal i of the model lies at node model[i].
        var model = Enumerable.Range(0, 20).ToArray();
        var random = new Random(3);
        for (var round = 0; round < 3; round++)
        {
            var order = Enumerable.Range(0, 20).ToArray();
            random.Shuffle(order);
            map.Renumber(order);
            model = [.. model.Select(node => Array.IndexOf(order, node))];
            Assert.Equal(model, Enumerable.Range(0, 20).Select(map.NodeOf));
            Assert.Equal(Enumerable.Range(0, 20), model.Select(map.OrdinalOf));
        }

        Assert.Equal(20, map.NodeOf(20));
        VectorHit[] hits = [new(model[4], 1), new(25, 2)];
        map.Translate(hits);
        Assert.Equal([new VectorHit(4, 1), new VectorHit(25, 2)], hits);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void ComesBackAsItWasSaved(int renumbered)
    {
        var map = new OrdinalMap();
        if (renumbered > 0)
            map.Renumber([.. Enumerable.Range(0, renumbered).Reverse()]);
        using var stream = new MemoryStream();
        map.SaveState(new BinaryWriter(stream));
        stream.Position = 0;
        var loaded = new OrdinalMap();
        loaded.LoadState(new BinaryReader(stream));

        Assert.Equal(renumbered == 0, loaded.IsIdentity);
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(map.NodeOf(i), loaded.NodeOf(i));
            Assert.Equal(map.OrdinalOf(i), loaded.OrdinalOf(i));
        }
    }
}
