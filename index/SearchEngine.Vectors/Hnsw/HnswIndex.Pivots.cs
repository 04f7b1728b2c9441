using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

// Where searches start. Layers lead a walk astray where a collection falls into many groups with nothing between them that tells the way
// (at a million vectors in 10,000 groups a narrow walk ended in a wrong group for four queries of ten). Instead, each region of the graph has
// a pivot, and the query is compared with all of them by a sketch.
public sealed partial class HnswIndex
{
    // Vectors of few components are led well by the layers.
    private const int PivotsFromDimension = 32;

    // A pivot stands for the nodes within two links that are at most this much farther from it than half of its own links: about as far
    // as two members of a group are from each other.
    private const float PivotSlack = 0.15f;

    // More than this would make the comparison, about a nanosecond each, cost more than the walk.
    private const int MaxPivots = 65_536;

    // Pivots by sketch whose codes are then compared.
    private const int PivotsScored = 64;

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
    private unsafe void RenewPivots(SearchScratch scratch)
    {
        _sincePivots = 0;
        // Codes of one bit are no finer than the sketches.
        bool coarse = Options.Quantization == VectorQuantization.Binary;
        int[] nodes = coarse || Count < Options.PivotsFrom || Dimension < PivotsFromDimension ? [] : ChoosePivots(scratch);
        if (nodes.Length == 0)
        {
            _pivots = null;
            return;
        }
        bool complete = nodes.Length <= MaxPivots;
        if (!complete)
        {
            int[] all = nodes;
            nodes = [.. Enumerable.Range(0, MaxPivots).Select(i => all[(int)((long)i * all.Length / MaxPivots)])];
        }
        CodeSpace space = scratch.Space;
        _pivots = new PivotSet(nodes, Dimension, complete, (node, vector) => space.Codec.Decode(space.Codes.Row(node), space.TermsOf(node), (float*)vector));
    }

    // In the order of memory: a node that no pivot stands for becomes one.
    private unsafe int[] ChoosePivots(SearchScratch scratch)
    {
        scratch.Begin(_graph.Slots);
        int slots = Math.Min(_graph.Slots, scratch.NodeLimit);
        var covered = new OrdinalSet(slots);
        var pivots = new List<int>();
        for (int node = 0; node < slots; node++)
        {
            if (_graph.State(node) != NodeState.Live || covered.Contains(node))
                continue;
            pivots.Add(node);
            scratch.Visited.Clear();
            scratch.Visited.Add(node);
            scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
            int links = ScoreLinks(scratch, node, scratch.First);
            if (links == 0)
                continue;
            int* near = scratch.Linked;
            new Span<int>(scratch.Ids, links).CopyTo(new Span<int>(near, links));
            float* sorted = (float*)scratch.Selected;
            new Span<float>(scratch.Distances, links).CopyTo(new Span<float>(sorted, links));
            new Span<float>(sorted, links).Sort();
            float middle = sorted[links / 2], limit = middle + PivotSlack * MathF.Abs(middle);
            Cover(links);
            for (int i = 0; i < links; i++)
                Cover(ScoreLinks(scratch, near[i], scratch.First));

            void Cover(int n)
            {
                for (int j = 0; j < n; j++)
                {
                    if (scratch.Distances[j] <= limit)
                        covered.Add(scratch.Ids[j]);
                }
            }
        }
        scratch.Visited.Clear();
        return [.. pivots];
    }

    // Distances of the neighbours of a node that were not met before, in the batch.
    private unsafe int ScoreLinks(SearchScratch scratch, int node, NodeBatch batch)
    {
        int n = CollectUnvisited(scratch, batch, scratch.Visited, _graph.Links(node, 0), _graph.BaseLinks);
        scratch.Space.Codec.Score(scratch.Query, batch.Rows, TermRows(scratch, batch), n, scratch.Distances);
        return n;
    }

    // Fills the beam with the nodes that a search of the base layer starts from: the nearest pivots, or where the layers lead to.
    private unsafe void Start(SearchScratch scratch, long entry, ref Beam beam)
    {
        PivotSet? pivots = _pivots;
        if (pivots != null)
            StartAtPivots(scratch, pivots, ref beam);
        if (pivots is not { IsComplete: true } || beam.Count == 0)
        {
            (int node, float distance) = Descend(scratch, scratch.Query, entry, 0);
            if (!beam.Holds(node))
                beam.Insert(distance, node);
        }
    }

    private unsafe void StartAtPivots(SearchScratch scratch, PivotSet pivots, ref Beam beam)
    {
        Beam nearest = scratch.BeamOf(2, PivotsScored);
        pivots.Nearest(scratch.Vector, ref nearest);
        NodeBatch batch = scratch.First;
        int n = 0;
        for (int i = 0; i < nearest.Count; i++)
        {
            // A pivot may have been removed since, and its ordinal be in use again for a vector elsewhere.
            int node = nearest.Id(i);
            if (node < scratch.NodeLimit && _graph.State(node) is NodeState.Live or NodeState.Removed)
                batch.Ids[n++] = node;
        }
        Fetch(scratch, batch, n);
        scratch.Space.Codec.Score(scratch.Query, batch.Rows, TermRows(scratch, batch), n, scratch.Distances);
        for (int i = 0; i < n; i++)
            beam.Insert(scratch.Distances[i], batch.Ids[i]);
    }
}
