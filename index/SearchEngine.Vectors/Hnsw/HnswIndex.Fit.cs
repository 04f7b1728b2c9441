using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

// Quantizers that are fitted to the data: when they are fitted, and how the codes are exchanged under running searches.
public sealed partial class HnswIndex
{
    // The centroid of this many vectors is within 3% of the deviation of the true one.
    private const int FirstFit = 1000;
    private const int SecondFit = 10_000;
    private const int FitSample = 20_000;

    // Codes carry this much more than when the quantizer was fitted: the distribution has moved.
    private const double DriftLimit = 1.5;
    private const double SpreadMemory = 1.0 / 256;

    private volatile bool _insertsHeld;
    private int _fittedCount;
    private int _sinceFit;
    private double _fittedSpread;
    private double _recentSpread;

    private double Drift
    {
        get
        {
            double fitted = _fittedSpread, recent = _recentSpread;
            return fitted > 0 && recent > 0 ? recent / fitted : 1;
        }
    }

    private void EnterInsert(SearchScratch scratch)
    {
        var spin = new SpinWait();
        while (true)
        {
            Volatile.Write(ref scratch.InsertEpoch, Volatile.Read(ref _repairEpoch));
            Thread.MemoryBarrier();
            if (!_insertsHeld)
            {
                scratch.Space = _space;
                return;
            }
            Volatile.Write(ref scratch.InsertEpoch, 0);
            spin.SpinOnce();
        }
    }

    // Follows how much of the new vectors the centroid leaves to the codes, on one of sixteen inserts.
    private unsafe void NoteSpread(SearchScratch scratch)
    {
        int since = Interlocked.Increment(ref _sinceFit);
        if ((since & 15) != 0 && _recentSpread > 0)
            return;
        double spread = scratch.Space.Codec.Spread(scratch.Vector, scratch.Work);
        double recent = _recentSpread;
        _recentSpread = recent > 0 ? recent + (spread - recent) * SpreadMemory * 16 : spread;
        // A loaded index does not know what it was fitted to: what comes first is taken for it.
        if (_fittedSpread == 0 && _fittedCount >= FirstFit && since >= 256)
            _fittedSpread = _recentSpread;
    }

    private bool FitIsDue()
    {
        int count = Count;
        if (_fittedCount < FirstFit ? count >= FirstFit : _fittedCount < SecondFit && count >= SecondFit)
            return true;
        return _fittedSpread > 0 && Drift > DriftLimit && _sinceFit >= Math.Max(FirstFit, count / 10);
    }

    private void FitIfDue(SearchScratch scratch)
    {
        if (!_space.Codec.CanTrain || !FitIsDue())
            return;
        lock (_repairLock)
        {
            if (FitIsDue())
                Fit(scratch);
        }
    }

    // Fits a new quantizer and encodes everything anew. Inserts wait; searches go on with the old codes. The caller holds the repair lock.
    private unsafe void Fit(SearchScratch scratch)
    {
        _insertsHeld = true;
        try
        {
            Thread.MemoryBarrier();
            _scratch.WaitForInsertsBefore(Interlocked.Increment(ref _repairEpoch));
            scratch.Space = _space;
            int slots = _graph.Slots, step = Math.Max(1, Count / FitSample), sampled = 0;
            double[] sum = new double[Dimension];
            for (int node = 0; node < slots; node += step)
            {
                if (_graph.State(node) != NodeState.Live)
                    continue;
                ReadPrepared(scratch, node);
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += scratch.Vector[i];
                sampled++;
            }
            if (sampled == 0)
                return;
            float[] mean = [.. sum.Select(x => (float)(x / sampled))];
            var fresh = new CodeSpace(CreateCodec(Options));
            fresh.Codec.Train(mean);
            fresh.Ensure(Math.Max(0, slots - 1));
            double spread = 0;
            int encoded = 0;
            for (int node = 0; node < slots; node++)
            {
                if (_graph.State(node) is NodeState.Absent or NodeState.Pending)
                    continue;
                ReadPrepared(scratch, node);
                fresh.Codec.Encode(scratch.Vector, scratch.Work, fresh.Codes.Row(node), fresh.TermsOf(node));
                if ((encoded++ & 15) == 0)
                    spread += fresh.Codec.Spread(scratch.Vector, scratch.Work);
            }
            lock (_saveLock)
            {
                _space = fresh;
                for (int node = 0; node < slots; node++)
                {
                    if (_graph.State(node) != NodeState.Absent)
                        _graph.MarkDirty(node);
                }
            }
            _fittedCount = Count;
            _fittedSpread = _recentSpread = spread / ((encoded + 15) / 16);
            _sinceFit = 0;
        }
        finally
        {
            _insertsHeld = false;
        }
    }

    // The prepared vector of a node into scratch.Vector: held, read, or what its code stands for.
    private unsafe void ReadPrepared(SearchScratch scratch, int node)
    {
        if (_full != null)
            new ReadOnlySpan<float>(_full.Row(node), Dimension).CopyTo(new Span<float>(scratch.Vector, Dimension));
        else if (_reader!.TryRead(OrdinalOf(node), new Span<float>(scratch.Other, Dimension)))
            Prepare(new ReadOnlySpan<float>(scratch.Other, Dimension), scratch.Vector);
        else
            scratch.Space.Codec.Decode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Vector);
    }
}
