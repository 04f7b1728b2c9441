using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Where searches start. Layers lead a walk astray where a collection falls into many groups with nothing between them that tells the way
/// (at a million vectors in 10,000 groups a narrow walk ended in a wrong group for four queries of ten). Instead, each region of the graph
/// has
/// a pivot, and the query is compared with all of them by a sketch. Keeps the pivots in use and renews them. Thread-safe.
/// </summary>
internal sealed unsafe class PivotDirectory(HnswGraph graph, LayerWalker walker, VectorIndexOptions options)
{
    // Vectors of few components are led well by the layers.
    private const int PivotsFromDimension = 32;

    // More than this would make the comparison, half a nanosecond each, cost more than the walk.
    private const int MaxPivots = 65_536;

    // Pivots by sketch whose codes are then compared: of a plain search, of an insert, and at most of a search with a filter, which learns
    // from them
    // how much the filter admits near the query.
    public const int PivotsOfSearch = 2;
    public const int PivotsOfInsert = 4;
    public const int MaxPivotsOfSearch = 64;

    // New pivots are chosen when the graph has got this share of new nodes, or lost this share of its pivots.
    private const double PivotsRenewed = 0.25;

    private readonly HnswGraph _graph = graph;
    private readonly LayerWalker _walker = walker;
    private readonly VectorIndexOptions _options = options;
    private readonly PivotChooser _chooser = new(graph, walker, options.Dimension);
    private readonly Lock _renewing = new();
    private volatile PivotSet? _pivots;
    private PivotSet? _stored;
    private int _sincePivots;

    /// <summary>The pivots in use; null where the layers lead. Set by tests that compare the two.</summary>
    public PivotSet? Pivots
    {
        get => _pivots;
        set => _pivots = value;
    }

    /// <summary>Counts a node that the pivots do not know.</summary>
    public void NoteInsert() => Interlocked.Increment(ref _sincePivots);

    /// <summary>After node <paramref name="order"/>[i] has become node i. Nothing else may run.</summary>
    public void Renumber(int[] order) => _pivots = _pivots?.Renumbered(order);

    public void RenewIfDue(SearchScratch scratch)
    {
        if (_options.Dimension < PivotsFromDimension || _sincePivots < _options.PivotsFrom / 2 || !AreDue() || !_renewing.TryEnter())
            return;
        try
        {
            if (AreDue())
                Renew(scratch);
        }
        finally
        {
            _renewing.Exit();
        }
    }

    /// <summary>After nodes were freed: when many pivots are among them.</summary>
    public void RenewIfLost(SearchScratch scratch)
    {
        if (_pivots is not PivotSet pivots)
            return;
        var lost = 0;
        foreach (var node in pivots.Nodes)
            lost += _graph.State(node) == NodeState.Live ? 0 : 1;
        if (lost < PivotsRenewed * pivots.Nodes.Length)
            return;
        lock (_renewing)
            Renew(scratch);
    }

    /// <summary>Chooses pivots anew from the links of the base layer and swaps them in. Searches and changes go on meanwhile.</summary>
    public void Renew(SearchScratch scratch)
    {
        _sincePivots = 0;
        _pivots = !AreWanted ? null : _chooser.Choose(scratch).Build(_graph.Live, MaxPivots);
    }

    /// <summary>
    /// Fills the beam with the nodes that a search of the base layer starts from: the nearest pivots, or where the layers lead to.
    /// </summary>
    public void Start(SearchScratch scratch, long entry, int pivotsWanted, ref Beam beam)
    {
        var pivots = _pivots;
        if (pivots != null)
            StartAtPivots(scratch, pivots, pivotsWanted, ref beam);
        if (pivots is not { IsComplete: true } || beam.Count == 0)
        {
            (var node, var distance) = _walker.Descend(scratch, scratch.Query, entry, 0);
            if (!beam.Holds(node))
                beam.Insert(distance, node);
        }
    }

    public void StartAtPivots(SearchScratch scratch, PivotSet pivots, int wanted, ref Beam beam)
    {
        var nearest = scratch.BeamOf(2, wanted);
        pivots.Nearest(scratch.Vector, ref nearest, scratch.PivotWork(pivots.WorkBytes));
        var batch = scratch.First;
        var n = 0;
        for (var i = 0; i < nearest.Count; i++)
        {
            // A pivot may have been removed since, and its ordinal be in use again for a vector elsewhere.
            var node = nearest.Id(i);
            if (node < scratch.NodeLimit && _graph.State(node) is NodeState.Live or NodeState.Removed && !beam.Holds(node))
                batch.Ids[n++] = node;
        }
        LayerWalker.Fetch(scratch, batch, n);
        scratch.Space.Codec.Score(scratch.Query, batch.Rows, LayerWalker.TermRows(scratch, batch), n, scratch.Distances);
        for (var i = 0; i < n; i++)
            beam.Insert(scratch.Distances[i], batch.Ids[i]);
    }

    /// <summary>Stores the pivots if they are others than those stored last.</summary>
    public void Save(IVectorIndexSink sink, OrdinalMap map)
    {
        var pivots = _pivots;
        if (ReferenceEquals(pivots, _stored))
            return;
        if (pivots == null)
            sink.Delete(PivotBlob.Slot);
        else
            sink.Write(PivotBlob.Slot, PivotBlob.Write(pivots, map));
        _stored = pivots;
    }

    /// <summary>Takes stored pivots over, or chooses some anew where none are stored, too many are gone or too much is new.</summary>
    public void Load(ReadOnlySpan<byte> blob, SearchScratch scratch)
    {
        _stored = _pivots = AreWanted ? PivotBlob.Read(blob, _options.Dimension, _graph.Slots) : null;
        _sincePivots = Math.Max(0, _graph.Live - (_pivots?.ChosenAmong ?? 0));
        if (_pivots == null ? AreWanted : AreDue())
            Renew(scratch);
        else
            RenewIfLost(scratch);
    }

    /// <summary>Takes the pivots of an image over, which are those stored; what is not there is chosen when it is due.</summary>
    public void Take(ReadOnlySpan<byte> blob)
    {
        _stored = _pivots = PivotBlob.Read(blob, _options.Dimension, _graph.Slots);
        _sincePivots = Math.Max(0, _graph.Live - (_pivots?.ChosenAmong ?? 0));
    }

    // Codes of one bit are no finer than the sketches.
    private bool AreWanted =>
        _options.Quantization != VectorQuantization.Binary
        && _graph.Live >= _options.PivotsFrom
        && _options.Dimension >= PivotsFromDimension;

    private bool AreDue()
    {
        var count = _graph.Live;
        return count >= _options.PivotsFrom && _sincePivots >= PivotsRenewed * count;
    }
}
