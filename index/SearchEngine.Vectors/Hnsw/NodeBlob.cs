using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// A node as it is stored, little-endian: version u8, state u8, level u8, flags u8 (1: full-precision vector at the end), then per layer
/// from the base
/// up a count u16 and that many links i32, then the code row, the terms and, flagged, the prepared full-precision vector.
/// </summary>
internal sealed unsafe class NodeBlob(HnswGraph graph, OrdinalMap map, FullVectors vectors, int dimension)
{
    private const byte NodeVersion = 1;
    private const byte FullPrecisionFlag = 1;

    private readonly HnswGraph _graph = graph;
    private readonly OrdinalMap _map = map;
    private readonly FullVectors _vectors = vectors;

    public int MaxBytes(CodeSpace space) =>
        4
        + 2 * (HnswGraph.MaxLevel + 1)
        + 4 * (_graph.BaseLinks + HnswGraph.MaxLevel * _graph.M)
        + space.BytesPerVector
        + dimension * sizeof(float);

    /// <summary>
    /// Returns the length, -1 for a node that is gone, 0 for one that is being inserted (its insert marks it dirty again when done).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Write(CodeSpace space, int node, byte[] buffer)
    {
        _graph.Locks.Enter(node);
        try
        {
            var state = _graph.State(node);
            if (state == NodeState.Absent)
                return -1;
            if (state == NodeState.Pending)
                return 0;
            var level = _graph.Level(node);
            buffer[0] = NodeVersion;
            buffer[1] = (byte)(state == NodeState.Dying ? NodeState.Removed : state);
            buffer[2] = (byte)level;
            buffer[3] = _vectors.AreHeld ? FullPrecisionFlag : (byte)0;
            var at = 4;
            for (var l = 0; l <= level; l++)
            {
                var row = _graph.Links(node, l);
                var count = _graph.CountLinks(row, l);
                BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(at), (ushort)count);
                at += 2;
                for (var i = 0; i < count; i++, at += 4)
                    BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(at), _map.OrdinalOf(row[i]));
            }
            at = Append(buffer, at, space.Codes.Row(node), space.Codec.RowBytes);
            if (space.Terms != null)
                at = Append(buffer, at, space.Terms.Row(node), space.Terms.Stride);
            if (_vectors.AreHeld)
                at = Append(buffer, at, _vectors.Row(node), _vectors.HeldBytes);
            return at;
        }
        finally
        {
            _graph.Locks.Leave(node);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(int node, ReadOnlySpan<byte> blob, CodeSpace space, VectorCodec stored, bool requantize)
    {
        if ((uint)node > VectorIndex.MaxOrdinal)
            throw new VectorIndexException($"Slot {node} is not an ordinal.", node);
        if (blob.Length < 4 || blob[0] != NodeVersion)
            throw new VectorIndexException($"Node {node} of the stored index is damaged or of an unknown format version.", node);
        var state = (NodeState)blob[1];
        int level = blob[2];
        if (state is not (NodeState.Live or NodeState.Removed) || level > HnswGraph.MaxLevel)
            throw new VectorIndexException($"Node {node} of the stored index is damaged: state {blob[1]}, layer {level}.", node);
        var hasFull = (blob[3] & FullPrecisionFlag) != 0;
        if (_vectors.AreHeld && !hasFull)
        {
            throw new VectorIndexException(
                "The stored index has no full-precision vectors of its own: give the reader it was built with.",
                node
            );
        }
        _graph.Ensure(node);
        space.Ensure(node);
        _vectors.Ensure(node);
        if (_graph.State(node) != NodeState.Absent)
            throw new VectorIndexException($"Node {node} occurs twice in the stored index.", node);
        _graph.Allocate(node, level);
        var at = 4;
        for (var l = 0; l <= level; l++)
        {
            int count = BinaryPrimitives.ReadUInt16LittleEndian(Take(blob, ref at, 2, node));
            if (count > _graph.MaxLinks(l))
                throw new VectorIndexException($"Node {node} of the stored index is damaged: {count} links on layer {l}.", node);
            var row = _graph.Links(node, l);
            var links = Take(blob, ref at, 4 * count, node);
            for (var i = 0; i < count; i++)
            {
                var to = BinaryPrimitives.ReadInt32LittleEndian(links[(4 * i)..]);
                if ((uint)to > VectorIndex.MaxOrdinal)
                    throw new VectorIndexException($"Node {node} of the stored index is damaged: it links to {to}.", node);
                row[i] = _map.NodeOf(to);
            }
        }
        var code = Take(blob, ref at, stored.RowBytes, node);
        var terms = Take(blob, ref at, stored.HasTerms ? CodeSpace.TermBytes : 0, node);
        if (!requantize)
        {
            code.CopyTo(new Span<byte>(space.Codes.Row(node), code.Length));
            if (space.Terms != null)
                terms.CopyTo(new Span<byte>(space.Terms.Row(node), terms.Length));
        }
        if (_vectors.AreHeld)
            Take(blob, ref at, _vectors.HeldBytes, node).CopyTo(new Span<byte>(_vectors.Row(node), _vectors.HeldBytes));
        else if (hasFull)
            at += dimension * sizeof(float);
        if (at != blob.Length)
        {
            throw new VectorIndexException(
                $"Node {node} of the stored index is damaged: {blob.Length} bytes where {at} are expected.",
                node
            );
        }
        _graph.TryChange(node, NodeState.Pending, state);
        if (state == NodeState.Live)
            _graph.AddLive(1);
        else
            _graph.AddRemoved(1);
    }

    private static int Append(byte[] buffer, int at, byte* source, int bytes)
    {
        new ReadOnlySpan<byte>(source, bytes).CopyTo(buffer.AsSpan(at));
        return at + bytes;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> blob, ref int at, int bytes, int node)
    {
        if (at + bytes > blob.Length)
            throw new VectorIndexException($"Node {node} of the stored index is damaged: it ends early.", node);
        var taken = blob.Slice(at, bytes);
        at += bytes;
        return taken;
    }
}
