using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>Chooses which candidates a node links to. Thread-safe; callers that change a node's row hold its lock.</summary>
internal sealed unsafe class NeighborSelector(HnswGraph graph, int efConstruction)
{
    private readonly HnswGraph _graph = graph;

    /// <summary>
    /// The most candidates that links are chosen from: a beam with links of links, or a row of dead links with a row behind each.
    /// </summary>
    public int LinkCandidates => efConstruction + _graph.BaseLinks * (_graph.BaseLinks + 2);

    /// <summary>Nodes of the beam that may be linked to: live ones and, where all are removed, those (until the next repair).</summary>
    public int Candidates(int node, ref Beam beam, ulong* sorted)
    {
        var n = 0;
        for (var i = 0; i < beam.Count; i++)
        {
            var id = beam.Id(i);
            if (id != node && _graph.State(id) is (NodeState.Live or NodeState.Pending))
                sorted[n++] = Beam.Pack(beam.Distance(i), id);
        }
        for (var i = 0; i < beam.Count && (n == 0 || _graph.State((int)((uint)sorted[0] >> 1)) == NodeState.Removed); i++)
        {
            var id = beam.Id(i);
            if (id != node && _graph.State(id) == NodeState.Removed)
                sorted[n++] = Beam.Pack(beam.Distance(i), id);
        }
        return n;
    }

    /// <summary>Selects links for `node` among the ids gathered in the batch.</summary>
    public int SelectFromBatch(SearchScratch scratch, int node, int count, int level)
    {
        scratch.Space.Codec.PrepareFromCode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.PairQuery);
        scratch.Space.Codec.Score(scratch.PairQuery, scratch.Rows, LayerWalker.TermRows(scratch), count, scratch.Distances);
        var sorted = scratch.Entries(2);
        for (var i = 0; i < count; i++)
            sorted[i] = Beam.Pack(scratch.Distances[i], scratch.Ids[i]);
        new Span<ulong>(sorted, count).Sort();
        return SelectNeighbors(scratch, sorted, count, _graph.MaxLinks(level), scratch.Selected, level == 0 ? node : -1, node);
    }

    /// <summary>
    /// The diversity heuristic of HNSW (algorithm 4): a candidate, nearest first, is kept if it is nearer to the base point than to any
    /// already kept. Of twins one is kept. Children of <paramref name="owner"/> (-1: none) are kept in any case. A twin of
    /// <paramref name="node"/> itself (-1: unknown) is kept, once, and hides nothing: whatever the node sees, its twin sees from the same
    /// place, so the node would be left with that one link, and with none when the twin goes. An update that changes no vector makes such
    /// twins.
    /// </summary>
    public int SelectNeighbors(SearchScratch scratch, ulong* sorted, int count, int max, int* selected, int owner, int node = -1)
    {
        if (count <= 1)
        {
            if (count == 1)
                selected[0] = (int)((uint)sorted[0] >> 1);
            return count;
        }
        var rows = scratch.Rows;
        var terms = scratch.Terms;
        int kept = 0,
            hiding = 0,
            children = 0;
        var twin = false;
        for (var i = 0; owner >= 0 && i < count; i++)
            children += _graph.Parent((int)((uint)sorted[i] >> 1)) == owner ? 1 : 0;
        for (var i = 0; i < count && kept < max; i++)
        {
            var id = (int)((uint)sorted[i] >> 1);
            var child = children > 0 && _graph.Parent(id) == owner;
            if (!child && kept + children >= max)
                continue;
            var distance = Beam.DistanceOf(sorted[i]);
            if (i + 1 < count)
                LayerWalker.Prefetch(scratch.Space.Codes.Row((int)((uint)sorted[i + 1] >> 1)));
            var code = scratch.Space.Codes.Row(id);
            var term = scratch.Space.TermsOf(id);
            var diverse = true;
            if (child)
            {
                children--;
            }
            else if (node >= 0 && IsTwin(scratch, node, code))
            {
                if (twin)
                    continue;
                twin = true;
                selected[kept++] = id;
                continue;
            }
            else if (hiding > 0)
            {
                scratch.Space.Codec.PrepareFromCode(code, term, scratch.PairQuery);
                for (var j = 0; j < hiding && diverse; j += 4)
                {
                    var n = Math.Min(4, hiding - j);
                    scratch.Space.Codec.Score(
                        scratch.PairQuery,
                        rows + j,
                        scratch.Space.Terms == null ? null : terms + j,
                        n,
                        scratch.Distances
                    );
                    for (var t = 0; t < n; t++)
                        diverse &= scratch.Distances[t] > distance;
                }
            }
            if (!diverse)
                continue;
            rows[hiding] = code;
            terms[hiding++] = term;
            selected[kept++] = id;
        }
        return kept;
    }

    private static bool IsTwin(SearchScratch scratch, int node, byte* code)
    {
        var bytes = scratch.Space.Codec.RowBytes;
        return new ReadOnlySpan<byte>(scratch.Space.Codes.Row(node), bytes).SequenceEqual(new ReadOnlySpan<byte>(code, bytes));
    }
}
