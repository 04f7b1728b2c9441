using System.Runtime.CompilerServices;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Keeps every node reachable on the base layer from the entry: each is the child of a node whose row keeps a link to it (see <see
/// cref="HnswGraph"/>).
/// Inserts find their node a parent, repairs the nodes whose parent died, and loading makes the tree from the links. Keeps the entry, too.
/// Thread-safe.
/// </summary>
internal sealed unsafe class ReachabilityKeeper(
    HnswGraph graph,
    LayerWalker walker,
    NeighborSelector selector,
    NodeLinker linker,
    int efConstruction
)
{
    // Steps down the tree in search of a node with room for a child. Every step goes past M children, so a few reach a leaf.
    private const int MaxDescent = 64;

    private readonly HnswGraph _graph = graph;
    private readonly LayerWalker _walker = walker;
    private readonly NeighborSelector _selector = selector;
    private readonly NodeLinker _linker = linker;

    /// <summary>Held by whoever changes the entry.</summary>
    public Lock EntryLock { get; } = new();

    /// <summary>Makes a linked node the entry and the root; the root before becomes its child. The caller holds the entry lock.</summary>
    public void BecomeEntry(SearchScratch scratch, int node, int level, long before)
    {
        if (before >= 0)
            _linker.LinkBack(scratch, node, (int)before, 0, adopt: true, int.MaxValue);
        _graph.SetParent(node, node);
        _graph.Unsaved.Mark(node);
        _graph.Entry = (long)level << 32 | (uint)node;
    }

    /// <summary>
    /// Raises the entry to the highest live node. A node that was on its way in while <see cref="ReplaceDeadEntry"/> chose among the live
    /// ones saw the entry that died, took itself for no higher, and may stand above the new one: call when such inserts have ended.
    /// </summary>
    public void RaiseEntry(SearchScratch scratch, OrdinalSet dead)
    {
        lock (EntryLock)
        {
            var entry = _graph.Entry;
            var highest = HighestNode(dead);
            if (entry < 0 || highest >> 32 <= entry >> 32)
                return;
            scratch.Begin(_graph.Slots);
            scratch.EnsureBeams(_selector.LinkCandidates);
            BecomeEntry(scratch, (int)highest, (int)(highest >> 32), entry);
        }
    }

    /// <summary>
    /// Makes the highest live node the entry where there is none or a dead one; where no node is live the highest removed one that is not
    /// dead: it can come back in its place and its children count on it.
    /// </summary>
    public void ReplaceDeadEntry(OrdinalSet dead)
    {
        lock (EntryLock)
        {
            if (_graph.Entry >= 0 && !dead.Contains(_graph.EntryNode))
                return;
            var highest = HighestNode(dead);
            SetRoot(highest >= 0 ? highest : HighestNode(dead, NodeState.Removed));
        }
    }

    /// <summary>
    /// Gives the dead of a repair that gave up back to the tree, as removed nodes, before anything may find them: who healed itself has
    /// dropped its links to them, and a removed node that comes back in its place counts on its parent and has its children.
    /// </summary>
    /// <param name="scratch">The repair's.</param>
    /// <param name="dead">Nodes, in the state <see cref="NodeState.Removed"/> again.</param>
    /// <param name="before">The entry before the repair.</param>
    public void TakeBack(SearchScratch scratch, OrdinalSet dead, long before)
    {
        lock (EntryLock)
        {
            // The dead were all that there was.
            if (_graph.Entry < 0)
                SetRoot(before);
        }
        if (_graph.Entry < 0)
            return;
        for (var node = 0; node < dead.Capacity; node++)
        {
            if (!dead.Contains(node) || node == _graph.EntryNode)
                continue;
            var parent = _graph.Parent(node);
            _graph.SetParent(node, -1);
            scratch.Begin(_graph.Slots);
            scratch.EnsureBeams(_selector.LinkCandidates);
            if (parent < 0 || parent == node || !_linker.LinkBack(scratch, parent, node, 0, adopt: true, _graph.M))
                AdoptOrphan(scratch, node, null);
        }
    }

    private void SetRoot(long entry)
    {
        _graph.Entry = entry;
        if (entry < 0)
            return;
        _graph.SetParent((int)entry, (int)entry);
        _graph.Unsaved.Mark((int)entry);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long HighestNode(OrdinalSet? except, NodeState state = NodeState.Live)
    {
        long best = -1;
        var slots = _graph.Slots;
        for (var node = 0; node < slots; node++)
        {
            if (_graph.State(node) != state || (except != null && except.Contains(node)))
                continue;
            if (best < 0 || _graph.Level(node) > (int)(best >> 32))
                best = (long)_graph.Level(node) << 32 | (uint)node;
        }
        return best;
    }

    /// <summary>
    /// Finds a parent for a node among the candidates, nearest first, or among their descendants where they have children enough.
    /// With `rooted` only under nodes that lead up to the root without passing the node itself.
    /// </summary>
    public bool Adopt(SearchScratch scratch, int node, ulong* candidates, int count, OrdinalSet? dead = null, bool rooted = false)
    {
        for (var i = 0; i <= count; i++)
        {
            var parent = i < count ? (int)((uint)candidates[i] >> 1) : _graph.EntryNode;
            if (parent < 0 || parent == node || (rooted && !IsRooted(parent, node, dead)))
                continue;
            for (var step = 0; step < MaxDescent && parent >= 0 && parent != node; step++)
            {
                if (_linker.LinkBack(scratch, parent, node, 0, adopt: true, _graph.M))
                    return true;
                parent = SomeChild(parent, node + step);
            }
        }
        var slots = Math.Min(_graph.Slots, scratch.NodeLimit);
        for (var parent = 0; parent < slots; parent++)
        {
            if (
                parent != node
                && _graph.State(parent) == NodeState.Live
                && IsRooted(parent, node, dead)
                && _linker.LinkBack(scratch, parent, node, 0, adopt: true, _graph.BaseLinks)
            )
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Finds parents for live nodes that have none or a dead one.</summary>
    public void AdoptOrphans(SearchScratch scratch, OrdinalSet? dead)
    {
        var slots = _graph.Slots;
        for (var node = 0; node < slots; node++)
        {
            var parent = _graph.Parent(node);
            if (
                (parent < 0 && _graph.State(node) == NodeState.Live)
                || (parent >= 0 && parent != node && dead != null && dead.Contains(parent) && !dead.Contains(node))
            )
            {
                AdoptOrphan(scratch, node, dead);
            }
        }
    }

    /// <summary>
    /// Makes the tree of a graph at rest from its links: breadth first from the entry, then from each node that is not reached so.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PlantTree(SearchScratch scratch)
    {
        var slots = _graph.Slots;
        for (var node = 0; node < slots; node++)
            _graph.SetParent(node, -1);
        if (_graph.Entry < 0)
            return;
        var queue = new Queue<int>();
        _graph.SetParent(_graph.EntryNode, _graph.EntryNode);
        Grow(_graph.EntryNode, queue);
        for (var node = 0; node < slots; node++)
        {
            if (_graph.Parent(node) >= 0 || _graph.State(node) != NodeState.Live)
                continue;
            AdoptOrphan(scratch, node, null);
            Grow(node, queue);
        }
    }

    /// <summary>Which nodes a walk over the base layer reaches from the entry.</summary>
    public OrdinalSet Reached()
    {
        var reached = new OrdinalSet(_graph.Slots);
        var queue = new Queue<int>();
        var entry = _graph.EntryNode;
        if (_graph.Entry < 0 || entry >= reached.Capacity)
            return reached;
        reached.Add(entry);
        queue.Enqueue(entry);
        while (queue.TryDequeue(out var node))
        {
            var row = _graph.Links(node, 0);
            for (var i = 0; i < _graph.BaseLinks; i++)
            {
                var id = Volatile.Read(ref row[i]);
                if (id < 0)
                    break;
                if (id < reached.Capacity && reached.Add(id))
                {
                    queue.Enqueue(id);
                }
            }
        }
        return reached;
    }

    private int SomeChild(int node, int which)
    {
        var row = _graph.Links(node, 0);
        var count = _graph.CountLinks(row, 0);
        for (var i = 0; i < count; i++)
        {
            var id = Volatile.Read(ref row[(which + i) % count]);
            if (id >= 0 && id != node && _graph.Parent(id) == node)
                return id;
        }
        return -1;
    }

    // Whether the way up from a node ends at the root and does not pass `without`.
    private bool IsRooted(int node, int without, OrdinalSet? dead)
    {
        for (var steps = _graph.Slots; steps >= 0; steps--)
        {
            var parent = _graph.Parent(node);
            if (node == without || parent < 0 || (dead != null && dead.Contains(node)))
                return false;
            if (parent == node)
                return true;
            node = parent;
        }
        return false;
    }

    /// <summary>Finds a node a parent that leads up to the root without passing the node.</summary>
    public void AdoptOrphan(SearchScratch scratch, int node, OrdinalSet? dead)
    {
        var entry = _graph.Entry;
        if (entry < 0 || node == (int)entry)
            return;
        scratch.Begin(_graph.Slots);
        scratch.EnsureBeams(_selector.LinkCandidates);
        scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
        (var start, var distance) = _walker.Descend(scratch, scratch.Query, entry, 0);
        var beam = scratch.BeamOf(0, efConstruction);
        beam.Insert(distance, start);
        _walker.SearchLayer(scratch, scratch.Query, ref beam, 0);
        scratch.Visited.Clear();
        var sorted = scratch.Entries(1);
        var candidates = _selector.Candidates(node, ref beam, sorted);
        Adopt(scratch, node, sorted, candidates, dead, rooted: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow(int from, Queue<int> queue)
    {
        queue.Enqueue(from);
        while (queue.TryDequeue(out var node))
        {
            var row = _graph.Links(node, 0);
            for (var i = 0; i < _graph.BaseLinks && row[i] >= 0; i++)
            {
                if (_graph.Parent(row[i]) >= 0)
                    continue;
                _graph.SetParent(row[i], node);
                queue.Enqueue(row[i]);
            }
        }
    }
}
