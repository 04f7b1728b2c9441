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
public sealed partial class HnswIndex : VectorIndex
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
                    _parts.Renumber(GraphOrder.Of(_parts.Graph));
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
