namespace SearchEngine.Vectors.Hnsw;

// Every node can be reached on the base layer from the entry: it is the child of a node whose row keeps a link to it (see HnswGraph).
// Inserts find their node a parent, repairs the nodes whose parent died, and loading makes the tree from the links.
public sealed partial class HnswIndex
{
    // Steps down the tree in search of a node with room for a child. Every step goes past M children, so a few reach a leaf.
    private const int MaxDescent = 64;

    private unsafe int CountChildren(int node, int* row, int count)
    {
        int children = 0;
        for (int i = 0; i < count; i++)
            children += _graph.Parent(row[i]) == node && row[i] != node ? 1 : 0;
        return children;
    }

    // Adds the children of a node to new links that lack them, in place of the farthest where there is no room. The caller holds the lock.
    private unsafe int KeepChildren(int node, int* selected, int count)
    {
        int* row = _graph.Links(node, 0);
        int old = _graph.CountLinks(row, 0), children = 0;
        if (old == 0)
            return count;
        int* missing = stackalloc int[_graph.BaseLinks];
        for (int i = 0; i < old; i++)
        {
            if (_graph.Parent(row[i]) == node && !Holds(selected, count, row[i]))
                missing[children++] = row[i];
        }
        for (int i = count - 1; i >= 0 && count + children > _graph.BaseLinks; i--)
        {
            if (_graph.Parent(selected[i]) == node)
                continue;
            new Span<int>(selected + i + 1, count - i - 1).CopyTo(new Span<int>(selected + i, count - i - 1));
            count--;
        }
        for (int i = 0; i < children; i++)
            selected[count++] = missing[i];
        return count;
    }

    // Makes a linked node the entry and the root; the root before becomes its child. The caller holds the entry lock.
    private unsafe void BecomeEntry(SearchScratch scratch, int node, int level, long before)
    {
        if (before >= 0)
            LinkBack(scratch, node, (int)before, 0, adopt: true, int.MaxValue);
        _graph.SetParent(node, node);
        _graph.Entry = (long)level << 32 | (uint)node;
    }

    // Finds a parent for a node among the candidates, nearest first, or among their descendants where they have children enough.
    // With `rooted` only under nodes that lead up to the root without passing the node itself.
    private unsafe bool Adopt(SearchScratch scratch, int node, ulong* candidates, int count, OrdinalSet? dead = null, bool rooted = false)
    {
        for (int i = 0; i <= count; i++)
        {
            int parent = i < count ? (int)((uint)candidates[i] >> 1) : _graph.EntryNode;
            if (parent < 0 || parent == node || (rooted && !IsRooted(parent, node, dead)))
                continue;
            for (int step = 0; step < MaxDescent && parent >= 0; step++)
            {
                if (LinkBack(scratch, parent, node, 0, adopt: true, _graph.M))
                    return true;
                parent = SomeChild(parent, node + step);
            }
        }
        int slots = Math.Min(_graph.Slots, scratch.NodeLimit);
        for (int parent = 0; parent < slots; parent++)
        {
            if (parent != node && _graph.State(parent) == NodeState.Live && IsRooted(parent, node, dead) && LinkBack(scratch, parent, node, 0, adopt: true, _graph.BaseLinks))
                return true;
        }
        return false;
    }

    private unsafe int SomeChild(int node, int which)
    {
        int* row = _graph.Links(node, 0);
        int count = _graph.CountLinks(row, 0);
        for (int i = 0; i < count; i++)
        {
            int id = Volatile.Read(ref row[(which + i) % count]);
            if (id >= 0 && id != node && _graph.Parent(id) == node)
                return id;
        }
        return -1;
    }

    // Whether the way up from a node ends at the root and does not pass `without`.
    private bool IsRooted(int node, int without, OrdinalSet? dead)
    {
        for (int steps = _graph.Slots; steps >= 0; steps--)
        {
            int parent = _graph.Parent(node);
            if (node == without || parent < 0 || (dead != null && dead.Contains(node)))
                return false;
            if (parent == node)
                return true;
            node = parent;
        }
        return false;
    }

    // Finds parents for live nodes that have none or a dead one.
    private void AdoptOrphans(SearchScratch scratch, OrdinalSet? dead)
    {
        int slots = _graph.Slots;
        for (int node = 0; node < slots; node++)
        {
            int parent = _graph.Parent(node);
            if ((parent < 0 && _graph.State(node) == NodeState.Live)
                || (parent >= 0 && parent != node && dead != null && dead.Contains(parent) && !dead.Contains(node)))
            {
                AdoptOrphan(scratch, node, dead);
            }
        }
    }

    private unsafe void AdoptOrphan(SearchScratch scratch, int node, OrdinalSet? dead)
    {
        long entry = _graph.Entry;
        if (entry < 0 || node == (int)entry)
            return;
        scratch.Begin(_graph.Slots);
        scratch.EnsureBeams(LinkCandidates);
        scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
        (int start, float distance) = Descend(scratch, scratch.Query, entry, 0);
        Beam beam = scratch.BeamOf(0, Options.EfConstruction);
        beam.Insert(distance, start);
        SearchLayer(scratch, scratch.Query, ref beam, 0);
        scratch.Visited.Clear();
        ulong* sorted = scratch.Entries(1);
        int candidates = Candidates(node, ref beam, sorted);
        Adopt(scratch, node, sorted, candidates, dead, rooted: true);
    }

    // Makes the tree of a graph at rest from its links: breadth first from the entry, then from each node that is not reached so.
    private void PlantTree(SearchScratch scratch)
    {
        int slots = _graph.Slots;
        for (int node = 0; node < slots; node++)
            _graph.SetParent(node, -1);
        if (_graph.Entry < 0)
            return;
        var queue = new Queue<int>();
        _graph.SetParent(_graph.EntryNode, _graph.EntryNode);
        Grow(_graph.EntryNode, queue);
        for (int node = 0; node < slots; node++)
        {
            if (_graph.Parent(node) >= 0 || _graph.State(node) != NodeState.Live)
                continue;
            AdoptOrphan(scratch, node, null);
            Grow(node, queue);
        }
    }

    private unsafe void Grow(int from, Queue<int> queue)
    {
        queue.Enqueue(from);
        while (queue.TryDequeue(out int node))
        {
            int* row = _graph.Links(node, 0);
            for (int i = 0; i < _graph.BaseLinks && row[i] >= 0; i++)
            {
                if (_graph.Parent(row[i]) >= 0)
                    continue;
                _graph.SetParent(row[i], node);
                queue.Enqueue(row[i]);
            }
        }
    }

    // Which nodes a walk over the base layer reaches from the entry.
    private unsafe bool[] Reached()
    {
        bool[] reached = new bool[_graph.Slots];
        var queue = new Queue<int>();
        int entry = _graph.EntryNode;
        if (_graph.Entry < 0 || entry >= reached.Length)
            return reached;
        reached[entry] = true;
        queue.Enqueue(entry);
        while (queue.TryDequeue(out int node))
        {
            int* row = _graph.Links(node, 0);
            for (int i = 0; i < _graph.BaseLinks; i++)
            {
                int id = Volatile.Read(ref row[i]);
                if (id < 0)
                    break;
                if (id < reached.Length && !reached[id])
                {
                    reached[id] = true;
                    queue.Enqueue(id);
                }
            }
        }
        return reached;
    }
}
