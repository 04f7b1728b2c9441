using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    // Nodes that one thread of a repair takes at a time.
    private const int RepairBlock = 1024;

    /// <inheritdoc/>
    public override bool Remove(int ordinal)
    {
        SearchScratch scratch = Rent();
        try
        {
            int node = NodeOf(ordinal);
            if ((uint)node >= (uint)_graph.Slots)
                return false;
            var spin = new SpinWait();
            while (true)
            {
                switch (_graph.State(node))
                {
                    case NodeState.Live:
                        // Counted first: a search that starts after this call must know that it has to look at states.
                        Interlocked.Increment(ref _removed);
                        if (_graph.TryChange(node, NodeState.Live, NodeState.Removed))
                        {
                            Interlocked.Decrement(ref _count);
                            _graph.MarkDirty(node);
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
        finally
        {
            Return(scratch);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every node that links to a removed one selects its links anew among its live neighbours and the live neighbours of the removed ones
    /// (as FreshDiskANN's consolidation, Singh et al. 2021), on <see cref="VectorIndexOptions.BuildThreads"/> threads. Reads all links once;
    /// one repair runs at a time.
    /// </remarks>
    public override int Repair(CancellationToken cancellationToken = default)
    {
        SearchScratch scratch = Rent();
        try
        {
            lock (_repairLock)
            {
                scratch.Space = _space;
                var dead = new OrdinalSet(_graph.Slots);
                for (int node = 0; node < dead.Capacity; node++)
                {
                    if (_graph.TryChange(node, NodeState.Removed, NodeState.Dying))
                        dead.Add(node);
                }
                try
                {
                    RepairAround(scratch, dead, cancellationToken);
                }
                catch
                {
                    foreach (int node in Members(dead))
                        _graph.TryChange(node, NodeState.Dying, NodeState.Removed);
                    throw;
                }
                foreach (int node in Members(dead))
                    _graph.Free(node);
                Interlocked.Add(ref _removed, -dead.Count);
                RenewPivotsIfLost(scratch);
                return dead.Count;
            }
        }
        finally
        {
            Return(scratch);
        }
    }

    // Takes every link to the dead away and waits until nobody can hold one.
    private void RepairAround(SearchScratch scratch, OrdinalSet dead, CancellationToken cancellationToken)
    {
        ReplaceDeadEntry(dead);
        // Inserts that began before the nodes were dying may still choose one; later ones do not.
        long epoch = Interlocked.Increment(ref _repairEpoch);
        _scratch.WaitForInsertsBefore(epoch);
        ReplaceDeadEntry(dead);
        if (dead.Count > 0)
            HealAll(scratch, dead, cancellationToken);
        AdoptOrphans(scratch, dead);
        if (dead.Count == 0)
            return;
        // Nothing links to the dead any more. Calls that met them before must end before their rows are emptied.
        epoch = Interlocked.Increment(ref _repairEpoch);
        _scratch.WaitForInsertsBefore(epoch);
        _scratch.WaitForSearchesBefore(epoch);
    }

    private void HealAll(SearchScratch scratch, OrdinalSet dead, CancellationToken cancellationToken)
    {
        int slots = _graph.Slots, next = 0;
        void Work(SearchScratch own, CancellationToken token)
        {
            own.Space = _space;
            own.Begin(slots);
            own.EnsureBeams(LinkCandidates);
            int start;
            while ((start = Interlocked.Add(ref next, RepairBlock) - RepairBlock) < slots && start >= 0)
            {
                token.ThrowIfCancellationRequested();
                for (int node = start; node < Math.Min(slots, start + RepairBlock); node++)
                {
                    if (_graph.State(node) == NodeState.Absent || dead.Contains(node))
                        continue;
                    for (int l = _graph.Level(node); l >= 0; l--)
                        Heal(own, node, l, dead, single: -1);
                }
            }
        }
        int threads = Math.Min(Options.BuildThreads == 0 ? Environment.ProcessorCount : Options.BuildThreads, slots / RepairBlock + 1);
        if (threads == 1)
        {
            Work(scratch, cancellationToken);
            return;
        }
        ParallelWork.Run(threads, cancellationToken, token =>
        {
            // Not from the pool: a call that already holds one of its scratches must not wait for another.
            using var own = new SearchScratch(_space.Codec, Options.M);
            Work(own, token);
        });
    }

    private static IEnumerable<int> Members(OrdinalSet set)
    {
        for (int id = 0; id < set.Capacity; id++)
        {
            if (set.Contains(id))
                yield return id;
        }
    }

    private void ReplaceDeadEntry(OrdinalSet dead)
    {
        lock (_entryLock)
        {
            if (_graph.Entry >= 0 && !dead.Contains(_graph.EntryNode))
                return;
            _graph.Entry = HighestNode(dead);
            if (_graph.Entry >= 0)
                _graph.SetParent(_graph.EntryNode, _graph.EntryNode);
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
            int n = 0, owner = level == 0 ? node : -1;
            scratch.Visited.Clear();
            // Links may lead to nodes that came since the repair began.
            scratch.Begin(_graph.Slots);
            scratch.Visited.Add(node);
            scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Query);
            for (int i = 0; i < max && row[i] >= 0; i++)
            {
                int id = row[i];
                if (!IsDead(id, dead, single))
                {
                    n = HealCandidate(scratch, sorted, n, id, owner);
                    continue;
                }
                n = HealThrough(scratch, sorted, n, id, level, dead, single, owner);
            }
            new Span<ulong>(sorted, n).Sort();
            int kept = SelectNeighbors(scratch, sorted, n, max, scratch.Selected, owner);
            _graph.Write(node, level, scratch.Selected, kept);
        }
        finally
        {
            scratch.Visited.Clear();
            _graph.Unlock(node);
        }
    }

    // Candidates behind a dead neighbour: its live links, and those behind further dead nodes as long as there are few.
    private unsafe int HealThrough(SearchScratch scratch, ulong* sorted, int n, int from, int level, OrdinalSet? dead, int single, int owner)
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
                    n = HealCandidate(scratch, sorted, n, far, owner);
                else if (tail < MaxDead && far < scratch.NodeLimit && scratch.Visited.Add(far))
                    queue[tail++] = far;
            }
        }
        return n;
    }

    // Takes live nodes, and children of `owner`, which may have been removed since and still lead to others.
    private unsafe int HealCandidate(SearchScratch scratch, ulong* sorted, int n, int id, int owner)
    {
        if (id >= scratch.NodeLimit || !scratch.Visited.Add(id)
            || (_graph.State(id) is not (NodeState.Live or NodeState.Pending) && (owner < 0 || _graph.Parent(id) != owner)))
            return n;
        sorted[n] = Beam.Pack(ScoreOne(scratch, scratch.Query, id), id);
        return n + 1;
    }

    private static bool IsDead(int id, OrdinalSet? dead, int single) => dead == null ? id == single : dead.Contains(id);

    // Before a removed node is used again in place: its neighbours that link to it look for others, but for its parent.
    private unsafe void HealAround(SearchScratch scratch, int node, int level)
    {
        int max = _graph.MaxLinks(level), parent = level == 0 ? _graph.Parent(node) : -1;
        int* row = _graph.Links(node, level);
        int count = _graph.CountLinks(row, level);
        int* neighbors = stackalloc int[max];
        for (int i = 0; i < count; i++)
            neighbors[i] = row[i];
        for (int i = 0; i < count; i++)
        {
            if (neighbors[i] != parent && level <= _graph.Level(neighbors[i]) && _graph.State(neighbors[i]) != NodeState.Absent)
                Heal(scratch, neighbors[i], level, null, node);
        }
    }
}
