using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SearchEngine.Maintenance;
using SearchEngine.Storage;
using SearchEngine.Vectors;
using SearchEngine.Vectors.Flat;
using SearchEngine.Vectors.Hnsw;

namespace SearchEngine;

/// <summary>
/// A vector field at work: its index in memory, its full-precision vectors and its graph's image in the stores. Thread-safe.
/// </summary>
internal sealed class VectorFieldIndex : IVectorReader, IVectorIndexSink, IVectorIndexSource, IDisposable
{
    private readonly RecordStore _records;
    private readonly RecordStore _graph;
    private readonly byte _vectorSpace;
    private readonly byte _graphSpace;

    private VectorFieldIndex(VectorField field, int position, RecordStore records, RecordStore graph)
    {
        Field = field;
        Position = position;
        _records = records;
        _graph = graph;
        _vectorSpace = (byte)(RecordSpaces.FirstVector + position);
        _graphSpace = (byte)(RecordSpaces.FirstGraph + position);
    }

    public VectorField Field { get; }

    public int Position { get; }

    public VectorIndex Index { get; private set; } = null!;

    public static VectorFieldIndex Create(VectorField field, int position, RecordStore records, RecordStore graph, int threads)
    {
        var created = new VectorFieldIndex(field, position, records, graph);
        var options = Options(field, threads);
        created.Index = field.Index == VectorIndexKind.Flat ? new FlatIndex(options, created) : new HnswIndex(options, created);
        return created;
    }

    /// <summary>
    /// Opens what a checkpoint holds of the index: maps its image where there is one, and reads every node from the graph store otherwise.
    /// </summary>
    public static VectorFieldIndex Load(
        VectorField field,
        int position,
        RecordStore records,
        RecordStore graph,
        int threads,
        VectorImages images,
        RecordCheckpoint checkpoint
    )
    {
        var loaded = new VectorFieldIndex(field, position, records, graph);
        var options = Options(field, threads);
        loaded.Index = images.TryOpen(position, checkpoint, options, loaded) ?? VectorIndex.Load(options, loaded, loaded);
        return loaded;
    }

    /// <summary>Checks a vector before anything is stored.</summary>
    /// <exception cref="ArgumentException">Another length, a component that is not finite, or a zero vector under cosine.</exception>
    public static void Validate(VectorField field, ReadOnlySpan<float> vector, string of)
    {
        if (vector.Length != field.Dimension)
            throw new ArgumentException($"The vector of {of} has {vector.Length} dimensions; field '{field.Name}' has {field.Dimension}.");
        var anyNonZero = false;
        foreach (var component in vector)
        {
            if (!float.IsFinite(component))
            {
                throw new ArgumentException(
                    $"The vector of {of} for field '{field.Name}' holds {component}: every component must be finite."
                );
            }
            anyNonZero |= component != 0f;
        }

        if (!anyNonZero && field.Metric == DistanceMetric.Cosine)
        {
            throw new ArgumentException(
                $"The vector of {of} for field '{field.Name}' is zero: it has no direction, which the cosine metric needs."
            );
        }
    }

    public void Store(int ordinal, ReadOnlySpan<float> vector)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
        _records.Upsert(_vectorSpace, key, MemoryMarshal.AsBytes(vector));
    }

    public void Erase(int ordinal)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
        _records.Delete(_vectorSpace, key);
    }

    public bool TryRead(int ordinal, Span<float> destination)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
        var bytes = MemoryMarshal.AsBytes(destination);
        return _records.Read(_vectorSpace, key, bytes) == bytes.Length;
    }

    public void ForEachStored(Action<int> visit, CancellationToken cancellationToken) =>
        _records.Scan(_vectorSpace, (key, _) => visit(BinaryPrimitives.ReadInt32BigEndian(key)), cancellationToken);

    public void Write(int slot, ReadOnlySpan<byte> blob)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, slot);
        _graph.Upsert(_graphSpace, key, blob);
    }

    public void Delete(int slot)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, slot);
        _graph.Delete(_graphSpace, key);
    }

    bool IVectorIndexSource.TryRead(int slot, IBufferWriter<byte> destination)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, slot);
        return _graph.TryRead(_graphSpace, key, destination);
    }

    void IVectorIndexSource.ReadAll(VectorIndexBlobVisitor visitor) =>
        _graph.Scan(_graphSpace, (key, value) => visitor(BinaryPrimitives.ReadInt32BigEndian(key), value), CancellationToken.None);

    public void Dispose() => Index.Dispose();

    private static VectorIndexOptions Options(VectorField field, int threads)
    {
        var options = new VectorIndexOptions
        {
            Dimension = field.Dimension,
            Metric = field.Metric,
            Quantization = field.Quantization,
            BuildThreads = threads,
        };
        if (field.M > 0)
            options = options with { M = field.M };
        if (field.EfConstruction > 0)
            options = options with { EfConstruction = field.EfConstruction };
        if (field.EfSearch > 0)
            options = options with { EfSearch = field.EfSearch };
        return options;
    }
}
