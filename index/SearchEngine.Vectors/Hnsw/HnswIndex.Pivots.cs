using System.Numerics.Tensors;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

// Where searches start. Layers lead a walk astray where a collection falls into many groups with nothing between them that tells the way
// (at a million vectors in 10,000 groups a narrow walk ended in a wrong group for four queries of ten). Instead, each region of the graph has
// a pivot, and the query is compared with all of them by a sketch.
public sealed partial class HnswIndex
{
    // Vectors of few components are led well by the layers.
    private const int PivotsFromDimension = 32;

    // A pivot stands for so many nodes nearest to it, but none that is farther by more than a share than the n-th of them: where a group of fewer
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

    // More than this would make the comparison, half a nanosecond each, cost more than the walk.
    private const int MaxPivots = 65_536;

    // Nodes whose mean the sketches are taken about.
    private const int CentreSample = 4096;

    // Pivots by sketch whose codes are then compared: of a plain search, of an insert, and at most of a search with a filter, which learns from them
    // how much the filter admits near the query.
    private const int PivotsOfSearch = 2;
    private const int PivotsOfInsert = 4;
    private const int MaxPivotsOfSearch = 64;

    // New pivots are chosen when the graph has got this share of new nodes, or lost this share of its pivots.
    private const double PivotsRenewed = 0.25;

    private readonly Lock _pivotLock = new();
    private volatile PivotSet? _pivots;
    private int _sincePivots;

    /// <summary>The pivots in use; null where the layers lead. Set by tests that compare the two.</summary>
    internal PivotSet? Pivots
    {
        get => _pivots;
        set => _pivots = value;
    }

    private void RenewPivotsIfDue(SearchScratch scratch)
    {
        if (Dimension < PivotsFromDimension || _sincePivots < Options.PivotsFrom / 2 || !PivotsAreDue() || !_pivotLock.TryEnter())
            return;
        try
        {
            if (PivotsAreDue())
                RenewPivots(scratch);
        }
        finally
        {
            _pivotLock.Exit();
        }
    }

    private bool PivotsAreDue()
    {
        int count = Count;
        return count >= Options.PivotsFrom && _sincePivots >= PivotsRenewed * count;
    }

    // After nodes were freed: when many pivots are among them.
    private void RenewPivotsIfLost(SearchScratch scratch)
    {
        if (_pivots is not PivotSet pivots)
            return;
        int lost = 0;
        foreach (int node in pivots.Nodes)
            lost += _graph.State(node) == NodeState.Live ? 0 : 1;
        if (lost < PivotsRenewed * pivots.Nodes.Length)
            return;
        lock (_pivotLock)
            RenewPivots(scratch);
    }

    // Chooses pivots anew from the links of the base layer and swaps them in. Searches and changes go on meanwhile.
    private void RenewPivots(SearchScratch scratch)
    {
        _sincePivots = 0;
        // Codes of one bit are no finer than the sketches.
        bool coarse = Options.Quantization == VectorQuantization.Binary;
        _pivots = coarse || Count < Options.PivotsFrom || Dimension < PivotsFromDimension ? null : ChoosePivots(scratch).Build(MaxPivots);
    }

    // In the order of memory: a node becomes a pivot when neither it nor most of its nearest links are among the nearest of one.
    private unsafe PivotSet.Builder ChoosePivots(SearchScratch scratch)
    {
        scratch.Begin(_graph.Slots);
        int slots = Math.Min(_graph.Slots, scratch.NodeLimit);
        var builder = new PivotSet.Builder(MeanVector(scratch, slots));
        var covered = new OrdinalSet(slots);
        scratch.EnsureBeams(PivotSurroundings);
        for (int node = 0; node < slots; node++)
        {
            if (_graph.State(node) != NodeState.Live || covered.Contains(node))
                continue;
            scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
            if (MostNearLinksAreIn(scratch, node, covered))
                continue;
            Beam near = scratch.BeamOf(0, PivotSurroundings);
            near.Insert(float.MinValue, node);
            SearchLayer(scratch, scratch.Query, ref near, 0, new StopRule(PivotWalk, 0, 0));
            scratch.Visited.Clear();
            float edge = near.Distance(Math.Min(PivotGroup, near.Count - 1));
            edge += PivotSlack * MathF.Abs(edge);
            var mean = new Span<float>(scratch.Work, Dimension);
            mean.Clear();
            int n = 0;
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
    private unsafe bool MostNearLinksAreIn(SearchScratch scratch, int node, OrdinalSet covered)
    {
        scratch.Visited.Add(node);
        int links = CollectUnvisited(scratch, scratch.First, scratch.Visited, _graph.Links(node, 0), _graph.BaseLinks);
        scratch.Space.Codec.Score(scratch.Query, scratch.Rows, TermRows(scratch), links, scratch.Distances);
        scratch.Visited.Clear();
        new Span<float>(scratch.Distances, links).Sort(new Span<int>(scratch.Ids, links));
        int n = Math.Min(PivotLinks, links), inside = 0;
        for (int i = 0; i < n; i++)
            inside += covered.Contains(scratch.Ids[i]) ? 1 : 0;
        return 2 * inside > n;
    }

    private unsafe float[] MeanVector(SearchScratch scratch, int slots)
    {
        float[] mean = new float[Dimension];
        int n = 0;
        for (int node = 0; node < slots; node += Math.Max(1, slots / CentreSample))
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

    private unsafe void AddVector(SearchScratch scratch, int node, Span<float> sum)
    {
        scratch.Space.Codec.Decode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Other);
        TensorPrimitives.Add(sum, new ReadOnlySpan<float>(scratch.Other, Dimension), sum);
    }

    // Fills the beam with the nodes that a search of the base layer starts from: the nearest pivots, or where the layers lead to.
    private unsafe void Start(SearchScratch scratch, long entry, int pivotsWanted, ref Beam beam)
    {
        PivotSet? pivots = _pivots;
        if (pivots != null)
            StartAtPivots(scratch, pivots, pivotsWanted, ref beam);
        if (pivots is not { IsComplete: true } || beam.Count == 0)
        {
            (int node, float distance) = Descend(scratch, scratch.Query, entry, 0);
            if (!beam.Holds(node))
                beam.Insert(distance, node);
        }
    }

    private unsafe void StartAtPivots(SearchScratch scratch, PivotSet pivots, int wanted, ref Beam beam)
    {
        Beam nearest = scratch.BeamOf(2, wanted);
        pivots.Nearest(scratch.Vector, ref nearest);
        NodeBatch batch = scratch.First;
        int n = 0;
        for (int i = 0; i < nearest.Count; i++)
        {
            // A pivot may have been removed since, and its ordinal be in use again for a vector elsewhere.
            int node = nearest.Id(i);
            if (node < scratch.NodeLimit && _graph.State(node) is NodeState.Live or NodeState.Removed && !beam.Holds(node))
                batch.Ids[n++] = node;
        }
        Fetch(scratch, batch, n);
        scratch.Space.Codec.Score(scratch.Query, batch.Rows, TermRows(scratch, batch), n, scratch.Distances);
        for (int i = 0; i < n; i++)
            beam.Insert(scratch.Distances[i], batch.Ids[i]);
    }
}
