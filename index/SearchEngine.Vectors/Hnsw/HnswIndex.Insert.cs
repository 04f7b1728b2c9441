namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    // With at most 1 / 4 of its links a node's surroundings are taken to be twins of it.
    private const int SparseShare = 4;

    /// <inheritdoc/>
    public override bool TryAdd(int ordinal, ReadOnlySpan<float> vector)
    {
        CheckOrdinal(ordinal);
        CheckVector(vector, nameof(vector));
        SearchScratch scratch = Rent();
        try
        {
            int node = NodeOf(ordinal);
            _graph.Ensure(node);
            _full?.Ensure(node);
            var spin = new SpinWait();
            while (true)
            {
                switch (_graph.State(node))
                {
                    case NodeState.Live:
                        return false;
                    case NodeState.Absent when _graph.TryChange(node, NodeState.Absent, NodeState.Pending):
                        Insert(scratch, node, vector, reuse: false);
                        FitIfDue(scratch);
                        RenewPivotsIfDue(scratch);
                        return true;
                    case NodeState.Removed:
                        lock (_repairLock)
                        {
                            if (!_graph.TryChange(node, NodeState.Removed, NodeState.Pending))
                                break;
                            Insert(scratch, node, vector, reuse: true);
                            Interlocked.Decrement(ref _removed);
                            return true;
                        }
                    case NodeState.Dying:
                        // A repair is about to free it.
                        lock (_repairLock)
                            break;
                    default:
                        spin.SpinOnce();
                        break;
                }
            }
        }
        finally
        {
            Return(scratch);
        }
    }

    // The most candidates that links are chosen from: a beam with links of links, or a row of dead links with a row behind each.
    private int LinkCandidates => Options.EfConstruction + _graph.BaseLinks * (_graph.BaseLinks + 2);

    // Links a node that this thread has made pending. With `reuse` the node is one that was removed and not yet repaired:
    // it keeps its layer, its parent and its children, and the other neighbours that lose it are healed first.
    private unsafe void Insert(SearchScratch scratch, int node, ReadOnlySpan<float> vector, bool reuse)
    {
        EnterInsert(scratch);
        try
        {
            scratch.Space.Ensure(node);
            scratch.Begin(_graph.Slots);
            scratch.EnsureBeams(LinkCandidates);
            int level;
            if (reuse)
            {
                level = _graph.Level(node);
                for (int l = level; l >= 0; l--)
                    HealAround(scratch, node, l);
            }
            else
            {
                level = _graph.DrawLevel(node);
                _graph.Allocate(node, level);
            }
            Prepare(vector, scratch.Vector);
            if (!scratch.Space.Codec.Fits(scratch.Vector))
                _beyondCodes = true;
            if (_full != null)
                new ReadOnlySpan<float>(scratch.Vector, Dimension).CopyTo(new Span<float>(_full.Row(node), Dimension));
            scratch.Space.Codec.Encode(scratch.Vector, scratch.Work, scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node));
            scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);

            long entry = _graph.Entry;
            if (entry < 0 || level > (int)(entry >> 32))
            {
                lock (_entryLock)
                {
                    entry = _graph.Entry;
                    if (entry >= 0)
                        LinkAll(scratch, node, level, entry);
                    if (entry < 0 || level > (int)(entry >> 32))
                        BecomeEntry(scratch, node, level, entry);
                }
            }
            else
            {
                LinkAll(scratch, node, level, entry);
            }
            if (scratch.Space.Codec.CanTrain)
                NoteSpread(scratch);
            _graph.TryChange(node, NodeState.Pending, NodeState.Live);
            _graph.MarkDirty(node);
            Interlocked.Increment(ref _count);
            Interlocked.Increment(ref _sincePivots);
        }
        finally
        {
            scratch.Visited.Clear();
            Volatile.Write(ref scratch.InsertEpoch, 0);
        }
    }

    private unsafe void LinkAll(SearchScratch scratch, int node, int level, long entry)
    {
        int top = (int)(entry >> 32);
        (int start, float distance) = Descend(scratch, scratch.Query, entry, Math.Min(level, top));
        ulong* sorted = null;
        int candidates = 0;
        for (int l = Math.Min(level, top); l >= 0; l--)
        {
            Beam beam = scratch.BeamOf(0, Options.EfConstruction);
            scratch.Visited.Clear();
            beam.Insert(distance, start);
            // Nodes of groups that the layers do not lead to are linked to their own all the same.
            if (l == 0 && _pivots is PivotSet pivots)
                StartAtPivots(scratch, pivots, PivotsOfInsert, ref beam);
            SearchLayer(scratch, scratch.Query, ref beam, l);
            scratch.Visited.Clear();
            if (beam.Count > 0)
                (start, distance) = (beam.Id(0), beam.Distance(0));
            sorted = scratch.Entries(1);
            candidates = Candidates(node, ref beam, sorted);
            int selected = SelectNeighbors(scratch, sorted, candidates, _graph.M, scratch.Selected, owner: -1);
            if (selected * SparseShare <= _graph.M && candidates >= _graph.M)
                selected = SelectThroughTwins(scratch, sorted, ref candidates, selected, node, l);
            _graph.Lock(node);
            if (l == 0)
                selected = KeepChildren(node, scratch.Selected, selected);
            _graph.Write(node, l, scratch.Selected, selected);
            _graph.Unlock(node);
        }
        // Only now do others learn of the node, and from the base layer up: whoever comes down to it finds its links on the layer below.
        int* linked = scratch.Linked;
        bool held = _graph.Parent(node) >= 0;
        for (int l = 0; l <= Math.Min(level, top); l++)
        {
            int* row = _graph.Links(node, l);
            int count = _graph.CountLinks(row, l);
            for (int i = 0; i < count; i++)
                linked[i] = row[i];
            for (int i = 0; i < count; i++)
                held |= LinkBack(scratch, linked[i], node, l, adopt: !held, _graph.M);
            if (l == 0 && !held)
                Adopt(scratch, node, sorted, candidates);
        }
    }

    // Nodes of the beam that may be linked to: live ones and, where all are removed, those (until the next repair).
    private unsafe int Candidates(int node, ref Beam beam, ulong* sorted)
    {
        int n = 0;
        for (int i = 0; i < beam.Count; i++)
        {
            int id = beam.Id(i);
            if (id != node && _graph.State(id) is (NodeState.Live or NodeState.Pending))
                sorted[n++] = Beam.Pack(beam.Distance(i), id);
        }
        for (int i = 0; i < beam.Count && (n == 0 || _graph.State((int)((uint)sorted[0] >> 1)) == NodeState.Removed); i++)
        {
            int id = beam.Id(i);
            if (id != node && _graph.State(id) == NodeState.Removed)
                sorted[n++] = Beam.Pack(beam.Distance(i), id);
        }
        return n;
    }

    // A beam full of vectors that are all alike gives hardly any diverse link, and a node with such links only would be a dead end for
    // searches that pass through: its twins' links are taken as candidates too.
    private unsafe int SelectThroughTwins(SearchScratch scratch, ulong* sorted, ref int candidates, int selected, int node, int level)
    {
        scratch.Visited.Clear();
        scratch.Visited.Add(node);
        for (int i = 0; i < candidates; i++)
            scratch.Visited.Add((int)((uint)sorted[i] >> 1));
        for (int i = 0; i < selected; i++)
            scratch.Linked[i] = scratch.Selected[i];
        for (int i = 0; i < selected; i++)
        {
            int* row = _graph.Links(scratch.Linked[i], level);
            for (int j = 0; j < _graph.MaxLinks(level); j++)
            {
                int id = Volatile.Read(ref row[j]);
                if (id < 0)
                    break;
                if (id < scratch.NodeLimit && scratch.Visited.Add(id) && _graph.State(id) is (NodeState.Live or NodeState.Pending))
                    sorted[candidates++] = Beam.Pack(ScoreOne(scratch, scratch.Query, id), id);
            }
        }
        scratch.Visited.Clear();
        new Span<ulong>(sorted, candidates).Sort();
        return SelectNeighbors(scratch, sorted, candidates, _graph.M, scratch.Selected, owner: -1);
    }

    private static unsafe bool Holds(int* ids, int count, int id) => new ReadOnlySpan<int>(ids, count).Contains(id);

    // Adds `node` to the links of `neighbor`; when its row is full, selects anew among old links and the new one. With `adopt` the neighbour
    // becomes the parent if it has fewer than `maxChildren`: the link is then made in any case. Returns whether it did.
    private unsafe bool LinkBack(SearchScratch scratch, int neighbor, int node, int level, bool adopt, int maxChildren)
    {
        if (level > _graph.Level(neighbor))
            return false;
        _graph.Lock(neighbor);
        try
        {
            int* row = _graph.Links(neighbor, level);
            int count = _graph.CountLinks(row, level);
            adopt = adopt && level == 0 && _graph.State(neighbor) is not (NodeState.Absent or NodeState.Dying) && CountChildren(neighbor, row, count) < maxChildren;
            if (adopt)
                _graph.SetParent(node, neighbor);
            if (Holds(row, count, node))
                return adopt;
            if (count < _graph.MaxLinks(level))
            {
                Volatile.Write(ref row[count], node);
                _graph.MarkDirty(neighbor);
                return adopt;
            }
            for (int i = 0; i < count; i++)
                Gather(scratch, i, row[i]);
            Gather(scratch, count, node);
            int kept = SelectFromBatch(scratch, neighbor, count + 1, level);
            _graph.Write(neighbor, level, scratch.Selected, kept);
            return adopt;
        }
        finally
        {
            _graph.Unlock(neighbor);
        }
    }

    // Selects links for `node` among the ids gathered in the batch.
    private unsafe int SelectFromBatch(SearchScratch scratch, int node, int count, int level)
    {
        scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.PairQuery);
        scratch.Space.Codec.Score(scratch.PairQuery, scratch.Rows, TermRows(scratch), count, scratch.Distances);
        ulong* sorted = scratch.Entries(2);
        for (int i = 0; i < count; i++)
            sorted[i] = Beam.Pack(scratch.Distances[i], scratch.Ids[i]);
        new Span<ulong>(sorted, count).Sort();
        return SelectNeighbors(scratch, sorted, count, _graph.MaxLinks(level), scratch.Selected, level == 0 ? node : -1);
    }

    /// <summary>
    /// The diversity heuristic of HNSW (algorithm 4): a candidate, nearest first, is kept if it is nearer to the base point than to any already
    /// kept. Of twins one is kept. Children of <paramref name="owner"/> (-1: none) are kept in any case.
    /// </summary>
    private unsafe int SelectNeighbors(SearchScratch scratch, ulong* sorted, int count, int max, int* selected, int owner)
    {
        if (count <= 1)
        {
            if (count == 1)
                selected[0] = (int)((uint)sorted[0] >> 1);
            return count;
        }
        byte** rows = scratch.Rows;
        float** terms = scratch.Terms;
        int kept = 0, children = 0;
        for (int i = 0; owner >= 0 && i < count; i++)
            children += _graph.Parent((int)((uint)sorted[i] >> 1)) == owner ? 1 : 0;
        for (int i = 0; i < count && kept < max; i++)
        {
            int id = (int)((uint)sorted[i] >> 1);
            bool child = children > 0 && _graph.Parent(id) == owner;
            if (!child && kept + children >= max)
                continue;
            float distance = Beam.DistanceOf(sorted[i]);
            if (i + 1 < count)
                Prefetch(scratch.Space.Codes.Row((int)((uint)sorted[i + 1] >> 1)));
            byte* code = scratch.Space.Codes.Row(id);
            float* term = scratch.Space.TermsOf(id);
            bool diverse = true;
            if (child)
            {
                children--;
            }
            else if (kept > 0)
            {
                scratch.Space.Codec.PrepareFromCode(code, term, scratch.PairQuery);
                for (int j = 0; j < kept && diverse; j += 4)
                {
                    int n = Math.Min(4, kept - j);
                    scratch.Space.Codec.Score(scratch.PairQuery, rows + j, scratch.Space.Terms == null ? null : terms + j, n, scratch.Distances);
                    for (int t = 0; t < n; t++)
                        diverse &= scratch.Distances[t] > distance;
                }
            }
            if (!diverse)
                continue;
            rows[kept] = code;
            terms[kept] = term;
            selected[kept++] = id;
        }
        return kept;
    }
}
