using System.Collections.Concurrent;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Fills an empty index with a stored one: reads the nodes, drops links that lead nowhere, finds the entry, links what nothing links to,
/// and takes
/// all as saved. Used once, by one thread, before anything else runs.
/// </summary>
internal sealed unsafe class GraphLoader(HnswParts parts)
{
    // Nodes of a loaded index whose links one thread checks at a time.
    private const int LoadedTogether = 1 << 14;

    private readonly HnswGraph _graph = parts.Graph;
    private readonly NodeBlob _blob = parts.Blob;
    private readonly ReachabilityKeeper _keeper = parts.Keeper;
    private readonly PivotDirectory _pivots = parts.Pivots;
    private readonly QuantizerFitter _quantizer = parts.Quantizer;
    private readonly FullVectors _vectors = parts.Vectors;
    private readonly CallGate _gate = parts.Gate;
    private readonly VectorIndexOptions _options = parts.Options;

    /// <summary>Reads everything. With other options than the stored ones in the quantizer, codes are made anew.</summary>
    public void Load(IndexHeader header, IVectorIndexSource source)
    {
        var requantize = _options.Quantization != header.Quantization;
        var stored = requantize ? VectorCodec.Create(_options with { Quantization = header.Quantization }) : _gate.Space.Codec;
        stored.LoadParameters(header.Parameters);
        _gate.BeyondCodes = (header.Flags & IndexFlags.BeyondCodes) != 0;
        byte[] pivots = [];
        source.ReadAll(
            (slot, blob) =>
            {
                if (slot == PivotBlob.Slot)
                    pivots = blob.ToArray();
                else if (slot != IndexHeader.Slot)
                    _blob.Read(slot, blob, _gate.Space, stored, requantize);
            }
        );
        if (requantize)
            EncodeAll();
        FinishLoading(header, pivots);
        for (var node = 0; requantize && node < _graph.Slots; node++)
        {
            if (_graph.State(node) != NodeState.Absent)
                _graph.Unsaved.Mark(node);
        }
    }

    // Makes the codes of a graph whose links were loaded.
    private void EncodeAll()
    {
        if (!_vectors.AreKnown)
        {
            throw new VectorIndexException(
                $"Codes of {_options.Quantization} cannot be made: the index would have no full-precision vectors.",
                IndexHeader.Slot
            );
        }
        var scratch = _gate.Rent();
        try
        {
            for (var node = 0; !_vectors.AreHeld && node < _graph.Slots; node++)
            {
                if (
                    _graph.State(node) != NodeState.Absent
                    && !_vectors.TryReadGiven(node, new Span<float>(scratch.Other, _options.Dimension))
                )
                {
                    throw new VectorIndexException($"The vector of ordinal {node} cannot be read; its code cannot be made anew.", node);
                }
            }
            _quantizer.Fit(scratch);
        }
        finally
        {
            _gate.Return(scratch);
        }
    }

    // Drops links that lead nowhere, finds the entry, links what nothing links to, and takes all as saved.
    private void FinishLoading(IndexHeader header, byte[] pivots)
    {
        var slots = _graph.Slots;
        var changed = DropUnsoundLinks(slots);
        var entry = header.Entry;
        int entryNode = (int)entry,
            entryLevel = (int)(entry >> 32);
        var highest = _keeper.HighestNode(null);
        var valid =
            entry >= 0
            && (uint)entryNode < (uint)slots
            && _graph.State(entryNode) != NodeState.Absent
            && _graph.Level(entryNode) == entryLevel
            && (highest < 0 || (int)(highest >> 32) <= entryLevel);
        _graph.Entry = valid ? entry : highest;
        // Every node above the entry's layer is gone by construction; an index of removed nodes only starts anew at the first insert.
        for (var word = 0; word <= (slots - 1) >> 6 && slots > 0; word++)
            _graph.Unsaved.Take(word);
        foreach (var node in changed)
            _graph.Unsaved.Mark(node);
        _quantizer.TakeAsFitted();
        if (_graph.Entry < 0)
            return;
        var scratch = _gate.Rent();
        try
        {
            _keeper.PlantTree(scratch);
            _pivots.Load(pivots, scratch);
        }
        finally
        {
            _gate.Return(scratch);
        }
    }

    // Returns the nodes that lost links.
    private int[] DropUnsoundLinks(int slots)
    {
        var changed = new ConcurrentBag<int>();
        var threads = new ParallelOptions { MaxDegreeOfParallelism = _options.BuildThreads == 0 ? -1 : _options.BuildThreads };
        Parallel.For(
            0,
            (slots + LoadedTogether - 1) / LoadedTogether,
            threads,
            part =>
            {
                for (var node = part * LoadedTogether; node < Math.Min(slots, (part + 1) * LoadedTogether); node++)
                {
                    if (_graph.State(node) != NodeState.Absent && LinkCheck.DropUnsoundLinks(_graph, node, slots))
                        changed.Add(node);
                }
            }
        );
        return [.. changed];
    }
}
