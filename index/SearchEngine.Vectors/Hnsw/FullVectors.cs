using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Full-precision vectors by node: held in memory, or read by ordinal from elsewhere, or the codes themselves where those are exact. Gives
/// exact
/// distances. Thread-safe.
/// </summary>
internal sealed unsafe class FullVectors : IDisposable
{
    private readonly VectorIndexOptions _options;
    private readonly OrdinalMap _map;
    private readonly NativeTable? _full;
    private readonly IVectorReader? _reader;

    /// <param name="options">Dimension and metric.</param>
    /// <param name="map">Ordinals of the nodes.</param>
    /// <param name="reader">Where vectors are read; null to hold them.</param>
    /// <param name="codesAreExact">Whether codes are the vectors, so that none need be held.</param>
    public FullVectors(VectorIndexOptions options, OrdinalMap map, IVectorReader? reader, bool codesAreExact)
    {
        (_options, _map, _reader) = (options, map, reader);
        _full = reader == null && !codesAreExact ? new NativeTable(options.Dimension * sizeof(float)) : null;
    }

    /// <summary>Whether vectors are held in memory.</summary>
    public bool AreHeld => _full != null;

    /// <summary>Whether vectors can be had at all, apart from what codes stand for.</summary>
    public bool AreKnown => _full != null || _reader != null;

    /// <summary>The vectors that are held; null if none are.</summary>
    public NativeTable? Held => _full;

    /// <summary>Bytes of a vector that is held; 0 if none is.</summary>
    public int HeldBytes => _full?.Stride ?? 0;

    /// <summary>A vector that is held.</summary>
    public byte* Row(int node) => _full!.Row(node);

    /// <summary>Makes room for a node's vector, if vectors are held.</summary>
    public void Ensure(int node) => _full?.Ensure(node);

    /// <summary>Holds the prepared vector of a node, if vectors are held.</summary>
    public void Store(int node, float* prepared)
    {
        if (_full != null)
            new ReadOnlySpan<float>(prepared, _options.Dimension).CopyTo(new Span<float>(_full.Row(node), _options.Dimension));
    }

    /// <summary>Reads the vector of a node as it was added from where vectors are read.</summary>
    public bool TryReadGiven(int node, Span<float> destination) => _reader != null && _reader.TryRead(_map.OrdinalOf(node), destination);

    /// <summary>Asks the processor for a vector that is held.</summary>
    public void Prefetch(int node)
    {
        if (_full != null)
            LayerWalker.PrefetchRow(_full.Row(node), _full.Stride);
    }

    /// <summary>After node <paramref name="nodes"/>[i] has become node i. Nothing else may run.</summary>
    public void Renumber(int[] nodes)
    {
        if (_full == null)
            return;
        _full.Ensure(nodes.Length - 1);
        _full.Permute(nodes);
    }

    /// <summary>Writes the form in which vectors are encoded and compared: of length 1 under cosine.</summary>
    public void Prepare(ReadOnlySpan<float> vector, float* prepared)
    {
        if (_options.Metric == DistanceMetric.Cosine)
            FloatKernels.Normalize(vector, prepared);
        else
            vector.CopyTo(new Span<float>(prepared, vector.Length));
    }

    /// <summary>Writes the prepared vector of a node into scratch.Vector: held, read, or what its code stands for.</summary>
    public void ReadPrepared(SearchScratch scratch, int node)
    {
        if (_full != null)
            new ReadOnlySpan<float>(_full.Row(node), _options.Dimension).CopyTo(new Span<float>(scratch.Vector, _options.Dimension));
        else if (TryReadGiven(node, new Span<float>(scratch.Other, _options.Dimension)))
            Prepare(new ReadOnlySpan<float>(scratch.Other, _options.Dimension), scratch.Vector);
        else
            scratch.Space.Codec.Decode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Vector);
    }

    /// <summary>The full-precision distance of a node from scratch.Vector; the estimate when its vector can no longer be read.</summary>
    public float ExactOf(SearchScratch scratch, int id, float estimate)
    {
        var exact = ExactOf(scratch, id);
        return float.IsNaN(exact) ? scratch.Space.Codec.ToMetric(estimate) : exact;
    }

    /// <summary>The full-precision distance of a node from scratch.Vector; NaN when its vector can no longer be read.</summary>
    public float ExactOf(SearchScratch scratch, int id)
    {
        if (_full != null)
            return Exact(scratch.Vector, (float*)_full.Row(id), normalized: true);
        if (scratch.Space.Codec.IsExact)
            return Exact(scratch.Vector, (float*)scratch.Space.Codes.Row(id), normalized: true);
        return TryReadGiven(id, new Span<float>(scratch.Other, _options.Dimension))
            ? Exact(scratch.Vector, scratch.Other, normalized: false)
            : float.NaN;
    }

    private float Exact(float* query, float* vector, bool normalized)
    {
        var n = _options.Dimension;
        return _options.Metric switch
        {
            DistanceMetric.Cosine => normalized ? 1 - FloatKernels.Dot(query, vector, n) : ExactDistance.CosineOfUnit(query, vector, n),
            DistanceMetric.DotProduct => -ExactDistance.Dot(query, vector, n),
            _ => ExactDistance.Euclidean(query, vector, n),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _full?.Dispose();
}
