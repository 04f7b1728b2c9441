namespace SearchEngine.Vectors.Hnsw;

/// <summary>Gives nodes that link to dead ones other links: their live neighbours and what lies behind the dead. Thread-safe.</summary>
internal sealed unsafe class GraphHealer(HnswGraph graph, NeighborSelector selector)
{
    private readonly HnswGraph _graph = graph;
    private readonly NeighborSelector _selector = selector;

    /// <summary>Selects the links of `node` anew if it links to a dead node: those in `dead`, or the one node `single`.</summary>
    public void Heal(SearchScratch scratch, int node, int level, OrdinalSet? dead, int single)
    {
        var row = _graph.Links(node, level);
        var max = _graph.MaxLinks(level);
        var touched = false;
        for (var i = 0; i < max && row[i] >= 0; i++)
            touched |= IsDead(row[i], dead, single);
        if (!touched)
            return;
        _graph.Locks.Enter(node);
        try
        {
            var sorted = scratch.Entries(2);
            int n = 0,
                owner = level == 0 ? node : -1;
            scratch.Visited.Clear();
            // Links may lead to nodes that came since the repair began.
            scratch.Begin(_graph.Slots);
            scratch.Visited.Add(node);
            scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
            for (var i = 0; i < max && row[i] >= 0; i++)
            {
                var id = row[i];
                if (!IsDead(id, dead, single))
                {
                    n = HealCandidate(scratch, sorted, n, id, owner);
                    continue;
                }
                n = HealThrough(scratch, sorted, n, id, level, dead, single, owner);
            }
            new Span<ulong>(sorted, n).Sort();
            var kept = _selector.SelectNeighbors(scratch, sorted, n, max, scratch.Selected, owner, node);
            _graph.Write(node, level, scratch.Selected, kept);
        }
        finally
        {
            scratch.Visited.Clear();
            _graph.Locks.Leave(node);
        }
    }

    /// <summary>Before a removed node is used again in place: its neighbours that link to it look for others, but for its parent.</summary>
    public void HealAround(SearchScratch scratch, int node, int level)
    {
        int max = _graph.MaxLinks(level),
            parent = level == 0 ? _graph.Parent(node) : -1;
        var row = _graph.Links(node, level);
        var count = _graph.CountLinks(row, level);
        var neighbors = stackalloc int[max];
        for (var i = 0; i < count; i++)
            neighbors[i] = row[i];
        for (var i = 0; i < count; i++)
        {
            if (neighbors[i] != parent && level <= _graph.Level(neighbors[i]) && _graph.State(neighbors[i]) != NodeState.Absent)
                Heal(scratch, neighbors[i], level, null, node);
        }
    }

    // Candidates behind a dead neighbour: its live links, and those behind further dead nodes as long as there are few.
    private int HealThrough(SearchScratch scratch, ulong* sorted, int n, int from, int level, OrdinalSet? dead, int single, int owner)
    {
        const int MaxDead = 32;
        var queue = stackalloc int[MaxDead];
        queue[0] = from;
        int max = _graph.MaxLinks(level),
            enough = n + max;
        for (int head = 0, tail = 1; head < tail && n < enough; head++)
        {
            if (level > _graph.Level(queue[head]))
                continue;
            var through = _graph.Links(queue[head], level);
            for (var j = 0; j < max; j++)
            {
                var far = Volatile.Read(ref through[j]);
                // At most a row's worth per dead neighbour: that is what the candidate list is sized for.
                if (far < 0 || n >= enough)
                    break;
                if (!IsDead(far, dead, single))
                    n = HealCandidate(scratch, sorted, n, far, owner);
                else if (tail < MaxDead && far < scratch.NodeLimit && scratch.Visited.Add(far))
                    queue[tail++] = far;
            }
        }
        return n;
    }

    // Takes live nodes, and children of `owner`, which may have been removed since and still lead to others.
    private int HealCandidate(SearchScratch scratch, ulong* sorted, int n, int id, int owner)
    {
        if (
            id >= scratch.NodeLimit
            || !scratch.Visited.Add(id)
            || (_graph.State(id) is not (NodeState.Live or NodeState.Pending) && (owner < 0 || _graph.Parent(id) != owner))
        )
        {
            return n;
        }
        sorted[n] = Beam.Pack(LayerWalker.ScoreOne(scratch, scratch.Query, id), id);
        return n + 1;
    }

    private static bool IsDead(int id, OrdinalSet? dead, int single) => dead == null ? id == single : dead.Contains(id);
}
