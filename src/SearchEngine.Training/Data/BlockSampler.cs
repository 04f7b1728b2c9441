namespace SearchEngine.Training;

/// <summary>
/// Draws batches of equally long blocks for language modelling: all documents in one stream, separated by the end-of-sequence token, cut
/// into blocks, in one
/// shuffled order per epoch. A function of (seed, batch).
/// </summary>
internal sealed class BlockSampler
{
    private const int OrderStream = 5;

    private readonly int[] _tokens;
    private readonly int _blocks;
    private readonly int _batchSize;
    private readonly long _seed;
    private long _epoch = -1;
    private int[] _order = [];

    public BlockSampler(IEnumerable<TokenizedCorpus> corpora, int? endOfSequence, int batchSize, int blockLength, long seed)
        : this(Stream(corpora, endOfSequence), batchSize, blockLength, seed) { }

    public BlockSampler(int[] tokens, int batchSize, int blockLength, long seed)
    {
        _tokens = tokens;
        BlockLength = blockLength;
        _blocks = tokens.Length / blockLength;
        if (_blocks == 0)
        {
            throw new TrainingException(
                $"The data hold {tokens.Length} tokens, fewer than one sequence of {blockLength}. Lower 'maximumLength' or add data."
            );
        }
        _batchSize = batchSize;
        _seed = seed;
    }

    public int BlockLength { get; }

    /// <summary>(batch × block length), row-major.</summary>
    public long[] Batch(long batch)
    {
        var ids = new long[_batchSize * BlockLength];
        for (var i = 0; i < _batchSize; i++)
        {
            var position = batch * _batchSize + i;
            var epoch = position / _blocks;
            if (epoch != _epoch)
            {
                _epoch = epoch;
                _order = [.. Enumerable.Range(0, _blocks)];
                var random = DeterministicRandom.For(_seed, OrderStream, epoch);
                random.Shuffle(_order);
            }

            var start = _order[position % _blocks] * BlockLength;
            for (var t = 0; t < BlockLength; t++)
                ids[i * BlockLength + t] = _tokens[start + t];
        }

        return ids;
    }

    private static int[] Stream(IEnumerable<TokenizedCorpus> corpora, int? endOfSequence)
    {
        var tokens = new List<int>();
        foreach (var corpus in corpora)
        {
            foreach (var document in corpus.Documents)
            {
                if (document.Title >= 0)
                    tokens.AddRange(corpus.Sentences[document.Title]);
                for (var p = 0; p < document.PassageCount; p++)
                {
                    var passage = corpus.Passages[document.FirstPassage + p];
                    for (var s = 0; s < passage.SentenceCount; s++)
                        tokens.AddRange(corpus.Sentences[passage.FirstSentence + s]);
                }

                if (endOfSequence is { } end)
                    tokens.Add(end);
            }
        }

        return [.. tokens];
    }
}
