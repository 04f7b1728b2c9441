using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public unsafe class NeighborSelectorTests
{
    [Fact]
    public void ACandidateNearerToOneThatIsKeptIsLeftOut()
    {
        // From the origin: 0 and 1 lie behind each other, 2 on the other side, 3 is 2's twin, 4 is far away on its own side.
        using var plane = new PlaneGraph(4, (1, 0), (1.5f, 0.1f), (-2, 0), (-2, 0), (0, 5));
        plane.Ask(0, 0);
        var kept = plane.Parts.Selector.SelectNeighbors(
            plane.Scratch,
            plane.Sorted(0, 1, 2, 3, 4),
            5,
            8,
            plane.Scratch.Selected,
            owner: -1
        );
        Assert.Equal([0, 2, 4], new ReadOnlySpan<int>(plane.Scratch.Selected, kept).ToArray());
    }

    [Fact]
    public void NoMoreThanWantedAndTheNearest()
    {
        using var plane = new PlaneGraph(4, (1, 0), (-2, 0), (0, 3), (0, -4));
        plane.Ask(0, 0);
        var kept = plane.Parts.Selector.SelectNeighbors(plane.Scratch, plane.Sorted(0, 1, 2, 3), 4, 2, plane.Scratch.Selected, owner: -1);
        Assert.Equal([0, 1], new ReadOnlySpan<int>(plane.Scratch.Selected, kept).ToArray());
    }

    [Fact]
    public void ChildrenAreKeptWhateverTheirPlace()
    {
        using var plane = new PlaneGraph(4, (0, 0), (1, 0), (1.5f, 0.1f), (1.6f, 0.1f), (-2, 0));
        plane.Parts.Graph.SetParent(3, 0);
        plane.Ask(0, 0);
        var kept = plane.Parts.Selector.SelectNeighbors(plane.Scratch, plane.Sorted(1, 2, 3, 4), 4, 2, plane.Scratch.Selected, owner: 0);
        Assert.Equal([1, 3], new ReadOnlySpan<int>(plane.Scratch.Selected, kept).ToArray());
    }

    [Fact]
    public void CandidatesAreLiveUnlessAllAreRemoved()
    {
        using var plane = new PlaneGraph(4, (0, 0), (1, 0), (2, 0));
        plane.Ask(0, 0);
        var graph = plane.Parts.Graph;
        graph.TryChange(1, SearchEngine.Vectors.Hnsw.NodeState.Live, SearchEngine.Vectors.Hnsw.NodeState.Removed);
        var beam = plane.Scratch.BeamOf(0, 16);
        for (var node = 0; node < 3; node++)
        {
            beam.Insert(node, node);
        }

        var sorted = plane.Scratch.Entries(1);
        Assert.Equal(1, plane.Parts.Selector.Candidates(0, ref beam, sorted));
        Assert.Equal(2, (int)((uint)sorted[0] >> 1));
        graph.TryChange(2, SearchEngine.Vectors.Hnsw.NodeState.Live, SearchEngine.Vectors.Hnsw.NodeState.Removed);
        Assert.Equal(2, plane.Parts.Selector.Candidates(0, ref beam, sorted));
    }
}
