using System.Numerics;
using System.Runtime.InteropServices;
using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Flat;

/// <summary>
/// Exact search: every vector is compared in 32-bit floats. Takes all five metrics; the oracle for the graph index and the right choice for
/// some thousands of vectors. Holds dimension × 4 bytes per vector in memory whatever <see cref="VectorIndexOptions.Quantization"/> says.
/// </summary>
/// <remarks>A search over more than a few million components is divided among processors; smaller ones allocate nothing.</remarks>
public sealed partial class FlatIndex : VectorIndex
{
    // A scan below this many components takes less time than starting threads.
    private const long ParallelComponents = 4_000_000;

    private readonly NativeTable _rows;
    private readonly Lock _writing = new();
    private readonly ReaderWriterLockSlim _disposal = new(LockRecursionPolicy.NoRecursion);
    private readonly HashSet<int> _changed = [];
    private volatile OrdinalSet _live = new(1024);
    private bool _disposed;

    /// <summary>Creates an empty index.</summary>
    /// <param name="options">Dimension and metric; graph tuning is ignored.</param>
    /// <param name="fullPrecision">Not needed: the index holds full-precision vectors. Accepted so that both kinds are created
    /// alike.</param>
    public FlatIndex(VectorIndexOptions options, IVectorReader? fullPrecision = null)
        : base(options)
    {
        _ = fullPrecision;
        _rows = new NativeTable(options.Dimension * sizeof(float));
    }

    /// <inheritdoc/>
    public override int Count => _live.Count;

    /// <inheritdoc/>
    public override VectorIndexStatistics Statistics =>
        new()
        {
            Count = Count,
            Removed = 0,
            CodeBytes = (long)Count * _rows.Stride,
            GraphBytes = 0,
            FullPrecisionBytes = 0,
            Layers = 0,
            QuantizerDrift = 1,
        };

    /// <inheritdoc/>
    public override unsafe bool TryAdd(int ordinal, ReadOnlySpan<float> vector)
    {
        CheckOrdinal(ordinal);
        CheckVector(vector, nameof(vector));
        Enter();
        try
        {
            lock (_writing)
            {
                if (Contains(ordinal))
                    return false;
                _rows.Ensure(ordinal);
                var row = (float*)_rows.Row(ordinal);
                if (Metric == DistanceMetric.Cosine)
                    FloatKernels.Normalize(vector, row);
                else
                    vector.CopyTo(new Span<float>(row, Dimension));
                MakeLive(ordinal);
                _changed.Add(ordinal);
                return true;
            }
        }
        finally
        {
            _disposal.ExitReadLock();
        }
    }

    private void MakeLive(int ordinal)
    {
        var live = _live;
        if (ordinal < live.Capacity)
        {
            live.Add(ordinal);
            return;
        }
        live = live.WithCapacity((int)Math.Min(MaxOrdinal + 1L, Math.Max(2L * live.Capacity, ordinal + 1L)));
        live.Add(ordinal);
        _live = live;
    }

    /// <inheritdoc/>
    public override bool Remove(int ordinal)
    {
        lock (_writing)
        {
            if (!_live.Remove(ordinal))
                return false;
            _changed.Add(ordinal);
            return true;
        }
    }

    /// <inheritdoc/>
    public override bool Contains(int ordinal) => _live.Contains(ordinal);

    /// <inheritdoc/>
    /// <remarks>Beam width and re-ranking do not apply: the result is exact. Equal distances are ordered by ordinal.</remarks>
    public override unsafe int Search(ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        CheckVector(query, nameof(query));
        CheckSearch(destination, options);
        Enter();
        try
        {
            var candidates = options.Filter == null ? Count : Math.Min(Count, options.Filter.Count);
            if (candidates == 0)
                return 0;
            var wanted = destination[..Math.Min(destination.Length, candidates)];
            var prepared = stackalloc float[Dimension];
            Prepare(query, prepared);
            var live = _live;
            var threads = (int)Math.Min(Environment.ProcessorCount, (long)candidates * Dimension / ParallelComponents);
            return threads <= 1
                ? ScanWords(prepared, live, options.Filter, 0, live.Words.Length, wanted)
                : ScanParallel(prepared, live, options.Filter, threads, wanted);
        }
        finally
        {
            _disposal.ExitReadLock();
        }
    }

    /// <inheritdoc/>
    public override unsafe void Measure(ReadOnlySpan<float> query, ReadOnlySpan<int> ordinals, Span<float> distances)
    {
        CheckVector(query, nameof(query));
        CheckRoom(ordinals, distances);
        Enter();
        try
        {
            var prepared = stackalloc float[Dimension];
            Prepare(query, prepared);
            var live = _live;
            var rows = _rows.View;
            for (var i = 0; i < ordinals.Length; i++)
                distances[i] = live.Contains(ordinals[i]) ? DistanceOf(prepared, (float*)rows.Row(ordinals[i])) : float.NaN;
        }
        finally
        {
            _disposal.ExitReadLock();
        }
    }

    private unsafe void Prepare(ReadOnlySpan<float> query, float* prepared)
    {
        if (Metric == DistanceMetric.Cosine)
            FloatKernels.Normalize(query, prepared);
        else
            query.CopyTo(new Span<float>(prepared, Dimension));
    }

    private unsafe float DistanceOf(float* query, float* row) =>
        Metric switch
        {
            DistanceMetric.Cosine => 1 - FloatKernels.Dot(query, row, Dimension),
            DistanceMetric.DotProduct => -ExactDistance.Dot(query, row, Dimension),
            DistanceMetric.Euclidean => ExactDistance.Euclidean(query, row, Dimension),
            DistanceMetric.Manhattan => ExactDistance.Manhattan(query, row, Dimension),
            _ => FloatKernels.DifferingCount(query, row, Dimension),
        };

    private unsafe int ScanParallel(float* prepared, OrdinalSet live, OrdinalSet? filter, int threads, Span<VectorHit> destination)
    {
        var k = destination.Length;
        var partial = new VectorHit[threads][];
        var counts = new int[threads];
        var address = (nint)prepared;
        Parallel.For(
            0,
            threads,
            t =>
            {
                var hits = new VectorHit[k];
                int from = (int)((long)live.Words.Length * t / threads),
                    to = (int)((long)live.Words.Length * (t + 1) / threads);
                counts[t] = ScanWords((float*)address, live, filter, from, to, hits);
                partial[t] = hits;
            }
        );
        var found = 0;
        for (var t = 0; t < threads; t++)
        {
            for (var i = 0; i < counts[t]; i++)
                found = Keep(destination, found, partial[t][i]);
        }
        return found;
    }

    private unsafe int ScanWords(float* query, OrdinalSet live, OrdinalSet? filter, int from, int to, Span<VectorHit> destination)
    {
        var found = 0;
        var rows = _rows.View;
        ReadOnlySpan<ulong> all = live.Words,
            words = filter == null ? default : filter.Words;
        if (filter != null)
            to = Math.Min(to, words.Length);
        for (var w = from; w < to; w++)
        {
            var word = filter == null ? all[w] : all[w] & words[w];
            for (; word != 0; word &= word - 1)
            {
                var ordinal = w * 64 + BitOperations.TrailingZeroCount(word);
                var distance = DistanceOf(query, (float*)rows.Row(ordinal));
                if (found < destination.Length || distance < destination[found - 1].Distance)
                    found = Keep(destination, found, new VectorHit(ordinal, distance));
            }
        }
        return found;
    }

    // Insertion into a sorted list of bounded length.
    private static int Keep(Span<VectorHit> hits, int found, VectorHit hit)
    {
        var at = found;
        if (found < hits.Length)
            found++;
        else if (hit.Distance >= hits[found - 1].Distance)
            return found;
        else
            at--;
        while (at > 0 && hit.Distance < hits[at - 1].Distance)
        {
            hits[at] = hits[at - 1];
            at--;
        }
        hits[at] = hit;
        return found;
    }

    /// <inheritdoc/>
    /// <remarks>A flat index has nothing to repair: a removed ordinal can be added again at once. Returns 0.</remarks>
    public override int Repair(CancellationToken cancellationToken = default) => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Verify(int maxProblems = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxProblems, 1);
        lock (_writing)
        {
            var counted = 0;
            foreach (var word in _live.Words)
                counted += BitOperations.PopCount(word);
            return counted == Count ? [] : [$"{counted} vectors are live but the index counts {Count}."];
        }
    }

    private void Enter()
    {
        _disposal.EnterReadLock();
        if (_disposed)
        {
            _disposal.ExitReadLock();
            throw new ObjectDisposedException(nameof(FlatIndex));
        }
    }

    private protected override void Dispose(bool disposing)
    {
        _disposal.EnterWriteLock();
        _disposed = true;
        _rows.Dispose();
        _disposal.ExitWriteLock();
    }
}
