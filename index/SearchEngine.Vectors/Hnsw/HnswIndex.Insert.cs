namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    /// <inheritdoc/>
    public override bool TryAdd(int ordinal, ReadOnlySpan<float> vector)
    {
        CheckOrdinal(ordinal);
        CheckVector(vector, nameof(vector));
        SearchScratch scratch = Rent();
        try
        {
            _graph.Ensure(ordinal);
            _full?.Ensure(ordinal);
            var spin = new SpinWait();
            while (true)
            {
                switch (_graph.State(ordinal))
                {
                    case NodeState.Live:
                        return false;
                    case NodeState.Absent when _graph.TryChange(ordinal, NodeState.Absent, NodeState.Pending):
                        Insert(scratch, ordinal, vector, reuse: false);
                        FitIfDue(scratch);
                        return true;
                    case NodeState.Removed:
                        lock (_repairLock)
                        {
                            if (!_graph.TryChange(ordinal, NodeState.Removed, NodeState.Pending))
                                break;
                            Insert(scratch, ordinal, vector, reuse: true);
                            Interlocked.Decrement(ref _removed);
                            return true;
                        }
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

    // Links a node that this thread has made pending. With `reuse` the node is one that was removed and not yet repaired:
    // it keeps its layer, and the neighbours that lose it are healed first.
    private unsafe void Insert(SearchScratch scratch, int node, ReadOnlySpan<float> vector, bool reuse)
    {
        EnterInsert(scratch);
        try
        {
            scratch.Space.Ensure(node);
            scratch.Begin(_graph.Slots);
            scratch.EnsureBeams(Math.Max(Options.EfConstruction, _graph.BaseLinks * (_graph.BaseLinks + 2)));
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
                        _graph.Entry = (long)level << 32 | (uint)node;
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
        for (int l = Math.Min(level, top); l >= 0; l--)
        {
            Beam beam = scratch.BeamOf(0, Options.EfConstruction);
            scratch.Visited.Clear();
            SearchLayer(scratch, scratch.Query, ref beam, start, distance, l);
            scratch.Visited.Clear();
            if (beam.Count > 0)
                (start, distance) = (beam.Id(0), beam.Distance(0));
            ulong* sorted = scratch.Entries(1);
            int candidates = 0;
            for (int i = 0; i < beam.Count; i++)
            {
                int id = beam.Id(i);
                if (id != node && _graph.State(id) is (NodeState.Live or NodeState.Pending))
                    sorted[candidates++] = Beam.Pack(beam.Distance(i), id);
            }
            int selected = SelectNeighbors(scratch, sorted, candidates, _graph.M, scratch.Selected);
            _graph.Lock(node);
            _graph.Write(node, l, scratch.Selected, selected);
            _graph.Unlock(node);
        }
        // Only now do others learn of the node, and from the base layer up: whoever comes down to it finds its links on the layer below.
        int* linked = scratch.Linked;
        for (int l = 0; l <= Math.Min(level, top); l++)
        {
            int* row = _graph.Links(node, l);
            int count = _graph.CountLinks(row, l);
            for (int i = 0; i < count; i++)
                linked[i] = row[i];
            for (int i = 0; i < count; i++)
                LinkBack(scratch, linked[i], node, l);
        }
    }

    private static unsafe bool Holds(int* ids, int count, int id) => new ReadOnlySpan<int>(ids, count).Contains(id);

    // Adds `node` to the links of `neighbor`; when its row is full, selects anew among old links and the new one.
    private unsafe void LinkBack(SearchScratch scratch, int neighbor, int node, int level)
    {
        if (level > _graph.Level(neighbor))
            return;
        _graph.Lock(neighbor);
        try
        {
            int* row = _graph.Links(neighbor, level);
            int count = _graph.CountLinks(row, level);
            if (Holds(row, count, node))
                return;
            if (count < _graph.MaxLinks(level))
            {
                Volatile.Write(ref row[count], node);
                _graph.MarkDirty(neighbor);
                return;
            }
            for (int i = 0; i < count; i++)
                Gather(scratch, i, row[i]);
            Gather(scratch, count, node);
            int kept = SelectFromBatch(scratch, neighbor, count + 1, level);
            _graph.Write(neighbor, level, scratch.Selected, kept);
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
        return SelectNeighbors(scratch, sorted, count, _graph.MaxLinks(level), scratch.Selected);
    }

    /// <summary>
    /// The diversity heuristic of HNSW (algorithm 4): a candidate, nearest first, is kept unless it is nearer to one already kept than to the
    /// base point.
    /// </summary>
    private unsafe int SelectNeighbors(SearchScratch scratch, ulong* sorted, int count, int max, int* selected)
    {
        if (count <= 1)
        {
            if (count == 1)
                selected[0] = (int)((uint)sorted[0] >> 1);
            return count;
        }
        byte** rows = scratch.Rows;
        float** terms = scratch.Terms;
        int kept = 0;
        for (int i = 0; i < count && kept < max; i++)
        {
            int id = (int)((uint)sorted[i] >> 1);
            float distance = Beam.DistanceOf(sorted[i]);
            if (i + 1 < count)
                Prefetch(scratch.Space.Codes.Row((int)((uint)sorted[i + 1] >> 1)));
            byte* code = scratch.Space.Codes.Row(id);
            float* term = scratch.Space.TermsOf(id);
            bool diverse = true;
            if (kept > 0)
            {
                scratch.Space.Codec.PrepareFromCode(code, term, scratch.PairQuery);
                for (int j = 0; j < kept && diverse; j += 4)
                {
                    int n = Math.Min(4, kept - j);
                    scratch.Space.Codec.Score(scratch.PairQuery, rows + j, scratch.Space.Terms == null ? null : terms + j, n, scratch.Distances);
                    for (int t = 0; t < n; t++)
                        diverse &= scratch.Distances[t] >= distance;
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
