namespace SearchEngine.Vectors.Hnsw;

// Reachability on the base layer: a spanning tree from the entry, and links for the nodes outside it.
public sealed partial class HnswIndex
{
    private const int Unreached = -1;

    // While other threads change links a pass may miss something; more passes than this would chase them for ever.
    private const int MaxPasses = 4;

    /// <summary>
    /// Links every live node that cannot be reached on the base layer from the entry to a near one that can. A full row gives up a link that
    /// the spanning tree does not need, so that nothing else is lost. Returns how many nodes were linked.
    /// </summary>
    private int LinkUnreachable(SearchScratch scratch)
    {
        int linked = 0;
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            int[] parents = SpanningTree();
            int missing = 0;
            for (int node = 0; node < parents.Length; node++)
            {
                if (parents[node] != Unreached || _graph.State(node) != NodeState.Live)
                    continue;
                missing++;
                LinkInto(scratch, node, parents);
            }
            linked += missing;
            if (missing == 0)
                break;
        }
        return linked;
    }

    // The parent of each node in a tree of links from the entry over the base layer (the entry is its own); Unreached where there is none.
    private int[] SpanningTree()
    {
        int[] parents = new int[_graph.Slots];
        Array.Fill(parents, Unreached);
        int entry = _graph.EntryNode;
        if (_graph.Entry >= 0 && entry < parents.Length)
        {
            parents[entry] = entry;
            Grow(parents, entry);
        }
        return parents;
    }

    private unsafe void Grow(int[] parents, int from)
    {
        var stack = new Stack<int>();
        stack.Push(from);
        while (stack.TryPop(out int node))
        {
            int* row = _graph.Links(node, 0);
            for (int i = 0; i < _graph.BaseLinks; i++)
            {
                int id = Volatile.Read(ref row[i]);
                if (id < 0)
                    break;
                if (id < parents.Length && parents[id] == Unreached)
                {
                    parents[id] = node;
                    stack.Push(id);
                }
            }
        }
    }

    private unsafe void LinkInto(SearchScratch scratch, int node, int[] parents)
    {
        scratch.Begin(_graph.Slots);
        scratch.EnsureBeams(Options.EfConstruction);
        scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
        long entry = _graph.Entry;
        (int start, float distance) = Descend(scratch, scratch.Query, entry, 0);
        Beam beam = scratch.BeamOf(0, Options.EfConstruction);
        scratch.Visited.Clear();
        SearchLayer(scratch, scratch.Query, ref beam, start, distance, 0);
        scratch.Visited.Clear();
        for (int i = 0; i < beam.Count; i++)
        {
            if (TryLinkUnder(beam.Id(i), node, parents))
                return;
        }
        for (int id = 0; id < parents.Length; id++)
        {
            if (TryLinkUnder(id, node, parents))
                return;
        }
    }

    // Makes `parent` link to `node` if it is in the tree and has room or a link that the tree does not need.
    private unsafe bool TryLinkUnder(int parent, int node, int[] parents)
    {
        if (parent == node || parent >= parents.Length || parents[parent] == Unreached || _graph.State(parent) != NodeState.Live)
            return false;
        _graph.Lock(parent);
        int* row = _graph.Links(parent, 0);
        int count = _graph.CountLinks(row, 0);
        if (Holds(row, count, node))
        {
            // Another thread linked it since the tree was made.
            _graph.Unlock(parent);
            parents[node] = parent;
            Grow(parents, node);
            return true;
        }
        int at = count < _graph.BaseLinks ? count : -1;
        for (int i = count - 1; i >= 0 && at < 0; i--)
        {
            if (row[i] < parents.Length && parents[row[i]] != parent)
                at = i;
        }
        if (at >= 0)
        {
            Volatile.Write(ref row[at], node);
            _graph.MarkDirty(parent);
        }
        _graph.Unlock(parent);
        if (at < 0)
            return false;
        parents[node] = parent;
        Grow(parents, node);
        return true;
    }
}
