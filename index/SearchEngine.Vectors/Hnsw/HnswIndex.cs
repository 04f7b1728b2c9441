using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Memory;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// A hierarchical navigable small-world graph (Malkov and Yashunin 2016) over quantized vectors with full-precision re-ranking.
/// Takes cosine, dot product and Euclidean distance.
/// </summary>
/// <remarks>
/// Searches take no lock and allocate nothing after warm-up. Inserts lock single nodes. A search chooses between the graph and an exact scan
/// of the codes by estimated cost, so small collections and very selective filters are scanned.
/// </remarks>
public sealed partial class HnswIndex : VectorIndex
{
    private readonly HnswGraph _graph;
    private readonly NativeTable? _full;
    private readonly IVectorReader? _reader;
    private readonly ScratchPool _scratch;
    private readonly Lock _entryLock = new();
    private readonly Lock _repairLock = new();
    private volatile CodeSpace _space;

    // Whether a vector was ever added that the codes do not hold for: searches then compare all in full precision.
    private volatile bool _beyondCodes;
    private int _count;
    private int _removed;
    private long _repairEpoch = 1;

    /// <summary>Creates an empty index.</summary>
    /// <param name="options">Dimension, metric, quantizer and tuning.</param>
    /// <param name="fullPrecision">Where re-ranking reads full-precision vectors by ordinal, readable before the ordinal is added; null makes the index keep them itself.</param>
    /// <exception cref="NotSupportedException">The metric is Manhattan or Hamming.</exception>
    public HnswIndex(VectorIndexOptions options, IVectorReader? fullPrecision)
        : base(options)
    {
        if (options.Metric is DistanceMetric.Manhattan or DistanceMetric.Hamming)
            throw new NotSupportedException($"The graph index does not take the metric {options.Metric}; use {nameof(Flat.FlatIndex)} for it, or Cosine, DotProduct or Euclidean.");
        _space = new CodeSpace(CreateCodec(options));
        _reader = fullPrecision;
        _full = fullPrecision == null && !_space.Codec.IsExact ? new NativeTable(options.Dimension * sizeof(float)) : null;
        _graph = new HnswGraph(options.M, options.Seed);
        _scratch = new ScratchPool(() => new SearchScratch(_space.Codec, options.M), nameof(HnswIndex));
    }

    /// <inheritdoc/>
    public override int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public override VectorIndexStatistics Statistics
    {
        get
        {
            int held = Count + Volatile.Read(ref _removed);
            return new VectorIndexStatistics
            {
                Count = Count,
                Removed = Volatile.Read(ref _removed),
                CodeBytes = (long)held * _space.BytesPerVector,
                GraphBytes = _graph.LinkBytes(held),
                FullPrecisionBytes = (long)held * (_full?.Stride ?? 0),
                Layers = _graph.Entry < 0 ? 0 : _graph.EntryLevel + 1,
                QuantizerDrift = Drift,
            };
        }
    }

    /// <inheritdoc/>
    public override bool Contains(int ordinal)
    {
        SearchScratch scratch = Rent();
        int node = NodeOf(ordinal);
        bool live = (uint)node < (uint)_graph.Slots && _graph.State(node) == NodeState.Live;
        Return(scratch);
        return live;
    }

    private static VectorCodec CreateCodec(VectorIndexOptions options) => options.Quantization switch
    {
        VectorQuantization.None => new Float32Codec(options.Dimension, options.Metric),
        VectorQuantization.Int8 => new Int8Codec(options.Dimension, options.Metric, options.Seed),
        VectorQuantization.Float16 => new Float16Codec(options.Dimension, options.Metric),
        VectorQuantization.Int4 => new Int4Codec(options.Dimension, options.Metric, options.Seed),
        _ => new BinaryCodec(options.Dimension, options.Metric, options.Seed),
    };

    // The form in which vectors are encoded and compared: of length 1 under cosine.
    private unsafe void Prepare(ReadOnlySpan<float> vector, float* prepared)
    {
        if (Metric == DistanceMetric.Cosine)
            FloatKernels.Normalize(vector, prepared);
        else
            vector.CopyTo(new Span<float>(prepared, vector.Length));
    }

    private SearchScratch Rent()
    {
        SearchScratch scratch = _scratch.Rent();
        scratch.Space = _space;
        return scratch;
    }

    private void Return(SearchScratch scratch)
    {
        scratch.Visited.Clear();
        scratch.Space = null!;
        _scratch.Return(scratch);
    }

    private protected override void Dispose(bool disposing)
    {
        if (!_scratch.Close())
            return;
        _space.Dispose();
        _full?.Dispose();
        _graph.Dispose();
    }
}
