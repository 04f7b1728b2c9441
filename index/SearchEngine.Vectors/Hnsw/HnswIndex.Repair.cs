namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    // AddRange checks reachability when it added at least this fraction of the index (1 / 16).
    private const int ReachabilityShare = 16;

    /// <inheritdoc/>
    public override bool Remove(int ordinal)
    {
        if ((uint)ordinal >= (uint)_graph.Slots)
            return false;
        var spin = new SpinWait();
        while (true)
        {
            switch (_graph.State(ordinal))
            {
                case NodeState.Live:
                    // Counted first: a search that starts after this call must know that it has to look at states.
                    Interlocked.Increment(ref _removed);
                    if (_graph.TryChange(ordinal, NodeState.Live, NodeState.Removed))
                    {
                        Interlocked.Decrement(ref _count);
                        _graph.MarkDirty(ordinal);
                        return true;
                    }
                    Interlocked.Decrement(ref _removed);
                    break;
                case NodeState.Pending:
                    spin.SpinOnce();
                    break;
                default:
                    return false;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every node that links to a removed one selects its links anew among its live neighbours and the live neighbours of the removed ones
    /// (as FreshDiskANN's consolidation, Singh et al. 2021). Reads all links once; one repair runs at a time.
    /// </remarks>
    public override unsafe int Repair(CancellationToken cancellationToken = default)
    {
        SearchScratch scratch = Rent();
        try
        {
            lock (_repairLock)
            {
                scratch.Space = _space;
                scratch.Begin(_graph.Slots);
                scratch.EnsureBeams(Math.Max(Options.EfConstruction, _graph.BaseLinks * (_graph.BaseLinks + 2)));
                int slots = _graph.Slots;
                var dead = new OrdinalSet(slots);
                for (int node = 0; node < slots; node++)
                {
                    if (_graph.State(node) == NodeState.Removed)
                        dead.Add(node);
                }
                if (dead.Count == 0)
                {
                    LinkUnreachable(scratch);
                    return 0;
                }
                // Inserts that began before the removals were visible may still choose a dead node; later ones do not.
                long epoch = Interlocked.Increment(ref _repairEpoch);
                _scratch.WaitForInsertsBefore(epoch);
                ReplaceDeadEntry(dead);
                slots = _graph.Slots;
                for (int node = 0; node < slots; node++)
                {
                    if ((node & 1023) == 0)
                        cancellationToken.ThrowIfCancellationRequested();
                    NodeState state = _graph.State(node);
                    if (state == NodeState.Absent || dead.Contains(node))
                        continue;
                    int level = _graph.Level(node);
                    for (int l = 0; l <= level; l++)
                        Heal(scratch, node, l, dead, single: -1);
                }
                LinkUnreachable(scratch);
                // Nothing links to the dead any more. Calls that met them before must end before their rows are emptied.
                epoch = Interlocked.Increment(ref _repairEpoch);
                _scratch.WaitForInsertsBefore(epoch);
                _scratch.WaitForSearchesBefore(epoch);
                for (int w = 0; w < dead.Words.Length; w++)
                {
                    for (ulong word = dead.Words[w]; word != 0; word &= word - 1)
                        _graph.Free(w * 64 + System.Numerics.BitOperations.TrailingZeroCount(word));
                }
                Interlocked.Add(ref _removed, -dead.Count);
                return dead.Count;
            }
        }
        finally
        {
            Return(scratch);
        }
    }

    private void ReplaceDeadEntry(OrdinalSet dead)
    {
        lock (_entryLock)
        {
            if (_graph.Entry < 0 || !dead.Contains(_graph.EntryNode))
                return;
            _graph.Entry = HighestNode(dead);
        }
    }

    private long HighestNode(OrdinalSet? except)
    {
        long best = -1;
        int slots = _graph.Slots;
        for (int node = 0; node < slots; node++)
        {
            if (_graph.State(node) != NodeState.Live || (except != null && except.Contains(node)))
                continue;
            if (best < 0 || _graph.Level(node) > (int)(best >> 32))
                best = (long)_graph.Level(node) << 32 | (uint)node;
        }
        return best;
    }

    // Selects the links of `node` anew if it links to a dead node: those in `dead`, or the one node `single`.
    private unsafe void Heal(SearchScratch scratch, int node, int level, OrdinalSet? dead, int single)
    {
        int* row = _graph.Links(node, level);
        int max = _graph.MaxLinks(level);
        bool touched = false;
        for (int i = 0; i < max && row[i] >= 0; i++)
            touched |= IsDead(row[i], dead, single);
        if (!touched)
            return;
        _graph.Lock(node);
        try
        {
            ulong* sorted = scratch.Entries(2);
            int n = 0;
            scratch.Visited.Clear();
            scratch.Visited.Add(node);
            scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
            for (int i = 0; i < max && row[i] >= 0; i++)
            {
                int id = row[i];
                if (!IsDead(id, dead, single))
                {
                    n = HealCandidate(scratch, sorted, n, id);
                    continue;
                }
                n = HealThrough(scratch, sorted, n, id, level, dead, single);
            }
            new Span<ulong>(sorted, n).Sort();
            int kept = SelectNeighbors(scratch, sorted, n, max, scratch.Selected);
            _graph.Write(node, level, scratch.Selected, kept);
        }
        finally
        {
            scratch.Visited.Clear();
            _graph.Unlock(node);
        }
    }

    // Candidates behind a dead neighbour: its live links, and those behind further dead nodes as long as there are few.
    private unsafe int HealThrough(SearchScratch scratch, ulong* sorted, int n, int from, int level, OrdinalSet? dead, int single)
    {
        const int MaxDead = 32;
        int* queue = stackalloc int[MaxDead];
        queue[0] = from;
        int max = _graph.MaxLinks(level), enough = n + max;
        for (int head = 0, tail = 1; head < tail && (head == 0 || n < enough); head++)
        {
            if (level > _graph.Level(queue[head]))
                continue;
            int* through = _graph.Links(queue[head], level);
            for (int j = 0; j < max; j++)
            {
                int far = Volatile.Read(ref through[j]);
                // At most a row's worth per dead neighbour: that is what the candidate list is sized for.
                if (far < 0 || n >= enough)
                    break;
                if (!IsDead(far, dead, single))
                    n = HealCandidate(scratch, sorted, n, far);
                else if (tail < MaxDead && far < scratch.NodeLimit && scratch.Visited.Add(far))
                    queue[tail++] = far;
            }
        }
        return n;
    }

    private unsafe int HealCandidate(SearchScratch scratch, ulong* sorted, int n, int id)
    {
        if (id >= scratch.NodeLimit || !scratch.Visited.Add(id) || _graph.State(id) is not (NodeState.Live or NodeState.Pending))
            return n;
        sorted[n] = Beam.Pack(ScoreOne(scratch, scratch.Query, id), id);
        return n + 1;
    }

    private static bool IsDead(int id, OrdinalSet? dead, int single) => dead == null ? id == single : dead.Contains(id);

    // Before a removed node is used again in place: its neighbours that link to it look for others.
    private unsafe void HealAround(SearchScratch scratch, int node, int level)
    {
        int max = _graph.MaxLinks(level);
        int* row = _graph.Links(node, level);
        int count = _graph.CountLinks(row, level);
        int* neighbors = stackalloc int[max];
        for (int i = 0; i < count; i++)
            neighbors[i] = row[i];
        for (int i = 0; i < count; i++)
        {
            if (level <= _graph.Level(neighbors[i]) && _graph.State(neighbors[i]) != NodeState.Absent)
                Heal(scratch, neighbors[i], level, null, node);
        }
    }

    // The diversity heuristic may drop the last link to a node. After a large part of the graph came new, reading all links once is
    // cheap beside what the inserts cost, so nodes that became unreachable are found and linked.
    private protected override void AfterAddRange(int added)
    {
        if (added < Count / ReachabilityShare)
            return;
        SearchScratch scratch = Rent();
        try
        {
            lock (_repairLock)
            {
                scratch.Space = _space;
                LinkUnreachable(scratch);
            }
        }
        finally
        {
            Return(scratch);
        }
    }

}
