using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>Searches where not every node may be returned: some do not match, some are removed. Thread-safe.</summary>
internal sealed unsafe class FilteredWalker(HnswGraph graph, LayerWalker walker, PivotDirectory pivots, OrdinalMap map)
{
    // A filtered walk that met fewer matching nodes than this share of what the selectivity promises runs where the filter admits little.
    // It
    // has until this many nodes, or this share of the scan's cost, to get out of there; then the scan is taken.
    private const int AstrayNodes = 200;
    private const double AstrayCost = 0.01;
    private const double AstrayShare = 0.25;

    // Before the walk, the pivots nearest to the query tell: as many as the filter promises this many of. Twice as many are looked up by
    // their
    // sketches, the nearer half of them by their codes. (None matches a random filter of half for 4 queries of 1,000, one of a tenth for
    // 15; these take the scan.)
    private const int PromisedPivots = 4;

    // A filtered walk that met this many times the nodes it was expected to need is given up for the scan.
    private const double Overrun = 2;

    private readonly HnswGraph _graph = graph;
    private readonly LayerWalker _walker = walker;
    private readonly PivotDirectory _pivots = pivots;
    private readonly OrdinalMap _map = map;

    /// <summary>
    /// Walks through nodes that do not match but collects only live, matching ones; ends when the nearest candidate left is farther than
    /// the worst result, or when the traversal beam, widened by the selectivity, is spent.
    /// </summary>
    public bool SearchFiltered(
        SearchScratch scratch,
        long entry,
        int ef,
        int keep,
        in StopRule stop,
        OrdinalSet? filter,
        double selectivity,
        out Beam results
    )
    {
        var width = (int)Math.Min(ef * Math.Min(1 / selectivity + 0.5, HnswSearcher.MaxWidening), 65536);
        width = Math.Max(width, ef);
        scratch.EnsureBeams(Math.Max(width, keep));
        scratch.Begin(_graph.Slots);
        var traversal = scratch.BeamOf(1, width);
        results = scratch.BeamOf(0, keep);
        var watched = filter != null;
        int met = 0,
            matched = 0;
        var telling = watched ? (int)Math.Ceiling(Math.Min(PromisedPivots / selectivity, PivotDirectory.MaxPivotsOfSearch)) : 0;
        _pivots.Start(
            scratch,
            entry,
            Math.Clamp(2 * telling, PivotDirectory.PivotsOfSearch, PivotDirectory.MaxPivotsOfSearch),
            ref traversal
        );
        for (var i = 0; i < traversal.Count; i++)
        {
            var start = traversal.Id(i);
            scratch.Visited.Add(start);
            if (i < telling && filter!.Contains(_map.OrdinalOf(start)))
                matched++;
            if (Admits(filter, start))
                results.Insert(traversal.Distance(i), start);
        }
        // Where the pivots near the query match far less than the filter promises, a walk would only begin in vain.
        if (watched && matched == 0 && traversal.Count >= telling && selectivity * telling >= PromisedPivots)
            return false;
        matched = 0;
        var patience = Math.Max(AstrayNodes, AstrayCost / HnswSearcher.RandomAccessFactor * selectivity * _graph.Live);
        var enough = AstrayNodes + Overrun * HnswSearcher.NewNodesPerExpansion * ef / selectivity;
        while (true)
        {
            if (watched && ((met >= patience && matched < AstrayShare * selectivity * met) || met >= enough))
                return false;
            var node = traversal.Expand(stop.Bound(results));
            if (node < 0 || (results.IsFull && traversal.Distance(traversal.Cursor - 1) > results.Worst))
                return true;
            var n = _walker.CollectUnvisited(scratch, scratch.First, scratch.Visited, _graph.Links(node, 0), _graph.BaseLinks);
            var next = traversal.PeekNext();
            if (next >= 0)
                LayerWalker.Prefetch(_graph.Links(next, 0));
            scratch.Space.Codec.Score(scratch.Query, scratch.Rows, LayerWalker.TermRows(scratch), n, scratch.Distances);
            for (var i = 0; i < n; i++)
            {
                var distance = scratch.Distances[i];
                met++;
                if (watched && filter!.Contains(_map.OrdinalOf(scratch.Ids[i])))
                    matched++;
                if (distance < results.Limit)
                {
                    traversal.Insert(distance, scratch.Ids[i]);
                    if (Admits(filter, scratch.Ids[i]))
                        results.Insert(distance, scratch.Ids[i]);
                }
            }
        }
    }

    public bool Admits(OrdinalSet? filter, int node) =>
        (filter == null || filter.Contains(_map.OrdinalOf(node))) && _graph.State(node) == NodeState.Live;
}
