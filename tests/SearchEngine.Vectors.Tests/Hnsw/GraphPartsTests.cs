using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

/// <summary>Walker, linker, keeper and healer on graphs laid by hand.</summary>
public unsafe class GraphPartsTests
{
    [Fact]
    public void AWalkFollowsLinksToTheNearest()
    {
        using var plane = Line(40);
        plane.Ask(33.2f, 0);
        var beam = plane.Scratch.BeamOf(0, 4);
        beam.Insert(LayerWalker.ScoreOne(plane.Scratch, plane.Scratch.Query, 0), 0);
        var hops = plane.Parts.Walker.SearchLayer(plane.Scratch, plane.Scratch.Query, ref beam, 0);
        Assert.Equal([33, 34, 32, 35], Enumerable.Range(0, 4).Select(i => beam.Id(i)));
        Assert.InRange(hops, 34, 40);
        // In a wider beam it goes on where it was, and visits nothing twice.
        var wider = plane.Scratch.BeamOf(1, 4, 10);
        plane.Scratch.Visited.Clear();
        wider.Insert(LayerWalker.ScoreOne(plane.Scratch, plane.Scratch.Query, 0), 0);
        var first = plane.Parts.Walker.SearchLayer(plane.Scratch, plane.Scratch.Query, ref wider, 0);
        wider.Widen(10);
        Assert.InRange(first + plane.Parts.Walker.SearchLayer(plane.Scratch, plane.Scratch.Query, ref wider, 0), 36, 40);
        Assert.Equal([29, 30, 31, 32, 33, 34, 35, 36, 37, 38], Enumerable.Range(0, 10).Select(i => wider.Id(i)).Order());
    }

    [Fact]
    public void AWalkEndsAtItsBound()
    {
        using var plane = Line(40);
        plane.Ask(0, 0);
        var beam = plane.Scratch.BeamOf(0, 30);
        beam.Insert(0, 0);
        Assert.InRange(plane.Parts.Walker.SearchLayer(plane.Scratch, plane.Scratch.Query, ref beam, 0, new StopRule(3, 0, 0)), 3, 5);
    }

    [Fact]
    public void ALinkBackToAFullRowKeepsTheDiverseAndTheChildren()
    {
        // M = 2: rows of four. The node at the origin has four links, the farthest of them its child.
        using var plane = new PlaneGraph(2, (0, 0), (2, 0), (-2, 0), (0, 2), (9, 9), (0, -1));
        plane.Link(0, 1, 2, 3, 4);
        plane.Parts.Graph.SetParent(4, 0);
        Assert.True(plane.Parts.Linker.LinkBack(plane.Scratch, 0, 5, 0, adopt: true, maxChildren: 2));
        var links = plane.Links(0);
        Assert.Contains(5, links);
        Assert.Contains(4, links);
        Assert.Equal(4, links.Length);
        Assert.Equal(0, plane.Parts.Graph.Parent(5));
        // With two children there is no room for a third.
        Assert.False(plane.Parts.Linker.LinkBack(plane.Scratch, 0, 1, 0, adopt: true, maxChildren: 2));
    }

    [Fact]
    public void ATreeIsPlantedAndWhatNothingLinksToIsAdopted()
    {
        using var plane = new PlaneGraph(4, (0, 0), (1, 0), (2, 0), (50, 0), (51, 0));
        plane.Link(0, 1);
        plane.Link(1, 2);
        plane.Link(3, 4);
        Assert.Equal(3, plane.Parts.Keeper.Reached().Count);
        plane.Parts.Keeper.PlantTree(plane.Scratch);
        Assert.Equal(5, plane.Parts.Keeper.Reached().Count);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(plane.Parts.Graph.Parent));
        Assert.All(Enumerable.Range(3, 2), node => Assert.True(plane.Parts.Graph.Parent(node) >= 0));
        Assert.Empty(new HnswVerifier(plane.Parts.Graph, plane.Parts.Map, plane.Parts.Keeper).Verify(10));
    }

    [Fact]
    public void NeighboursOfADeadNodeAreLinkedToWhatLiesBehindIt()
    {
        using var plane = Line(5);
        var dead = new OrdinalSet(5);
        dead.Add(2);
        plane.Parts.Graph.TryChange(2, NodeState.Live, NodeState.Dying);
        foreach (var node in new[] { 1, 3 })
        {
            plane.Parts.Healer.Heal(plane.Scratch, node, 0, dead, single: -1);
        }

        Assert.Equal([0, 3], plane.Links(1).Order());
        Assert.Equal([1, 4], plane.Links(3).Order());
        // A row that held no dead node stays as it is.
        plane.Parts.Healer.Heal(plane.Scratch, 0, 0, dead, single: -1);
        Assert.Equal([1], plane.Links(0));
    }

    [Fact]
    public void TheVerifierNamesWhatIsWrong()
    {
        using var plane = Line(4);
        plane.Link(0, 0, 1, 1);
        plane.Link(2, 3);
        plane.Link(1, 0);
        var problems = string.Join('\n', new HnswVerifier(plane.Parts.Graph, plane.Parts.Map, plane.Parts.Keeper).Verify(10));
        Assert.Contains("Node 0, layer 0: links to itself", problems, StringComparison.Ordinal);
        Assert.Contains("links to 1 twice", problems, StringComparison.Ordinal);
        Assert.Contains("Node 2 cannot be reached", problems, StringComparison.Ordinal);
    }

    [Fact]
    public void TheOrderOfMemoryIsAWalkInDepthToTheNearestNotYetPlaced()
    {
        const int Count = 120,
            M = 3;
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            using var plane = new PlaneGraph(M, [.. Enumerable.Range(0, Count).Select(_ => (random.NextSingle(), random.NextSingle()))]);
            // Some rows are full, some empty, and what nothing links to begins a walk of its own.
            for (var node = 0; node < Count; node++)
                plane.Link(node, [.. Enumerable.Range(0, random.Next(2 * M + 1)).Select(_ => random.Next(Count)).Distinct()]);
            plane.Parts.Graph.Entry = random.Next(Count);
            var expected = new List<int>();
            Walk(plane.Parts.Graph.EntryNode);
            for (var node = 0; node < Count; node++)
                Walk(node);
            Assert.Equal(expected, GraphOrder.Of(plane.Parts.Graph));

            void Walk(int node)
            {
                if (expected.Contains(node))
                    return;
                expected.Add(node);
                foreach (var next in plane.Links(node))
                    Walk(next);
            }
        }
    }

    [Fact]
    public void PivotsAreToldApartAboutTheMeanOfTheLive()
    {
        (float X, float Y)[] points = [(100, 50), (101, 50), (100, 52), (103, 54), (5_000, 5_000)];
        using var plane = new PlaneGraph(2, points);
        plane.Parts.Graph.TryChange(4, NodeState.Live, NodeState.Removed);
        var pivots = new PivotChooser(plane.Parts.Graph, plane.Parts.Walker, 2).Choose(plane.Scratch).Build(4, 100)!;
        Assert.Equal([0, 1, 2, 3], pivots.Nodes.ToArray());
        Assert.Equal(101, pivots.Centre[0], 0.001f);
        Assert.Equal(51.5f, pivots.Centre[1], 0.001f);
    }

    // Nodes at (0, 0), (1, 0), … each linked to the one before and the one behind.
    private static PlaneGraph Line(int count)
    {
        var plane = new PlaneGraph(4, [.. Enumerable.Range(0, count).Select(i => ((float)i, 0f))]);
        for (var node = 0; node < count; node++)
        {
            plane.Link(node, [.. new[] { node - 1, node + 1 }.Where(n => n >= 0 && n < count)]);
        }

        return plane;
    }
}
