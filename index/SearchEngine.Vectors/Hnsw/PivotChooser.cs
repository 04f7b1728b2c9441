using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Chooses pivots: nodes spread over the base layer, one for each region of the graph. Searches and changes go on meanwhile.
/// </summary>
internal sealed unsafe class PivotChooser(HnswGraph graph, LayerWalker walker, int dimension)
{
    // A pivot stands for so many nodes nearest to it, but none that is farther by more than a share than the n-th of them: where a group
    // of fewer
    // ends. (Internal distances are squares but for the dot product: the share is half as much of a length.)
    private const int PivotSurroundings = 100;
    private const int PivotGroup = 16;
    private const float PivotSlack = 0.3f;

    // The sketch of a pivot is that of the mean of at most this many of them.
    private const int PivotMean = 16;

    // The walk that finds them goes on while it finds some of this many nearest.
    private const int PivotWalk = 32;

    // A node that no pivot stands for does without one of its own when most of this many nearest links have one.
    private const int PivotLinks = 8;

    // Nodes whose mean the sketches are taken about.
    private const int CentreSample = 4096;

    private readonly HnswGraph _graph = graph;
    private readonly LayerWalker _walker = walker;

    /// <summary>
    /// In the order of memory: a node becomes a pivot when neither it nor most of its nearest links are among the nearest of one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PivotSet.Builder Choose(SearchScratch scratch)
    {
        scratch.Begin(_graph.Slots);
        var slots = Math.Min(_graph.Slots, scratch.NodeLimit);
        var builder = new PivotSet.Builder(MeanVector(scratch, slots));
        var covered = new OrdinalSet(slots);
        scratch.EnsureBeams(PivotSurroundings);
        for (var node = 0; node < slots; node++)
        {
            if (_graph.State(node) != NodeState.Live || covered.Contains(node))
                continue;
            scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
            if (MostNearLinksAreIn(scratch, node, covered))
                continue;
            var near = scratch.BeamOf(0, PivotSurroundings);
            near.Insert(float.MinValue, node);
            _walker.SearchLayer(scratch, scratch.Query, ref near, 0, new StopRule(PivotWalk, 0, 0));
            scratch.Visited.Clear();
            var edge = near.Distance(Math.Min(PivotGroup, near.Count - 1));
            edge += PivotSlack * MathF.Abs(edge);
            var mean = new Span<float>(scratch.Work, dimension);
            mean.Clear();
            var n = 0;
            for (; n < near.Count && near.Distance(n) <= edge; n++)
            {
                if (near.Id(n) < slots)
                    covered.Add(near.Id(n));
                if (n < PivotMean)
                    AddVector(scratch, near.Id(n), mean);
            }
            TensorPrimitives.Divide(mean, Math.Min(PivotMean, n), mean);
            builder.Add(node, scratch.Work);
        }
        return builder;
    }

    // Compares the links of a node, which is the query, with it.
    private bool MostNearLinksAreIn(SearchScratch scratch, int node, OrdinalSet covered)
    {
        scratch.Visited.Add(node);
        var links = _walker.CollectUnvisited(scratch, scratch.First, scratch.Visited, _graph.Links(node, 0), _graph.BaseLinks);
        scratch.Space.Codec.Score(scratch.Query, scratch.Rows, LayerWalker.TermRows(scratch), links, scratch.Distances);
        scratch.Visited.Clear();
        new Span<float>(scratch.Distances, links).Sort(new Span<int>(scratch.Ids, links));
        int n = Math.Min(PivotLinks, links),
            inside = 0;
        for (var i = 0; i < n; i++)
            inside += covered.Contains(scratch.Ids[i]) ? 1 : 0;
        return 2 * inside > n;
    }

    private float[] MeanVector(SearchScratch scratch, int slots)
    {
        var mean = new float[dimension];
        var n = 0;
        for (var node = 0; node < slots; node += Math.Max(1, slots / CentreSample))
        {
            if (_graph.State(node) != NodeState.Live)
                continue;
            AddVector(scratch, node, mean);
            n++;
        }
        if (n > 0)
            TensorPrimitives.Divide(mean, n, mean);
        return mean;
    }

    private void AddVector(SearchScratch scratch, int node, Span<float> sum)
    {
        scratch.Space.Codec.Decode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Other);
        TensorPrimitives.Add(sum, new ReadOnlySpan<float>(scratch.Other, dimension), sum);
    }
}
