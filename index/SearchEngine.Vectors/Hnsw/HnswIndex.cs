using System.Buffers;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// A hierarchical navigable small-world graph (Malkov and Yashunin 2016) over quantized vectors with full-precision re-ranking.
/// Takes cosine, dot product and Euclidean distance.
/// </summary>
/// <remarks>
/// Searches take no lock and allocate nothing after warm-up. Inserts lock single nodes. A search chooses between the graph and an exact
/// scan
/// of the codes by estimated cost, so small collections and very selective filters are scanned.
/// </remarks>
public sealed class HnswIndex : VectorIndex
{
    private readonly HnswParts _parts;
    private readonly HnswSearcher _searcher;
    private readonly HnswInserter _inserter;
    private readonly HnswRepairer _repairer;
    private readonly GraphSaver _saver;

    /// <summary>Creates an empty index.</summary>
    /// <param name="options">Dimension, metric, quantizer and tuning.</param>
    /// <param name="fullPrecision">Where re-ranking reads full-precision vectors by ordinal, readable before the ordinal is added; null
    /// makes the index keep them itself.</param>
    /// <exception cref="NotSupportedException">The metric is Manhattan or Hamming.</exception>
    public HnswIndex(VectorIndexOptions options, IVectorReader? fullPrecision)
        : base(options)
    {
        if (options.Metric is DistanceMetric.Manhattan or DistanceMetric.Hamming)
        {
            throw new NotSupportedException(
                $"The graph index does not take the metric {options.Metric}; use {nameof(Flat.FlatIndex)} for it, or Cosine, DotProduct or Euclidean."
            );
        }
        _parts = new HnswParts(options, fullPrecision);
        _searcher = new HnswSearcher(_parts);
        _inserter = new HnswInserter(_parts);
        _repairer = new HnswRepairer(_parts);
        _saver = new GraphSaver(_parts);
    }

    /// <inheritdoc/>
    public override int Count => _parts.Graph.Live;

    /// <inheritdoc/>
    public override VectorIndexStatistics Statistics
    {
        get
        {
            var graph = _parts.Graph;
            var held = graph.Live + graph.Removed;
            return new VectorIndexStatistics
            {
                Count = graph.Live,
                Removed = graph.Removed,
                CodeBytes = (long)held * _parts.Gate.Space.BytesPerVector,
                GraphBytes = graph.LinkBytes(held),
                FullPrecisionBytes = (long)held * _parts.Vectors.HeldBytes,
                Layers = graph.Entry < 0 ? 0 : graph.EntryLevel + 1,
                QuantizerDrift = _parts.Quantizer.Drift,
            };
        }
    }

    /// <summary>The pivots in use; null where the layers lead. Set by tests that compare the two.</summary>
    internal PivotSet? Pivots
    {
        get => _parts.Pivots.Pivots;
        set => _parts.Pivots.Pivots = value;
    }

    /// <summary>
    /// Opens a stored graph with another quantizer than it was built with: the links stay, the codes are made anew from the full-precision
    /// vectors. Much faster than building, at the same recall or nearly so.
    /// </summary>
    /// <param name="options">The options of the stored index, with another <see cref="VectorIndexOptions.Quantization"/>.</param>
    /// <param name="source">The stored pieces.</param>
    /// <param name="vectors">Where full-precision vectors are read; null if the stored index holds them itself.</param>
    /// <exception cref="VectorIndexException">The image is damaged, of an unknown version, or of other options, or vectors are
    /// missing.</exception>
    public static HnswIndex Requantize(VectorIndexOptions options, IVectorIndexSource source, IVectorReader? vectors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        var writer = new ArrayBufferWriter<byte>();
        if (!source.TryRead(IndexHeader.Slot, writer))
            throw new VectorIndexException("The stored index has no header.", IndexHeader.Slot);
        var header = IndexHeader.Parse(writer.WrittenSpan);
        if (header.Kind != IndexHeader.HnswKind)
            throw new VectorIndexException("The stored index is not a graph; it has no codes to be made anew.", IndexHeader.Slot);
        header.RequireAgreement(options with { Quantization = header.Quantization });
        return Load(options, header, source, vectors);
    }

    internal static HnswIndex LoadCore(VectorIndexOptions options, IndexHeader header, IVectorIndexSource source, IVectorReader? vectors)
    {
        header.RequireAgreement(options);
        return Load(options, header, source, vectors);
    }

    private static HnswIndex Load(VectorIndexOptions options, IndexHeader header, IVectorIndexSource source, IVectorReader? vectors)
    {
        // The stored seed made the rotation of the stored codes.
        var index = new HnswIndex(options with { Seed = header.Seed }, vectors);
        try
        {
            new GraphLoader(index._parts).Load(header, source);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    internal static HnswIndex OpenImageCore(
        VectorIndexOptions options,
        string path,
        ImageChanges changes,
        IVectorIndexSource? source,
        IVectorReader? vectors
    )
    {
        var pages = new MappedPages(path);
        HnswIndex? index = null;
        try
        {
            index = new HnswIndex(options with { Seed = GraphImage.SeedOf(pages) }, vectors);
            index._parts.Pages = pages;
            new ImageLoader(index._parts).Load(pages, changes, source);
            index._saver.Resume(changes);
            return index;
        }
        catch
        {
            if (index == null)
                pages.Dispose();
            else
                index.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TrySaveImage(Stream destination, ReadOnlySpan<byte> tie)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var copy = tie.ToArray();
        lock (_parts.Gate.Imaging)
        {
            // No repair and no other codes meanwhile. Inserts and removals go on: what they change is saved after the image.
            lock (_parts.Gate.Maintenance)
            {
                if (_parts.Graph.Entry < 0)
                    return false;
                _saver.BeginImage();
                var written = false;
                try
                {
                    GraphImage.Write(_parts, destination, copy);
                    written = true;
                }
                finally
                {
                    // Who changed a row that was copied has said so when it is done.
                    _parts.Gate.WaitForInserts();
                    _saver.EndImage(written ? copy : null);
                }
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public override int? SavedSinceImage => _saver.SavedSinceImage;

    /// <inheritdoc/>
    public override byte[]? ImageChanges() => _saver.Changes()?.ToBytes();

    /// <inheritdoc/>
    public override void CheckImage(CancellationToken cancellationToken = default)
    {
        var scratch = _parts.Gate.Rent();
        try
        {
            _parts.Pages?.CheckAll(cancellationToken);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    /// <summary>The pages of the image that the index lies on, for tests that count what an opening reads.</summary>
    internal MappedPages? Pages => _parts.Pages;

    /// <inheritdoc/>
    public override bool TryAdd(int ordinal, ReadOnlySpan<float> vector)
    {
        CheckOrdinal(ordinal);
        CheckVector(vector, nameof(vector));
        var scratch = _parts.Gate.Rent();
        try
        {
            return _inserter.TryAdd(scratch, _parts.Map.NodeOf(ordinal), vector);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public override bool Remove(int ordinal)
    {
        var scratch = _parts.Gate.Rent();
        try
        {
            _parts.Gate.EnterInsert(scratch);
            return _repairer.Remove(_parts.Map.NodeOf(ordinal));
        }
        finally
        {
            CallGate.LeaveInsert(scratch);
            _parts.Gate.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public override bool Contains(int ordinal)
    {
        var scratch = _parts.Gate.Rent();
        var node = _parts.Map.NodeOf(ordinal);
        var live = _parts.Graph.IsLive(node);
        _parts.Gate.Return(scratch);
        return live;
    }

    /// <inheritdoc/>
    public override int Search(ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        CheckVector(query, nameof(query));
        CheckSearch(destination, options);
        var scratch = _parts.Gate.Rent();
        try
        {
            _parts.Gate.EnterSearch(scratch);
            var found = _searcher.Search(scratch, query, destination, options);
            _parts.Map.Translate(destination[..found]);
            return found;
        }
        finally
        {
            CallGate.LeaveSearch(scratch);
            _parts.Gate.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> query, ReadOnlySpan<int> ordinals, Span<float> distances)
    {
        CheckVector(query, nameof(query));
        CheckRoom(ordinals, distances);
        var scratch = _parts.Gate.Rent();
        try
        {
            _parts.Gate.EnterSearch(scratch);
            _searcher.Measure(scratch, query, ordinals, distances);
        }
        finally
        {
            CallGate.LeaveSearch(scratch);
            _parts.Gate.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public override VectorQueryOptions OptionsForRecall(
        double recall,
        int k = 10,
        int samples = 100,
        CancellationToken cancellationToken = default
    )
    {
        CheckRecall(recall, k, samples);
        return new RecallTuner(this, k, cancellationToken).OptionsFor(recall, Sample(samples));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every node that links to a removed one selects its links anew among its live neighbours and the live neighbours of the removed ones
    /// (as FreshDiskANN's consolidation, Singh et al. 2021), on <see cref="VectorIndexOptions.BuildThreads"/> threads. Reads all links
    /// once;
    /// one repair runs at a time.
    /// </remarks>
    public override int Repair(CancellationToken cancellationToken = default)
    {
        var scratch = _parts.Gate.Rent();
        try
        {
            return _repairer.Repair(scratch, cancellationToken);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public override void Compact(CancellationToken cancellationToken = default)
    {
        Repair(cancellationToken);
        lock (_parts.Gate.Imaging)
        {
            _parts.Gate.RunAlone(() =>
            {
                if (_parts.Graph.Entry >= 0)
                    Renumber(GraphOrder.Of(_parts.Graph));
            });
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Verify(int maxProblems = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxProblems, 1);
        var scratch = _parts.Gate.Rent();
        try
        {
            return new HnswVerifier(_parts.Graph, _parts.Map, _parts.Keeper).Verify(maxProblems);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public override void SaveChanges(IVectorIndexSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var scratch = _parts.Gate.Rent();
        try
        {
            _saver.Save(scratch, sink);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    /// <summary>How many nodes a search of the base layer expands: for tests that watch the quality of the graph.</summary>
    internal int MeasureHops(ReadOnlySpan<float> query, int ef, int wanted = 0, float slack = 0)
    {
        var scratch = _parts.Gate.Rent();
        try
        {
            return _searcher.MeasureHops(scratch, query, ef, wanted, slack);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    // The rows of nodes[i] become those of node i.
    private void Renumber(int[] nodes)
    {
        _parts.Map.Renumber(nodes);
        _parts.Graph.Permute(nodes);
        _parts.Gate.Space.Permute(nodes);
        _parts.Vectors.Renumber(nodes);
        _parts.Pivots.Renumber(nodes);
    }

    // Live vectors, evenly over the ordinals.
    private unsafe (int Ordinal, float[] Vector)[] Sample(int samples)
    {
        var scratch = _parts.Gate.Rent();
        try
        {
            var slots = _parts.Graph.Slots;
            var sample = new List<(int, float[])>();
            for (var i = 0; i < samples; i++)
            {
                int node = _parts.Map.NodeOf((int)((long)i * slots / samples)),
                    ordinal = _parts.Map.OrdinalOf(node);
                if (node >= slots || _parts.Graph.State(node) != NodeState.Live || (sample.Count > 0 && sample[^1].Item1 == ordinal))
                    continue;
                _parts.Vectors.ReadPrepared(scratch, node);
                sample.Add((ordinal, new ReadOnlySpan<float>(scratch.Vector, Dimension).ToArray()));
            }
            return [.. sample];
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    private protected override void Dispose(bool disposing) => _parts.Dispose();
}
