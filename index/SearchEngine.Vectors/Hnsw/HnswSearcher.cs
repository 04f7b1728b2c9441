using System.Buffers;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Searches: chooses between the walk and the scan by estimated cost, block by block (see <see cref="ResultBlocks"/>). Takes no lock and
/// allocates
/// nothing after warm-up for the hits of the first block. Thread-safe. Hits are nodes, not ordinals.
/// </summary>
internal sealed unsafe class HnswSearcher
{
    // Cost model, in units of one row scored from cache: a row met in the graph costs a random access more than one met in a scan,
    // and an expansion of a trained graph meets about this many new nodes.
    public const double RandomAccessFactor = 2.5;
    public const double NewNodesPerExpansion = 10;
    private const int DescentNodes = 150;

    // A scan of coarse codes keeps this many times the candidates that a graph search would re-rank.
    private const int ScanOversampling = 8;

    // Widest beam of a filtered search, as a multiple of ef, before the exact scan is taken instead.
    public const int MaxWidening = 64;

    private readonly HnswGraph _graph;
    private readonly LayerWalker _walker;
    private readonly PivotDirectory _pivots;
    private readonly FilteredWalker _filtered;
    private readonly CodeScanner _scanner;
    private readonly FullVectors _vectors;
    private readonly Reranker _reranker;
    private readonly CallGate _gate;
    private readonly OrdinalMap _map;
    private readonly VectorIndexOptions _options;

    public HnswSearcher(HnswParts parts)
    {
        (_graph, _walker, _pivots, _vectors, _gate, _map, _options) = (
            parts.Graph,
            parts.Walker,
            parts.Pivots,
            parts.Vectors,
            parts.Gate,
            parts.Map,
            parts.Options
        );
        _filtered = new FilteredWalker(parts.Graph, parts.Walker, parts.Pivots, parts.Map);
        _scanner = new CodeScanner(parts.Graph, parts.Map, parts.Vectors, _filtered, parts.Options.Metric);
        _reranker = new Reranker(parts.Vectors, parts.Options.Metric);
    }

    /// <summary>Block by block (see ResultBlocks): nothing here but the number of blocks depends on how many hits are wanted.</summary>
    public int Search(SearchScratch scratch, ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        var entry = _graph.Entry;
        var live = _graph.Live;
        if (entry < 0 || live == 0)
            return 0;
        var matching = options.Filter == null ? live : Math.Min(options.Filter.Count, live);
        if (matching == 0)
            return 0;
        _vectors.Prepare(query, scratch.Vector);
        scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);
        destination = destination[..Math.Min(destination.Length, matching)];
        var walk = new Walk
        {
            Entry = entry,
            Selectivity = (double)matching / live,
            IsPlain = options.Filter == null && _graph.Removed == 0,
            IsBeyondCodes = _gate.BeyondCodes || !scratch.Space.Codec.FitsQuery(scratch.Vector),
        };
        var blocks = new ResultBlocks(options.Ef, _options.EfSearch, matching);
        walk.Room = blocks.WidthFor(destination.Length);
        if (destination.Length > blocks.End)
        {
            walk.Known = scratch.Exact;
            walk.Known.Clear();
        }
        var first = destination.Length < blocks.End ? scratch.FirstHits : destination;
        var given = ComputeBlock(scratch, options, ref walk, blocks, matching, first[..blocks.End]);
        if (destination.Length < blocks.End)
        {
            first = first[..Math.Min(given, destination.Length)];
            first.CopyTo(destination);
            return first.Length;
        }
        var exhausted = given < blocks.End;
        while (given < destination.Length && !exhausted)
        {
            blocks.Next(walk.Scans);
            var hits = ArrayPool<VectorHit>.Shared.Rent(blocks.End);
            var found = ComputeBlock(scratch, options, ref walk, blocks, matching, hits.AsSpan(0, blocks.End));
            exhausted = found < blocks.End;
            given = AppendNew(scratch, hits.AsSpan(0, found), destination, given);
            ArrayPool<VectorHit>.Shared.Return(hits);
        }
        return given;
    }

    /// <summary>The full-precision distances of ordinals; NaN where none is live.</summary>
    public void Measure(SearchScratch scratch, ReadOnlySpan<float> query, ReadOnlySpan<int> ordinals, Span<float> distances)
    {
        _vectors.Prepare(query, scratch.Vector);
        for (var i = 0; i < ordinals.Length; i++)
        {
            var node = _map.NodeOf(ordinals[i]);
            distances[i] = _graph.IsLive(node) ? _vectors.ExactOf(scratch, node) : float.NaN;
        }
    }

    // The hits of a block, nearest first, those of the blocks before it among them.
    private int ComputeBlock(
        SearchScratch scratch,
        in VectorQueryOptions options,
        ref Walk walk,
        in ResultBlocks blocks,
        int matching,
        Span<VectorHit> hits
    )
    {
        if (walk.IsBeyondCodes)
        {
            walk.Scans = true;
            return _scanner.ScanExact(scratch, options.Filter, hits);
        }
        var codec = scratch.Space.Codec;
        int wanted = hits.Length,
            width = blocks.Width;
        var rerank =
            codec.IsExact || options.Rerank == -1
                ? 0
                : Math.Max(wanted, options.Rerank == 0 ? codec.RerankFor(wanted, width) : options.Rerank);
        rerank = Math.Min(rerank, matching);
        var graphCost = RandomAccessFactor * (DescentNodes + NewNodesPerExpansion * width * Math.Min(1 / walk.Selectivity, MaxWidening));
        walk.Scans |= matching <= graphCost || width > ResultBlocks.WidestBeam;
        if (!walk.Scans)
        {
            var stop = StopFor(scratch, wanted, options.Slack);
            if (walk.IsPlain)
            {
                WalkOn(scratch, ref walk, width, stop);
            }
            else if (width > walk.Width || options.Slack > 0)
            {
                walk.Scans = !_filtered.SearchFiltered(
                    scratch,
                    walk.Entry,
                    width,
                    Math.Max(width, rerank),
                    stop,
                    options.Filter,
                    walk.Selectivity,
                    out walk.Results
                );
            }
            walk.Width = width;
        }
        // Too few although more match: the walk was cut off, by a filter that the beam could not cross or by changes under way.
        walk.Scans |= walk.Results.Count < wanted;
        if (walk.Scans)
        {
            if (options.Rerank == 0 && codec.IsFine)
                return _scanner.ScanReranked(scratch, options.Filter, hits);
            // Coarse codes mix up many near distances: a scan keeps more of them for re-ranking than a beam would.
            rerank = options.Rerank == 0 && rerank > 0 ? (int)Math.Min(matching, (long)ScanOversampling * rerank) : rerank;
            walk.Results = _scanner.Scan(scratch, options.Filter, Math.Max(wanted, rerank));
        }
        return rerank > 0
            ? _reranker.Rerank(scratch, ref walk.Results, rerank, walk.Known, hits)
            : _reranker.CopyEstimates(scratch, ref walk.Results, hits);
    }

    // Begins the walk, or goes on with it in a wider beam.
    private void WalkOn(SearchScratch scratch, ref Walk walk, int width, in StopRule stop)
    {
        if (walk.Width == 0)
        {
            scratch.EnsureBeams(walk.Room);
            scratch.Begin(_graph.Slots);
            walk.Results = scratch.BeamOf(0, width, Math.Max(width, walk.Room));
            _pivots.Start(scratch, walk.Entry, PivotDirectory.PivotsOfSearch, ref walk.Results);
        }
        walk.Results.Widen(width);
        _walker.SearchLayer(scratch, scratch.Query, ref walk.Results, 0, stop);
    }

    // Appends the hits that are not among those given.
    private int AppendNew(SearchScratch scratch, ReadOnlySpan<VectorHit> hits, Span<VectorHit> destination, int given)
    {
        var marked = scratch.Given;
        marked.Ensure(_graph.Slots);
        foreach (var hit in destination[..given])
            marked.Add(hit.Ordinal);
        foreach (var hit in hits)
        {
            if (given == destination.Length)
                break;
            if (marked.Add(hit.Ordinal))
                destination[given++] = hit;
        }
        marked.Clear();
        return given;
    }

    private StopRule StopFor(SearchScratch scratch, int k, float slack)
    {
        if (slack == 0)
            return default;
        var codec = scratch.Space.Codec;
        var deviation = codec.IsExact ? 0 : codec.Deviation(scratch.Query, scratch.Space.TermsOf(_graph.EntryNode));
        // Internal distances are squares but for the dot product; there the slack is one of the product.
        return new StopRule(k, (1 + slack) * (1 + slack) - 1, float.IsFinite(deviation) ? deviation : 0);
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

        // What was compared in full precision; null where there is one block only.
        public ExactDistances? Known;

        // Once a block was scanned, the wider ones are too.
        public bool Scans;

        // The beam that the walk so far filled, and its width; 0 before it began.
        public Beam Results;
        public int Width;
    }

    /// <summary>How many nodes a search of the base layer expands.</summary>
    public int MeasureHops(SearchScratch scratch, ReadOnlySpan<float> query, int ef, int wanted, float slack)
    {
        scratch.Begin(_graph.Slots);
        scratch.EnsureBeams(ef);
        _vectors.Prepare(query, scratch.Vector);
        scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);
        var beam = scratch.BeamOf(0, ef);
        _pivots.Start(scratch, _graph.Entry, PivotDirectory.PivotsOfSearch, ref beam);
        return _walker.SearchLayer(scratch, scratch.Query, ref beam, 0, slack > 0 ? new StopRule(wanted, slack, 0) : default);
    }
}
