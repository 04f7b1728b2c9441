using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Quantizers that are fitted to the data: when they are fitted, and how the codes are exchanged under running searches. Thread-safe.
/// </summary>
internal sealed unsafe class QuantizerFitter(HnswGraph graph, FullVectors vectors, CallGate gate, VectorIndexOptions options)
{
    // The centroid of this many vectors is within 3% of the deviation of the true one.
    private const int FirstFit = 1000;
    private const int SecondFit = 10_000;
    private const int FitSample = 20_000;

    // Codes carry this much more than when the quantizer was fitted: the distribution has moved.
    private const double DriftLimit = 1.5;
    private const double SpreadMemory = 1.0 / 256;

    private readonly HnswGraph _graph = graph;
    private readonly FullVectors _vectors = vectors;
    private readonly CallGate _gate = gate;
    private readonly VectorIndexOptions _options = options;
    private int _fittedCount;
    private int _sinceFit;
    private double _fittedSpread;
    private double _recentSpread;

    /// <summary>See <see cref="VectorIndexStatistics.QuantizerDrift"/>.</summary>
    public double Drift
    {
        get
        {
            double fitted = _fittedSpread,
                recent = _recentSpread;
            return fitted > 0 && recent > 0 ? recent / fitted : 1;
        }
    }

    /// <summary>Takes the codes of a loaded index for fitted to what it holds.</summary>
    public void TakeAsFitted() => _fittedCount = _graph.Live;

    /// <summary>Follows how much of the new vectors the centroid leaves to the codes, on one of sixteen inserts.</summary>
    public void NoteSpread(SearchScratch scratch)
    {
        var since = Interlocked.Increment(ref _sinceFit);
        if ((since & 15) != 0 && _recentSpread > 0)
            return;
        double spread = scratch.Space.Codec.Spread(scratch.Vector, scratch.Work);
        var recent = _recentSpread;
        _recentSpread = recent > 0 ? recent + (spread - recent) * SpreadMemory * 16 : spread;
        // A loaded index does not know what it was fitted to: what comes first is taken for it.
        if (_fittedSpread == 0 && _fittedCount >= FirstFit && since >= 256)
            _fittedSpread = _recentSpread;
    }

    public void FitIfDue(SearchScratch scratch)
    {
        if (!_gate.Space.Codec.CanTrain || !FitIsDue())
            return;
        lock (_gate.Maintenance)
        {
            if (FitIsDue())
                Fit(scratch);
        }
    }

    /// <summary>
    /// Fits a new quantizer and encodes everything anew. Inserts wait; searches go on with the old codes. The caller holds <see
    /// cref="CallGate.Maintenance"/>.
    /// </summary>
    public void Fit(SearchScratch scratch)
    {
        _gate.HoldInserts();
        try
        {
            scratch.Space = _gate.Space;
            int slots = _graph.Slots,
                step = Math.Max(1, _graph.Live / FitSample),
                sampled = 0;
            var sum = new double[_options.Dimension];
            for (var node = 0; node < slots; node += step)
            {
                if (_graph.State(node) != NodeState.Live)
                    continue;
                _vectors.ReadPrepared(scratch, node);
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += scratch.Vector[i];
                sampled++;
            }
            if (sampled == 0)
                return;
            float[] mean = [.. sum.Select(x => (float)(x / sampled))];
            var fresh = new CodeSpace(VectorCodec.Create(_options));
            fresh.Codec.Train(mean);
            fresh.Ensure(Math.Max(0, slots - 1));
            double spread = 0;
            var encoded = 0;
            for (var node = 0; node < slots; node++)
            {
                if (_graph.State(node) is NodeState.Absent or NodeState.Pending)
                    continue;
                _vectors.ReadPrepared(scratch, node);
                fresh.Codec.Encode(scratch.Vector, scratch.Work, fresh.Codes.Row(node), fresh.TermsOf(node));
                if ((encoded++ & 15) == 0)
                    spread += fresh.Codec.Spread(scratch.Vector, scratch.Work);
            }
            lock (_gate.Saving)
            {
                _gate.Space = fresh;
                for (var node = 0; node < slots; node++)
                {
                    if (_graph.State(node) != NodeState.Absent)
                        _graph.Unsaved.Mark(node);
                }
            }
            _fittedCount = _graph.Live;
            _fittedSpread = _recentSpread = spread / ((encoded + 15) / 16);
            _sinceFit = 0;
        }
        finally
        {
            _gate.AdmitInserts();
        }
    }

    private bool FitIsDue()
    {
        var count = _graph.Live;
        if (_fittedCount < FirstFit ? count >= FirstFit : _fittedCount < SecondFit && count >= SecondFit)
            return true;
        return _fittedSpread > 0 && Drift > DriftLimit && _sinceFit >= Math.Max(FirstFit, count / 10);
    }
}
