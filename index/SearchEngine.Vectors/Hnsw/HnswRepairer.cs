using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>Takes nodes out of searches, and out of the graph. Thread-safe; one repair runs at a time.</summary>
internal sealed unsafe class HnswRepairer(HnswParts parts)
{
    // Nodes that one thread of a repair takes at a time.
    private const int RepairBlock = 1024;

    private readonly HnswGraph _graph = parts.Graph;
    private readonly NeighborSelector _selector = parts.Selector;
    private readonly ReachabilityKeeper _keeper = parts.Keeper;
    private readonly GraphHealer _healer = parts.Healer;
    private readonly PivotDirectory _pivots = parts.Pivots;
    private readonly CallGate _gate = parts.Gate;
    private readonly VectorIndexOptions _options = parts.Options;

    /// <summary>Takes a live node out of searches; it stays as a way-point until a repair. Returns whether it was live.</summary>
    public bool Remove(int node)
    {
        if ((uint)node >= (uint)_graph.Slots)
            return false;
        var spin = new SpinWait();
        while (true)
        {
            switch (_graph.State(node))
            {
                case NodeState.Live:
                    // Counted first: a search that starts after this call must know that it has to look at states.
                    _graph.AddRemoved(1);
                    if (_graph.TryChange(node, NodeState.Live, NodeState.Removed))
                    {
                        _graph.AddLive(-1);
                        _graph.Unsaved.Mark(node);
                        return true;
                    }
                    _graph.AddRemoved(-1);
                    break;
                case NodeState.Pending:
                    spin.SpinOnce();
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>Heals the graph around the removed nodes and frees them. Returns how many there were.</summary>
    public int Repair(SearchScratch scratch, CancellationToken cancellationToken)
    {
        lock (_gate.Maintenance)
        {
            // Whole already: looking at every node would be all that there is to do.
            if (_graph.Removed == 0)
                return 0;
            scratch.Space = _gate.Space;
            var before = _graph.Entry;
            var dead = new OrdinalSet(_graph.Slots);
            for (var node = 0; node < dead.Capacity; node++)
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
                foreach (var node in Members(dead))
                    _graph.TryChange(node, NodeState.Dying, NodeState.Removed);
                _keeper.TakeBack(scratch, dead, before);
                throw;
            }
            foreach (var node in Members(dead))
                _graph.Free(node);
            _graph.AddRemoved(-dead.Count);
            _pivots.RenewIfLost(scratch);
            return dead.Count;
        }
    }

    // Takes every link to the dead away and waits until nobody can hold one.
    private void RepairAround(SearchScratch scratch, OrdinalSet dead, CancellationToken cancellationToken)
    {
        _keeper.ReplaceDeadEntry(dead);
        // Inserts that began before the nodes were dying may still choose one; later ones do not.
        _gate.WaitForInserts();
        _keeper.ReplaceDeadEntry(dead);
        _keeper.RaiseEntry(scratch, dead);
        if (dead.Count > 0)
            HealAll(scratch, dead, cancellationToken);
        _keeper.AdoptOrphans(scratch, dead);
        if (dead.Count == 0)
            return;
        // Nothing links to the dead any more. Calls that met them before must end before their rows are emptied.
        _gate.WaitForCalls();
    }

    private void HealAll(SearchScratch scratch, OrdinalSet dead, CancellationToken cancellationToken)
    {
        int slots = _graph.Slots,
            next = 0;
        void Work(SearchScratch own, CancellationToken token)
        {
            own.Space = _gate.Space;
            own.Begin(slots);
            own.EnsureBeams(_selector.LinkCandidates);
            int start;
            while ((start = Interlocked.Add(ref next, RepairBlock) - RepairBlock) < slots && start >= 0)
            {
                token.ThrowIfCancellationRequested();
                for (var node = start; node < Math.Min(slots, start + RepairBlock); node++)
                {
                    if (_graph.State(node) == NodeState.Absent || dead.Contains(node))
                        continue;
                    for (var l = _graph.Level(node); l >= 0; l--)
                        _healer.Heal(own, node, l, dead, single: -1);
                }
            }
        }
        var threads = Math.Min(_options.BuildThreads == 0 ? Environment.ProcessorCount : _options.BuildThreads, slots / RepairBlock + 1);
        if (threads == 1)
        {
            Work(scratch, cancellationToken);
            return;
        }
        ParallelWork.Run(
            threads,
            cancellationToken,
            token =>
            {
                // Not from the pool: a call that already holds one of its scratches must not wait for another.
                using var own = new SearchScratch(_gate.Space.Codec, _options.M);
                Work(own, token);
            }
        );
    }

    private static IEnumerable<int> Members(OrdinalSet set)
    {
        for (var id = 0; id < set.Capacity; id++)
        {
            if (set.Contains(id))
                yield return id;
        }
    }
}
