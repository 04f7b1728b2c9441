using System.Buffers;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Fills an empty index with an image and brings it to a stored state: the nodes that were saved since the image are read one by one, links
/// of theirs that lead nowhere are dropped, and who lost its parent finds another. Costs what changed, not what there is. Used once, by one
/// thread, before anything else runs.
/// </summary>
internal sealed unsafe class ImageLoader(HnswParts parts)
{
    private readonly HnswGraph _graph = parts.Graph;
    private readonly OrdinalMap _map = parts.Map;
    private readonly CallGate _gate = parts.Gate;
    private readonly ReachabilityKeeper _keeper = parts.Keeper;

    /// <exception cref="VectorIndexException">See <see cref="VectorIndex.OpenImage(VectorIndexOptions, string, ReadOnlySpan{byte},
    /// IVectorIndexSource, IVectorReader?)"/>.</exception>
    public void Load(MappedPages pages, ImageChanges changes, IVectorIndexSource? source)
    {
        var pivots = GraphImage.Attach(parts, pages, changes.Tie);
        if (changes.Nodes.Length > 0)
            Apply(changes, source!);
        parts.Quantizer.TakeAsFitted();
        parts.Pivots.Take(pivots);
    }

    private void Apply(ImageChanges changes, IVectorIndexSource source)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var header = ReadHeader(source, buffer);
        var before = _graph.Entry;
        foreach ((var ordinal, _) in changes.Nodes)
            _graph.Forget(_map.NodeOf(ordinal));
        var nodes = new List<(int Node, int Parent)>(changes.Nodes.Length);
        foreach ((var ordinal, var parent) in changes.Nodes)
        {
            buffer.ResetWrittenCount();
            if (!source.TryRead(ordinal, buffer))
                continue;
            var node = _map.NodeOf(ordinal);
            parts.Blob.Read(node, buffer.WrittenSpan, _gate.Space, _gate.Space.Codec, requantize: false);
            nodes.Add((node, parent < 0 ? -1 : _map.NodeOf(parent)));
        }

        var slots = _graph.Slots;
        foreach ((var node, _) in nodes)
        {
            if (LinkCheck.DropUnsoundLinks(_graph, node, slots))
                _graph.Unsaved.Mark(node);
        }
        _graph.Entry = EntryOf(header, nodes);
        var orphans = TakeParents(nodes);
        // Of an image that another node became the entry after.
        if (before >= 0 && (int)before != _graph.EntryNode && _graph.Parent((int)before) == (int)before)
            orphans.Add((int)before);
        Adopt(orphans);
    }

    private IndexHeader ReadHeader(IVectorIndexSource source, ArrayBufferWriter<byte> buffer)
    {
        if (!source.TryRead(IndexHeader.Slot, buffer))
            throw new VectorIndexException("The stored index has no header.", IndexHeader.Slot);
        var header = IndexHeader.Parse(buffer.WrittenSpan);
        header.RequireAgreement(parts.Options);
        if (!header.Parameters.AsSpan().SequenceEqual(_gate.Space.Codec.SaveParameters()))
            throw new VectorIndexException("The quantizer was fitted anew since the image.", IndexHeader.Slot);
        _gate.BeyondCodes |= (header.Flags & IndexFlags.BeyondCodes) != 0;
        return header;
    }

    // As stored, unless the node is gone or one of the nodes read is higher.
    private long EntryOf(IndexHeader header, List<(int Node, int Parent)> nodes)
    {
        int node = header.Entry < 0 ? -1 : _map.NodeOf((int)header.Entry),
            level = (int)(header.Entry >> 32);
        if (node < 0 || node >= _graph.Slots || _graph.State(node) == NodeState.Absent || _graph.Level(node) != level)
            return _keeper.HighestNode(null);
        var entry = (long)level << 32 | (uint)node;
        foreach ((var other, _) in nodes)
        {
            if (_graph.State(other) == NodeState.Live && _graph.Level(other) > (int)(entry >> 32))
                entry = (long)_graph.Level(other) << 32 | (uint)other;
        }
        return entry;
    }

    // Returns the nodes that have no parent, or that a way up from leads back to.
    private HashSet<int> TakeParents(List<(int Node, int Parent)> nodes)
    {
        var orphans = new HashSet<int>();
        if (_graph.Entry < 0)
            return orphans;
        var slots = _graph.Slots;
        foreach ((var node, var parent) in nodes)
        {
            if ((uint)parent < (uint)slots && parent != node && _graph.State(parent) != NodeState.Absent)
            {
                var row = _graph.Links(parent, 0);
                if (NodeLinker.Holds(row, _graph.CountLinks(row, 0), node))
                    _graph.SetParent(node, parent);
            }
        }
        _graph.SetParent(_graph.EntryNode, _graph.EntryNode);
        FollowParents(nodes, orphans);
        return orphans;
    }

    // Goes up from every node read until the way is known. Only these can have lost theirs: whose parent changed was saved.
    private void FollowParents(List<(int Node, int Parent)> nodes, HashSet<int> orphans)
    {
        HashSet<int> changed = [.. nodes.Select(read => read.Node)],
            known = [],
            way = [];
        foreach ((var from, _) in nodes)
        {
            way.Clear();
            var node = from;
            for (var steps = 0; !known.Contains(node); steps++)
            {
                if (steps > _graph.Slots)
                    throw new VectorIndexException($"The image leads in a circle above node {from}.", from);
                var parent = _graph.Parent(node);
                if (changed.Contains(node) && !way.Add(node))
                    _graph.SetParent(node, parent = -1);
                if (parent < 0)
                    orphans.Add(node);
                if (parent < 0 || parent == node)
                    break;
                node = parent;
            }
            known.UnionWith(way);
        }
    }

    private void Adopt(HashSet<int> orphans)
    {
        if (orphans.Count == 0)
            return;
        var scratch = _gate.Rent();
        try
        {
            foreach (var node in orphans)
                _keeper.AdoptOrphan(scratch, node, null);
        }
        finally
        {
            _gate.Return(scratch);
        }
    }
}
