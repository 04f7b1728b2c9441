using System.Buffers;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>Writes the nodes that changed since the last time, then the header. Thread-safe; one save runs at a time.</summary>
internal sealed class GraphSaver(HnswParts parts)
{
    private readonly HnswGraph _graph = parts.Graph;
    private readonly OrdinalMap _map = parts.Map;
    private readonly NodeBlob _blob = parts.Blob;
    private readonly PivotDirectory _pivots = parts.Pivots;
    private readonly CallGate _gate = parts.Gate;

    /// <summary>See <see cref="VectorIndex.SaveChanges"/>.</summary>
    public void Save(SearchScratch scratch, IVectorIndexSink sink)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_blob.MaxBytes(scratch.Space));
        try
        {
            lock (_gate.Saving)
            {
                scratch.Space = _gate.Space;
                var before = _graph.Changes;
                var slots = _graph.Slots;
                for (var word = 0; word <= (slots - 1) >> 6 && slots > 0; word++)
                {
                    var bits = _graph.TakeDirty(word);
                    try
                    {
                        while (bits != 0)
                        {
                            var node = word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
                            var length = _blob.Write(scratch.Space, node, buffer);
                            if (length < 0)
                                sink.Delete(_map.OrdinalOf(node));
                            else if (length > 0)
                                sink.Write(_map.OrdinalOf(node), buffer.AsSpan(0, length));
                            bits &= bits - 1;
                        }
                    }
                    finally
                    {
                        if (bits != 0)
                            _graph.ReturnDirty(word, bits);
                    }
                }
                _pivots.Save(sink, _map);
                var clean = _graph.Changes == before;
                sink.Write(IndexHeader.Slot, parts.Header(clean ? IndexFlags.Clean : IndexFlags.None).ToBytes());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
