using System.Buffers;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Writes the nodes that changed since the last time, then the header, and remembers which were written since the newest image.
/// Thread-safe; one save runs at a time.
/// </summary>
internal sealed class GraphSaver(HnswParts parts)
{
    private readonly HnswGraph _graph = parts.Graph;
    private readonly OrdinalMap _map = parts.Map;
    private readonly NodeBlob _blob = parts.Blob;
    private readonly PivotDirectory _pivots = parts.Pivots;
    private readonly CallGate _gate = parts.Gate;
    private byte[]? _image;
    private ChangedOrdinals _sinceImage = new();
    private ChangedOrdinals? _sinceNextImage;

    /// <summary>Nodes saved since the newest image; null where there is none.</summary>
    public int? SavedSinceImage
    {
        get
        {
            lock (_gate.Saving)
                return _image is null ? null : _sinceImage.Count;
        }
    }

    /// <summary>See <see cref="VectorIndex.SaveChanges"/>.</summary>
    public void Save(SearchScratch scratch, IVectorIndexSink sink)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_blob.MaxBytes(scratch.Space));
        try
        {
            // No repair meanwhile: whoever links to a node that is gone would be saved in another save than its going.
            lock (_gate.Maintenance)
            {
                lock (_gate.Saving)
                {
                    scratch.Space = _gate.Space;
                    var before = _graph.Unsaved.Changes;
                    SaveNodes(scratch, sink, buffer);
                    _pivots.Save(sink, _map);
                    var clean = _graph.Unsaved.Changes == before;
                    sink.Write(IndexHeader.Slot, parts.Header(clean ? IndexFlags.Clean : IndexFlags.None).ToBytes());
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>From now on what is saved is no part of an image that is about to be written.</summary>
    public void BeginImage()
    {
        lock (_gate.Saving)
            _sinceNextImage = new ChangedOrdinals();
    }

    /// <summary>The image that was begun is whole, or, without a tie, given up: the one before it counts on.</summary>
    public void EndImage(byte[]? tie)
    {
        lock (_gate.Saving)
        {
            if (tie is not null)
                (_image, _sinceImage) = (tie, _sinceNextImage!);
            _sinceNextImage = null;
        }
    }

    /// <summary>The index was opened from an image and these changes.</summary>
    public void Resume(ImageChanges changes)
    {
        lock (_gate.Saving)
        {
            (_image, _sinceImage) = (changes.Tie, new ChangedOrdinals());
            foreach ((var ordinal, _) in changes.Nodes)
                _sinceImage.Add(ordinal);
        }
    }

    /// <summary>See <see cref="VectorIndex.ImageChanges"/>.</summary>
    public ImageChanges? Changes()
    {
        lock (_gate.Saving)
            return _image is null ? null : new ImageChanges(_image, [.. _sinceImage.All().Select(ordinal => (ordinal, ParentOf(ordinal)))]);
    }

    private int ParentOf(int ordinal)
    {
        var node = _map.NodeOf(ordinal);
        var parent = node < _graph.Slots ? _graph.Parent(node) : -1;
        return parent < 0 ? -1 : _map.OrdinalOf(parent);
    }

    private void SaveNodes(SearchScratch scratch, IVectorIndexSink sink, byte[] buffer)
    {
        var slots = _graph.Slots;
        for (var word = 0; word <= (slots - 1) >> 6 && slots > 0; word++)
        {
            var bits = _graph.Unsaved.Take(word);
            try
            {
                while (bits != 0)
                {
                    var node = word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
                    var ordinal = _map.OrdinalOf(node);
                    var length = _blob.Write(scratch.Space, node, buffer);
                    _sinceImage.Add(ordinal);
                    _sinceNextImage?.Add(ordinal);
                    if (length < 0)
                        sink.Delete(ordinal);
                    else if (length > 0)
                        sink.Write(ordinal, buffer.AsSpan(0, length));
                    bits &= bits - 1;
                }
            }
            finally
            {
                if (bits != 0)
                    _graph.Unsaved.Return(word, bits);
            }
        }
    }
}
