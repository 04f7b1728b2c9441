namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Adds vectors: finds their nodes neighbours on every layer, links both ways, and calls for new quantizers and pivots when they are due.
/// Thread-safe.
/// </summary>
internal sealed unsafe class HnswInserter(HnswParts parts)
{
    // With at most 1 / 4 of its links a node's surroundings are taken to be twins of it.
    private const int SparseShare = 4;

    private readonly HnswGraph _graph = parts.Graph;
    private readonly LayerWalker _walker = parts.Walker;
    private readonly NeighborSelector _selector = parts.Selector;
    private readonly NodeLinker _linker = parts.Linker;
    private readonly ReachabilityKeeper _keeper = parts.Keeper;
    private readonly GraphHealer _healer = parts.Healer;
    private readonly PivotDirectory _pivots = parts.Pivots;
    private readonly QuantizerFitter _quantizer = parts.Quantizer;
    private readonly FullVectors _vectors = parts.Vectors;
    private readonly CallGate _gate = parts.Gate;
    private readonly VectorIndexOptions _options = parts.Options;

    /// <summary>Adds a vector that was checked, unless its node is live. Returns whether it did.</summary>
    public bool TryAdd(SearchScratch scratch, int node, ReadOnlySpan<float> vector)
    {
        _graph.Ensure(node);
        _vectors.Ensure(node);
        var spin = new SpinWait();
        while (true)
        {
            switch (_graph.State(node))
            {
                case NodeState.Live:
                    return false;
                case NodeState.Absent when _graph.TryChange(node, NodeState.Absent, NodeState.Pending):
                    Insert(scratch, node, vector, reuse: false);
                    _quantizer.FitIfDue(scratch);
                    _pivots.RenewIfDue(scratch);
                    return true;
                case NodeState.Removed:
                    lock (_gate.Maintenance)
                    {
                        if (!_graph.TryChange(node, NodeState.Removed, NodeState.Pending))
                            break;
                        Insert(scratch, node, vector, reuse: true);
                        _graph.AddRemoved(-1);
                        return true;
                    }
                case NodeState.Dying:
                    // A repair is about to free it.
                    lock (_gate.Maintenance)
                        break;
                default:
                    spin.SpinOnce();
                    break;
            }
        }
    }

    // Links a node that this thread has made pending. With `reuse` the node is one that was removed and not yet repaired:
    // it keeps its layer, its parent and its children, and the other neighbours that lose it are healed first.
    private void Insert(SearchScratch scratch, int node, ReadOnlySpan<float> vector, bool reuse)
    {
        _gate.EnterInsert(scratch);
        try
        {
            scratch.Space.Ensure(node);
            scratch.Begin(_graph.Slots);
            scratch.EnsureBeams(_selector.LinkCandidates);
            int level;
            if (reuse)
            {
                level = _graph.Level(node);
                for (var l = level; l >= 0; l--)
                    _healer.HealAround(scratch, node, l);
            }
            else
            {
                level = _graph.DrawLevel(node);
                _graph.Allocate(node, level);
            }
            _vectors.Prepare(vector, scratch.Vector);
            if (!scratch.Space.Codec.Fits(scratch.Vector))
                _gate.BeyondCodes = true;
            _vectors.Store(node, scratch.Vector);
            scratch.Space.Codec.Encode(scratch.Vector, scratch.Work, scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node));
            scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);

            var entry = _graph.Entry;
            if (entry < 0 || level > (int)(entry >> 32))
            {
                lock (_keeper.EntryLock)
                {
                    entry = _graph.Entry;
                    if (entry >= 0)
                        LinkAll(scratch, node, level, entry);
                    if (entry < 0 || level > (int)(entry >> 32))
                        _keeper.BecomeEntry(scratch, node, level, entry);
                }
            }
            else
            {
                LinkAll(scratch, node, level, entry);
            }
            if (scratch.Space.Codec.CanTrain)
                _quantizer.NoteSpread(scratch);
            _graph.TryChange(node, NodeState.Pending, NodeState.Live);
            _graph.Unsaved.Mark(node);
            _graph.AddLive(1);
            _pivots.NoteInsert();
        }
        finally
        {
            scratch.Visited.Clear();
            CallGate.LeaveInsert(scratch);
        }
    }

    private void LinkAll(SearchScratch scratch, int node, int level, long entry)
    {
        var top = (int)(entry >> 32);
        (var start, var distance) = _walker.Descend(scratch, scratch.Query, entry, Math.Min(level, top));
        ulong* sorted = null;
        var candidates = 0;
        for (var l = Math.Min(level, top); l >= 0; l--)
        {
            var beam = scratch.BeamOf(0, _options.EfConstruction);
            scratch.Visited.Clear();
            beam.Insert(distance, start);
            // Nodes of groups that the layers do not lead to are linked to their own all the same.
            if (l == 0 && _pivots.Pivots is PivotSet pivots)
                _pivots.StartAtPivots(scratch, pivots, PivotDirectory.PivotsOfInsert, ref beam);
            _walker.SearchLayer(scratch, scratch.Query, ref beam, l);
            scratch.Visited.Clear();
            if (beam.Count > 0)
                (start, distance) = (beam.Id(0), beam.Distance(0));
            sorted = scratch.Entries(1);
            candidates = _selector.Candidates(node, ref beam, sorted);
            var selected = _selector.SelectNeighbors(scratch, sorted, candidates, _graph.M, scratch.Selected, owner: -1, node);
            if (selected * SparseShare <= _graph.M && candidates >= _graph.M)
                selected = SelectThroughTwins(scratch, sorted, ref candidates, selected, node, l);
            _graph.Locks.Enter(node);
            if (l == 0)
                selected = _linker.KeepChildren(node, scratch.Selected, selected);
            _graph.Write(node, l, scratch.Selected, selected);
            _graph.Locks.Leave(node);
        }
        // Only now do others learn of the node, and from the base layer up: whoever comes down to it finds its links on the layer below.
        var linked = scratch.Linked;
        var held = _graph.Parent(node) >= 0;
        for (var l = 0; l <= Math.Min(level, top); l++)
        {
            var row = _graph.Links(node, l);
            var count = _graph.CountLinks(row, l);
            for (var i = 0; i < count; i++)
                linked[i] = row[i];
            for (var i = 0; i < count; i++)
                held |= _linker.LinkBack(scratch, linked[i], node, l, adopt: !held, _graph.M);
            if (l == 0 && !held)
                _keeper.Adopt(scratch, node, sorted, candidates);
        }
    }

    // A beam full of vectors that are all alike gives hardly any diverse link, and a node with such links only would be a dead end for
    // searches that pass through: its twins' links are taken as candidates too.
    private int SelectThroughTwins(SearchScratch scratch, ulong* sorted, ref int candidates, int selected, int node, int level)
    {
        scratch.Visited.Clear();
        scratch.Visited.Add(node);
        for (var i = 0; i < candidates; i++)
            scratch.Visited.Add((int)((uint)sorted[i] >> 1));
        for (var i = 0; i < selected; i++)
            scratch.Linked[i] = scratch.Selected[i];
        for (var i = 0; i < selected; i++)
        {
            var row = _graph.Links(scratch.Linked[i], level);
            for (var j = 0; j < _graph.MaxLinks(level); j++)
            {
                var id = Volatile.Read(ref row[j]);
                if (id < 0)
                    break;
                if (id < scratch.NodeLimit && scratch.Visited.Add(id) && _graph.State(id) is (NodeState.Live or NodeState.Pending))
                    sorted[candidates++] = Beam.Pack(LayerWalker.ScoreOne(scratch, scratch.Query, id), id);
            }
        }
        scratch.Visited.Clear();
        new Span<ulong>(sorted, candidates).Sort();
        return _selector.SelectNeighbors(scratch, sorted, candidates, _graph.M, scratch.Selected, owner: -1, node);
    }
}
