namespace SearchEngine.Training;

/// <summary>A batch of pairs of one source.</summary>
internal sealed record PairBatch(string Source, TokenPair[] Pairs);

/// <summary>
/// Draws batches of pairs, each batch from one source, so that in-batch negatives are of one kind and none can be told from the positive by
/// its style
/// alone. The batch of a step is a function of (seed, step): the source is drawn by weight, and its units come from one shuffled order per
/// epoch of
/// that source. Not thread-safe.
/// </summary>
internal sealed class PairSampler
{
    private const int SourceStream = 1;
    private const int OrderStream = 2;
    private const int CropStream = 3;

    private readonly PairSource[] _sources;
    private readonly double[] _cumulativeWeights;
    private readonly long[] _drawn;
    private readonly Dictionary<(int Source, long Epoch), int[]> _orders = [];
    private readonly int _batchSize;
    private readonly int _maximumTokens;
    private readonly long _seed;
    private readonly int _runLength;
    private long _position;

    /// <param name="sources">Where pairs come from.</param>
    /// <param name="batchSize">Pairs of a batch.</param>
    /// <param name="maximumTokens">Longest query and positive.</param>
    /// <param name="seed">Seed of all draws.</param>
    /// <param name="runLength">Pairs drawn together that stand side by side in their source; 1 draws them one by one.</param>
    /// <exception cref="TrainingException">No source has a pair.</exception>
    public PairSampler(IReadOnlyList<PairSource> sources, int batchSize, int maximumTokens, long seed, int runLength = 1)
    {
        _sources = [.. sources.Where(s => s is { Units: > 0, Weight: > 0 })];
        if (_sources.Length == 0)
        {
            throw new TrainingException(
                "No pairs could be mined from the data: every source has neither titles, headings nor passages of two sentences. Check the sources' kinds."
            );
        }
        _batchSize = batchSize;
        _maximumTokens = maximumTokens;
        _seed = seed;
        _runLength = runLength;
        _drawn = new long[_sources.Length];
        _cumulativeWeights = new double[_sources.Length];
        var sum = 0.0;
        for (var i = 0; i < _sources.Length; i++)
            _cumulativeWeights[i] = sum += _sources[i].Weight;
    }

    public IReadOnlyList<PairSource> Sources => _sources;

    /// <summary>Mines all pair sources of the configured data.</summary>
    public static List<PairSource> Mine(IEnumerable<TokenizedCorpus> corpora)
    {
        var sources = new List<PairSource>();
        foreach (var corpus in corpora)
        {
            var kinds = corpus.Source.Pairs.Count > 0 ? corpus.Source.Pairs : PairSource.DefaultKinds(corpus.Source.Kind);
            foreach (var (kind, weight) in kinds.OrderBy(k => k.Key))
                sources.Add(new PairSource(corpus, kind, weight));
        }

        return sources;
    }

    /// <summary>
    /// The batch of a step (counted from 0). Steps are asked in any order; going back replays the source choices from the start.
    /// </summary>
    public PairBatch Batch(long step)
    {
        if (step < _position)
        {
            _position = 0;
            Array.Clear(_drawn);
        }

        for (; _position < step; _position++)
            _drawn[ChooseSource(_position)] += _batchSize;

        var chosen = ChooseSource(step);
        var source = _sources[chosen];
        var random = DeterministicRandom.For(_seed, CropStream, step);
        var pairs = new TokenPair[_batchSize];
        for (var i = 0; i < _batchSize; i++)
        {
            var position = _drawn[chosen] + i;
            pairs[i] = source.Draw(Order(chosen, position / source.Units)[position % source.Units], _maximumTokens, ref random);
        }

        return new PairBatch(source.Name, pairs);
    }

    private int ChooseSource(long step)
    {
        var random = DeterministicRandom.For(_seed, SourceStream, step);
        var at = random.NextDouble() * _cumulativeWeights[^1];
        var chosen = Array.FindIndex(_cumulativeWeights, w => at < w);
        return chosen < 0 ? _sources.Length - 1 : chosen;
    }

    private int[] Order(int source, long epoch)
    {
        if (_orders.TryGetValue((source, epoch), out var order))
            return order;
        foreach (var old in _orders.Keys.Where(k => k.Source == source && k.Epoch < epoch - 1).ToList())
            _orders.Remove(old);
        var random = DeterministicRandom.For(_seed, OrderStream + 16 * (source + 1), epoch);
        return _orders[(source, epoch)] = Shuffled(_sources[source].Units, ref random);
    }

    /// <summary>All units in runs, which begin elsewhere in each epoch.</summary>
    private int[] Shuffled(int units, ref DeterministicRandom random)
    {
        var shift = _runLength > 1 ? random.Next(_runLength) : 0;
        var runs = new int[(units + shift + _runLength - 1) / _runLength];
        for (var i = 0; i < runs.Length; i++)
            runs[i] = i;
        random.Shuffle(runs);
        var order = new int[units];
        var at = 0;
        foreach (var run in runs)
        {
            for (var unit = Math.Max(0, run * _runLength - shift); unit < Math.Min(units, (run + 1) * _runLength - shift); unit++)
                order[at++] = unit;
        }

        return order;
    }
}
