using System.Buffers;
using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    // Cost model, in units of one row scored from cache: a row met in the graph costs a random access more than one met in a scan,
    // and an expansion of a trained graph meets about this many new nodes.
    private const double RandomAccessFactor = 2.5;
    private const double NewNodesPerExpansion = 10;
    private const int DescentNodes = 150;

    // A scan of coarse codes keeps this many times the candidates that a graph search would re-rank.
    private const int ScanOversampling = 8;

    // A filtered walk that met fewer matching nodes than this share of what the selectivity promises runs where the filter admits little. It
    // has until this many nodes, or this share of the scan's cost, to get out of there; then the scan is taken.
    private const int AstrayNodes = 200;
    private const double AstrayCost = 0.01;
    private const double AstrayShare = 0.25;

    // Before the walk, the pivots nearest to the query tell: as many as the filter promises this many of. Twice as many are looked up by their
    // sketches, the nearer half of them by their codes. (None matches a random filter of half for 4 queries of 1,000, one of a tenth for
    // 15; these take the scan.)
    private const int PromisedPivots = 4;

    // A filtered walk that met this many times the nodes it was expected to need is given up for the scan.
    private const double Overrun = 2;

    // Re-ranking skips candidates that are farther than the worst result by this many deviations of the estimate's error.
    private const float RerankDeviations = 3;

    // Full-precision vectors that are asked for before their turn.
    private const int RerankAhead = 5;

    // Widest beam of a filtered search, as a multiple of ef, before the exact scan is taken instead.
    private const int MaxWidening = 64;

    /// <inheritdoc/>
    public override int Search(ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        CheckVector(query, nameof(query));
        CheckSearch(destination, options);
        SearchScratch scratch = Rent();
        try
        {
            Interlocked.Exchange(ref scratch.SearchEpoch, Volatile.Read(ref _repairEpoch));
            int found = SearchCore(scratch, query, destination, options);
            if (_ordinalOf != null)
            {
                for (int i = 0; i < found; i++)
                    destination[i] = destination[i] with { Ordinal = OrdinalOf(destination[i].Ordinal) };
            }
            return found;
        }
        finally
        {
            Volatile.Write(ref scratch.SearchEpoch, 0);
            Return(scratch);
        }
    }

    // Block by block (see ResultBlocks): nothing here but the number of blocks depends on how many hits are wanted.
    private unsafe int SearchCore(SearchScratch scratch, ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        long entry = _graph.Entry;
        int live = Count;
        if (entry < 0 || live == 0)
            return 0;
        int matching = options.Filter == null ? live : Math.Min(options.Filter.Count, live);
        if (matching == 0)
            return 0;
        Prepare(query, scratch.Vector);
        scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);
        destination = destination[..Math.Min(destination.Length, matching)];
        var walk = new Walk
        {
            Entry = entry,
            Selectivity = (double)matching / live,
            IsPlain = options.Filter == null && Volatile.Read(ref _removed) == 0,
            IsBeyondCodes = _beyondCodes || !scratch.Space.Codec.FitsQuery(scratch.Vector),
        };
        var blocks = new ResultBlocks(options.Ef, Options.EfSearch, matching);
        walk.Room = blocks.WidthFor(destination.Length);
        Span<VectorHit> first = destination.Length < blocks.End ? scratch.FirstHits : destination;
        int given = ComputeBlock(scratch, options, ref walk, blocks, matching, first[..blocks.End]);
        if (destination.Length < blocks.End)
        {
            first = first[..Math.Min(given, destination.Length)];
            first.CopyTo(destination);
            return first.Length;
        }
        bool exhausted = given < blocks.End;
        while (given < destination.Length && !exhausted)
        {
            blocks.Next(walk.Scans);
            VectorHit[] hits = ArrayPool<VectorHit>.Shared.Rent(blocks.End);
            int found = ComputeBlock(scratch, options, ref walk, blocks, matching, hits.AsSpan(0, blocks.End));
            exhausted = found < blocks.End;
            given = AppendNew(scratch, hits.AsSpan(0, found), destination, given);
            ArrayPool<VectorHit>.Shared.Return(hits);
        }
        return given;
    }

    // What a search carries from one block to the next.
    private ref struct Walk
    {
        public long Entry;
        public double Selectivity;

        // Whether every node that is met may be returned.
        public bool IsPlain;

        // Whether estimates say nothing, so that all must be compared in full precision.
        public bool IsBeyondCodes;

        // The widest beam that this search will come to.
        public int Room;

        // Once a block was scanned, the wider ones are too.
        public bool Scans;

        // The beam that the walk so far filled, and its width; 0 before it began.
        public Beam Results;
        public int Width;
    }

    // The hits of a block, nearest first, those of the blocks before it among them.
    private unsafe int ComputeBlock(SearchScratch scratch, in VectorQueryOptions options, ref Walk walk, in ResultBlocks blocks, int matching, Span<VectorHit> hits)
    {
        if (walk.IsBeyondCodes)
        {
            walk.Scans = true;
            return ScanExact(scratch, options.Filter, hits);
        }
        VectorCodec codec = scratch.Space.Codec;
        int wanted = hits.Length, width = blocks.Width;
        int rerank = codec.IsExact || options.Rerank == -1 ? 0 : Math.Max(wanted, options.Rerank == 0 ? codec.RerankFor(wanted, width) : options.Rerank);
        rerank = Math.Min(rerank, matching);
        double graphCost = RandomAccessFactor * (DescentNodes + NewNodesPerExpansion * width * Math.Min(1 / walk.Selectivity, MaxWidening));
        walk.Scans |= matching <= graphCost || width > ResultBlocks.WidestBeam;
        if (!walk.Scans)
        {
            StopRule stop = StopFor(scratch, wanted, options.Slack);
            if (walk.IsPlain)
                WalkOn(scratch, ref walk, width, stop);
            else if (width > walk.Width || options.Slack > 0)
                walk.Scans = !SearchFiltered(scratch, walk.Entry, width, Math.Max(width, rerank), stop, options.Filter, walk.Selectivity, out walk.Results);
            walk.Width = width;
        }
        // Too few although more match: the walk was cut off, by a filter that the beam could not cross or by changes under way.
        walk.Scans |= walk.Results.Count < wanted;
        if (walk.Scans)
        {
            if (options.Rerank == 0 && codec.IsFine)
                return ScanReranked(scratch, options.Filter, hits);
            // Coarse codes mix up many near distances: a scan keeps more of them for re-ranking than a beam would.
            rerank = options.Rerank == 0 && rerank > 0 ? (int)Math.Min(matching, (long)ScanOversampling * rerank) : rerank;
            walk.Results = Scan(scratch, options.Filter, Math.Max(wanted, rerank));
        }
        return rerank > 0 ? Rerank(scratch, ref walk.Results, rerank, hits) : CopyEstimates(scratch, ref walk.Results, hits);
    }

    // Begins the walk, or goes on with it in a wider beam.
    private unsafe void WalkOn(SearchScratch scratch, ref Walk walk, int width, in StopRule stop)
    {
        if (walk.Width == 0)
        {
            scratch.EnsureBeams(walk.Room);
            scratch.Begin(_graph.Slots);
            walk.Results = scratch.BeamOf(0, width, Math.Max(width, walk.Room));
            Start(scratch, walk.Entry, PivotsOfSearch, ref walk.Results);
        }
        walk.Results.Widen(width);
        SearchLayer(scratch, scratch.Query, ref walk.Results, 0, stop);
    }

    // Appends the hits that are not among those given.
    private int AppendNew(SearchScratch scratch, ReadOnlySpan<VectorHit> hits, Span<VectorHit> destination, int given)
    {
        VisitedSet marked = scratch.Given;
        marked.Ensure(_graph.Slots);
        foreach (VectorHit hit in destination[..given])
            marked.Add(hit.Ordinal);
        foreach (VectorHit hit in hits)
        {
            if (given == destination.Length)
                break;
            if (marked.Add(hit.Ordinal))
                destination[given++] = hit;
        }
        marked.Clear();
        return given;
    }

    private unsafe StopRule StopFor(SearchScratch scratch, int k, float slack)
    {
        if (slack == 0)
            return default;
        VectorCodec codec = scratch.Space.Codec;
        float deviation = codec.IsExact ? 0 : codec.Deviation(scratch.Query, scratch.Space.TermsOf(_graph.EntryNode));
        // Internal distances are squares but for the dot product; there the slack is one of the product.
        return new StopRule(k, (1 + slack) * (1 + slack) - 1, float.IsFinite(deviation) ? deviation : 0);
    }

    // Walks through nodes that do not match but collects only live, matching ones; ends when the nearest candidate left is farther than
    // the worst result, or when the traversal beam, widened by the selectivity, is spent.
    private unsafe bool SearchFiltered(SearchScratch scratch, long entry, int ef, int keep, in StopRule stop, OrdinalSet? filter, double selectivity, out Beam results)
    {
        int width = (int)Math.Min(ef * Math.Min(1 / selectivity + 0.5, MaxWidening), 65536);
        width = Math.Max(width, ef);
        scratch.EnsureBeams(Math.Max(width, keep));
        scratch.Begin(_graph.Slots);
        Beam traversal = scratch.BeamOf(1, width);
        results = scratch.BeamOf(0, keep);
        bool watched = filter != null;
        int met = 0, matched = 0;
        int telling = watched ? (int)Math.Ceiling(Math.Min(PromisedPivots / selectivity, MaxPivotsOfSearch)) : 0;
        Start(scratch, entry, Math.Clamp(2 * telling, PivotsOfSearch, MaxPivotsOfSearch), ref traversal);
        for (int i = 0; i < traversal.Count; i++)
        {
            int start = traversal.Id(i);
            scratch.Visited.Add(start);
            if (i < telling && filter!.Contains(OrdinalOf(start)))
                matched++;
            if (Admits(filter, start))
                results.Insert(traversal.Distance(i), start);
        }
        // Where the pivots near the query match far less than the filter promises, a walk would only begin in vain.
        if (watched && matched == 0 && traversal.Count >= telling && selectivity * telling >= PromisedPivots)
            return false;
        matched = 0;
        double patience = Math.Max(AstrayNodes, AstrayCost / RandomAccessFactor * selectivity * Count);
        double enough = AstrayNodes + Overrun * NewNodesPerExpansion * ef / selectivity;
        while (true)
        {
            if (watched && ((met >= patience && matched < AstrayShare * selectivity * met) || met >= enough))
                return false;
            int node = traversal.Expand(stop.Bound(results));
            if (node < 0 || (results.IsFull && traversal.Distance(traversal.Cursor - 1) > results.Worst))
                return true;
            int n = CollectUnvisited(scratch, scratch.First, scratch.Visited, _graph.Links(node, 0), _graph.BaseLinks);
            int next = traversal.PeekNext();
            if (next >= 0)
                Prefetch(_graph.Links(next, 0));
            scratch.Space.Codec.Score(scratch.Query, scratch.Rows, TermRows(scratch), n, scratch.Distances);
            for (int i = 0; i < n; i++)
            {
                float distance = scratch.Distances[i];
                met++;
                if (watched && filter!.Contains(OrdinalOf(scratch.Ids[i])))
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

    private bool Admits(OrdinalSet? filter, int node) =>
        (filter == null || filter.Contains(OrdinalOf(node))) && _graph.State(node) == NodeState.Live;

    private int CopyEstimates(SearchScratch scratch, ref Beam results, Span<VectorHit> destination)
    {
        int n = Math.Min(results.Count, destination.Length);
        for (int i = 0; i < n; i++)
            destination[i] = new VectorHit(results.Id(i), scratch.Space.Codec.ToMetric(results.Distance(i)));
        return n;
    }

    // Full-precision distances of the first candidates; keeps the nearest of them.
    private unsafe int Rerank(SearchScratch scratch, ref Beam results, int rerank, Span<VectorHit> destination)
    {
        int n = Math.Min(results.Count, rerank);
        int bytes = Dimension * sizeof(float);
        if (_full != null)
        {
            for (int i = 0; i < Math.Min(RerankAhead, n); i++)
                PrefetchRow(_full.Row(results.Id(i)), bytes);
        }
        int found = 0;
        VectorCodec codec = scratch.Space.Codec;
        for (int i = 0; i < n; i++)
        {
            int id = results.Id(i);
            float distance;
            if (found == destination.Length)
            {
                // A candidate whose estimate is so far behind the worst result that its error would have to be beyond the bound is skipped.
                float worst = destination[found - 1].Distance;
                worst = Metric == DistanceMetric.Euclidean ? worst * worst : worst;
                if (results.Distance(i) - RerankDeviations * codec.Deviation(scratch.Query, scratch.Space.TermsOf(id)) >= worst)
                    continue;
            }
            if (_full != null && i + RerankAhead < n)
                PrefetchRow(_full.Row(results.Id(i + RerankAhead)), bytes);
            distance = ExactOf(scratch, id, results.Distance(i));
            Keep(destination, ref found, new VectorHit(id, distance));
        }
        return found;
    }

    // The full-precision distance of a node; the estimate when its vector can no longer be read.
    private unsafe float ExactOf(SearchScratch scratch, int id, float estimate)
    {
        if (_full != null)
            return Exact(scratch.Vector, (float*)_full.Row(id), normalized: true);
        if (scratch.Space.Codec.IsExact)
            return Exact(scratch.Vector, (float*)scratch.Space.Codes.Row(id), normalized: true);
        return _reader!.TryRead(OrdinalOf(id), new Span<float>(scratch.Other, Dimension))
            ? Exact(scratch.Vector, scratch.Other, normalized: false)
            : scratch.Space.Codec.ToMetric(estimate);
    }

    // Insertion into a sorted list of bounded length.
    private static void Keep(Span<VectorHit> hits, ref int found, VectorHit hit)
    {
        int at = found;
        if (found < hits.Length)
            found++;
        else if (hit.Distance >= hits[found - 1].Distance)
            return;
        else
            at--;
        for (; at > 0 && hit.Distance < hits[at - 1].Distance; at--)
            hits[at] = hits[at - 1];
        hits[at] = hit;
    }

    private unsafe float Exact(float* query, float* vector, bool normalized)
    {
        int n = Dimension;
        return Metric switch
        {
            DistanceMetric.Cosine => normalized ? 1 - FloatKernels.Dot(query, vector, n) : ExactDistance.CosineOfUnit(query, vector, n),
            DistanceMetric.DotProduct => -ExactDistance.Dot(query, vector, n),
            _ => ExactDistance.Euclidean(query, vector, n),
        };
    }

    private static unsafe void PrefetchRow(byte* row, int bytes)
    {
        for (int offset = 0; offset < bytes; offset += CacheLine)
            Prefetch(row + offset);
    }
}
