using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    // Node blob, little-endian: version u8, state u8, level u8, flags u8 (1 = full-precision vector at the end), then per layer from the base
    // up a count u16 and that many links i32, then the code row, the terms and, flagged, the prepared full-precision vector.
    private const byte NodeVersion = 1;
    private const byte FullPrecisionFlag = 1;

    // Nodes of a loaded index whose links one thread checks at a time.
    private const int LoadedTogether = 1 << 14;

    private readonly Lock _saveLock = new();

    /// <inheritdoc/>
    public override void SaveChanges(IVectorIndexSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        SearchScratch scratch = Rent();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxBlobBytes());
        try
        {
            lock (_saveLock)
            {
                scratch.Space = _space;
                long before = Volatile.Read(ref _graph.Changes);
                int slots = _graph.Slots;
                for (int word = 0; word <= (slots - 1) >> 6 && slots > 0; word++)
                {
                    ulong bits = _graph.TakeDirty(word);
                    try
                    {
                        while (bits != 0)
                        {
                            int node = word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
                            int length = WriteNode(scratch.Space, node, buffer);
                            if (length < 0)
                                sink.Delete(OrdinalOf(node));
                            else if (length > 0)
                                sink.Write(OrdinalOf(node), buffer.AsSpan(0, length));
                            bits &= bits - 1;
                        }
                    }
                    finally
                    {
                        if (bits != 0)
                            _graph.ReturnDirty(word, bits);
                    }
                }
                bool clean = Volatile.Read(ref _graph.Changes) == before;
                IndexFlags flags = (clean ? IndexFlags.Clean : 0) | (_beyondCodes ? IndexFlags.BeyondCodes : 0);
                var header = new IndexHeader(IndexHeader.HnswKind, Metric, Options.Quantization, flags, Options.M, Dimension, Options.Seed,
                    Count, slots, _graph.Entry < 0 ? -1 : (long)_graph.EntryLevel << 32 | (uint)OrdinalOf(_graph.EntryNode), scratch.Space.Codec.SaveParameters());
                sink.Write(IndexHeader.Slot, header.ToBytes());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Return(scratch);
        }
    }

    private int MaxBlobBytes() =>
        4 + 2 * (HnswGraph.MaxLevel + 1) + 4 * (_graph.BaseLinks + HnswGraph.MaxLevel * _graph.M) + _space.BytesPerVector + Dimension * sizeof(float);

    // Returns the length, -1 for a node that is gone, 0 for one that is being inserted (its insert marks it dirty again when done).
    private unsafe int WriteNode(CodeSpace space, int node, byte[] buffer)
    {
        _graph.Lock(node);
        try
        {
            NodeState state = _graph.State(node);
            if (state == NodeState.Absent)
                return -1;
            if (state == NodeState.Pending)
                return 0;
            int level = _graph.Level(node);
            buffer[0] = NodeVersion;
            buffer[1] = (byte)(state == NodeState.Dying ? NodeState.Removed : state);
            buffer[2] = (byte)level;
            buffer[3] = _full != null ? FullPrecisionFlag : (byte)0;
            int at = 4;
            for (int l = 0; l <= level; l++)
            {
                int* row = _graph.Links(node, l);
                int count = _graph.CountLinks(row, l);
                BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(at), (ushort)count);
                at += 2;
                for (int i = 0; i < count; i++, at += 4)
                    BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(at), OrdinalOf(row[i]));
            }
            at = Append(buffer, at, space.Codes.Row(node), space.Codec.RowBytes);
            if (space.Terms != null)
                at = Append(buffer, at, space.Terms.Row(node), space.Terms.Stride);
            if (_full != null)
                at = Append(buffer, at, _full.Row(node), _full.Stride);
            return at;
        }
        finally
        {
            _graph.Unlock(node);
        }
    }

    private static unsafe int Append(byte[] buffer, int at, byte* source, int bytes)
    {
        new ReadOnlySpan<byte>(source, bytes).CopyTo(buffer.AsSpan(at));
        return at + bytes;
    }

    internal static HnswIndex LoadCore(VectorIndexOptions options, IndexHeader header, IVectorIndexSource source, IVectorReader? vectors)
    {
        header.RequireAgreement(options);
        return Load(options, header, source, vectors);
    }

    /// <summary>
    /// Opens a stored graph with another quantizer than it was built with: the links stay, the codes are made anew from the full-precision
    /// vectors. Much faster than building, at the same recall or nearly so.
    /// </summary>
    /// <param name="options">The options of the stored index, with another <see cref="VectorIndexOptions.Quantization"/>.</param>
    /// <param name="source">The stored pieces.</param>
    /// <param name="vectors">Where full-precision vectors are read; null if the stored index holds them itself.</param>
    /// <exception cref="VectorIndexException">The image is damaged, of an unknown version, or of other options, or vectors are missing.</exception>
    public static HnswIndex Requantize(VectorIndexOptions options, IVectorIndexSource source, IVectorReader? vectors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        var writer = new ArrayBufferWriter<byte>();
        if (!source.TryRead(IndexHeader.Slot, writer))
            throw new VectorIndexException("The stored index has no header.", IndexHeader.Slot);
        IndexHeader header = IndexHeader.Parse(writer.WrittenSpan);
        if (header.Kind != IndexHeader.HnswKind)
            throw new VectorIndexException("The stored index is not a graph; it has no codes to be made anew.", IndexHeader.Slot);
        header.RequireAgreement(options with { Quantization = header.Quantization });
        return Load(options, header, source, vectors);
    }

    private static HnswIndex Load(VectorIndexOptions options, IndexHeader header, IVectorIndexSource source, IVectorReader? vectors)
    {
        // The stored seed made the rotation of the stored codes.
        options = options with { Seed = header.Seed };
        var index = new HnswIndex(options, vectors) { _beyondCodes = (header.Flags & IndexFlags.BeyondCodes) != 0 };
        try
        {
            bool requantize = options.Quantization != header.Quantization;
            VectorCodec stored = requantize ? CreateCodec(options with { Quantization = header.Quantization }) : index._space.Codec;
            stored.LoadParameters(header.Parameters);
            source.ReadAll((slot, blob) =>
            {
                if (slot != IndexHeader.Slot)
                    index.ReadNode(slot, blob, stored, requantize);
            });
            if (requantize)
                index.EncodeAll();
            index.FinishLoading(header);
            for (int node = 0; requantize && node < index._graph.Slots; node++)
            {
                if (index._graph.State(node) != NodeState.Absent)
                    index._graph.MarkDirty(node);
            }
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    // Makes the codes of a graph whose links were loaded.
    private unsafe void EncodeAll()
    {
        if (_full == null && _reader == null)
            throw new VectorIndexException($"Codes of {Options.Quantization} cannot be made: the index would have no full-precision vectors.", IndexHeader.Slot);
        SearchScratch scratch = Rent();
        try
        {
            for (int node = 0; _full == null && node < _graph.Slots; node++)
            {
                if (_graph.State(node) != NodeState.Absent && !_reader!.TryRead(node, new Span<float>(scratch.Other, Dimension)))
                    throw new VectorIndexException($"The vector of ordinal {node} cannot be read; its code cannot be made anew.", node);
            }
            Fit(scratch);
        }
        finally
        {
            Return(scratch);
        }
    }

    private unsafe void ReadNode(int node, ReadOnlySpan<byte> blob, VectorCodec stored, bool requantize)
    {
        if ((uint)node > MaxOrdinal)
            throw new VectorIndexException($"Slot {node} is not an ordinal.", node);
        if (blob.Length < 4 || blob[0] != NodeVersion)
            throw new VectorIndexException($"Node {node} of the stored index is damaged or of an unknown format version.", node);
        var state = (NodeState)blob[1];
        int level = blob[2];
        if (state is not (NodeState.Live or NodeState.Removed) || level > HnswGraph.MaxLevel)
            throw new VectorIndexException($"Node {node} of the stored index is damaged: state {blob[1]}, layer {level}.", node);
        bool hasFull = (blob[3] & FullPrecisionFlag) != 0;
        if (_full != null && !hasFull)
            throw new VectorIndexException("The stored index has no full-precision vectors of its own: give the reader it was built with.", node);
        _graph.Ensure(node);
        CodeSpace space = _space;
        space.Ensure(node);
        _full?.Ensure(node);
        if (_graph.State(node) != NodeState.Absent)
            throw new VectorIndexException($"Node {node} occurs twice in the stored index.", node);
        _graph.Allocate(node, level);
        int at = 4;
        for (int l = 0; l <= level; l++)
        {
            int count = BinaryPrimitives.ReadUInt16LittleEndian(Take(blob, ref at, 2, node));
            if (count > _graph.MaxLinks(l))
                throw new VectorIndexException($"Node {node} of the stored index is damaged: {count} links on layer {l}.", node);
            int* row = _graph.Links(node, l);
            ReadOnlySpan<byte> links = Take(blob, ref at, 4 * count, node);
            for (int i = 0; i < count; i++)
            {
                row[i] = BinaryPrimitives.ReadInt32LittleEndian(links[(4 * i)..]);
                if ((uint)row[i] > MaxOrdinal)
                    throw new VectorIndexException($"Node {node} of the stored index is damaged: it links to {row[i]}.", node);
            }
        }
        ReadOnlySpan<byte> code = Take(blob, ref at, stored.RowBytes, node);
        ReadOnlySpan<byte> terms = Take(blob, ref at, stored.HasTerms ? CodeSpace.TermBytes : 0, node);
        if (!requantize)
        {
            code.CopyTo(new Span<byte>(space.Codes.Row(node), code.Length));
            if (space.Terms != null)
                terms.CopyTo(new Span<byte>(space.Terms.Row(node), terms.Length));
        }
        if (_full != null)
            Take(blob, ref at, _full.Stride, node).CopyTo(new Span<byte>(_full.Row(node), _full.Stride));
        else if (hasFull)
            at += Dimension * sizeof(float);
        if (at != blob.Length)
            throw new VectorIndexException($"Node {node} of the stored index is damaged: {blob.Length} bytes where {at} are expected.", node);
        _graph.TryChange(node, NodeState.Pending, state);
        if (state == NodeState.Live)
            _count++;
        else
            _removed++;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> blob, ref int at, int bytes, int node)
    {
        if (at + bytes > blob.Length)
            throw new VectorIndexException($"Node {node} of the stored index is damaged: it ends early.", node);
        ReadOnlySpan<byte> taken = blob.Slice(at, bytes);
        at += bytes;
        return taken;
    }

    // Drops links that lead nowhere, finds the entry, links what nothing links to, and takes all as saved.
    private unsafe void FinishLoading(IndexHeader header)
    {
        int slots = _graph.Slots;
        int[] changed = DropUnsoundLinks(slots);
        long entry = header.Entry;
        int entryNode = (int)entry, entryLevel = (int)(entry >> 32);
        long highest = HighestNode(null);
        bool valid = entry >= 0 && (uint)entryNode < (uint)slots && _graph.State(entryNode) != NodeState.Absent
            && _graph.Level(entryNode) == entryLevel && (highest < 0 || (int)(highest >> 32) <= entryLevel);
        _graph.Entry = valid ? entry : highest;
        // Every node above the entry's layer is gone by construction; an index of removed nodes only starts anew at the first insert.
        for (int word = 0; word <= (slots - 1) >> 6 && slots > 0; word++)
            _graph.TakeDirty(word);
        foreach (int node in changed)
            _graph.MarkDirty(node);
        _fittedCount = Count;
        if (_graph.Entry < 0)
            return;
        SearchScratch scratch = Rent();
        try
        {
            PlantTree(scratch);
            RenewPivots(scratch);
        }
        finally
        {
            Return(scratch);
        }
    }

    // Returns the nodes that lost links.
    private unsafe int[] DropUnsoundLinks(int slots)
    {
        var changed = new ConcurrentBag<int>();
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Options.BuildThreads == 0 ? -1 : Options.BuildThreads };
        Parallel.For(0, (slots + LoadedTogether - 1) / LoadedTogether, threads, part =>
        {
            for (int node = part * LoadedTogether; node < Math.Min(slots, (part + 1) * LoadedTogether); node++)
            {
                if (_graph.State(node) != NodeState.Absent && DropUnsoundLinks(node, slots))
                    changed.Add(node);
            }
        });
        return [.. changed];
    }

    private unsafe bool DropUnsoundLinks(int node, int slots)
    {
        bool changed = false;
        for (int level = _graph.Level(node); level >= 0; level--)
        {
            int* row = _graph.Links(node, level);
            int count = _graph.CountLinks(row, level), kept = 0;
            for (int i = 0; i < count; i++)
            {
                int id = row[i];
                if (id != node && id < slots && _graph.State(id) != NodeState.Absent && _graph.Level(id) >= level && !Holds(row, kept, id))
                    row[kept++] = id;
            }
            for (int i = kept; i < count; i++)
                row[i] = -1;
            changed |= kept != count;
        }
        return changed;
    }
}
