namespace SearchEngine.Training;

/// <summary>
/// Draws batches of single texts: passages cut at the longest length, in one shuffled order per epoch. A function of (seed, batch).
/// </summary>
internal sealed class TextSampler
{
    private const int Stream = 4;
    private const int MinimumTokens = 4;

    private readonly (TokenizedCorpus Corpus, int Passage)[] _units;
    private readonly int _batchSize;
    private readonly int _maximumTokens;
    private readonly long _seed;
    private long _epoch = -1;
    private int[] _order = [];

    public TextSampler(IEnumerable<TokenizedCorpus> corpora, int batchSize, int maximumTokens, long seed)
    {
        _units =
        [
            .. corpora
                .SelectMany(c => Enumerable.Range(0, c.Passages.Count).Select(p => (c, p)))
                .Where(u => Tokens(u.c, u.p, maximumTokens).Length >= MinimumTokens),
        ];
        if (_units.Length == 0)
            throw new TrainingException("The data hold no text of at least four tokens to train on.");
        _batchSize = batchSize;
        _maximumTokens = maximumTokens;
        _seed = seed;
    }

    public int[][] Batch(long batch)
    {
        var texts = new int[_batchSize][];
        for (var i = 0; i < _batchSize; i++)
        {
            var position = batch * _batchSize + i;
            var epoch = position / _units.Length;
            if (epoch != _epoch)
            {
                _epoch = epoch;
                _order = [.. Enumerable.Range(0, _units.Length)];
                var random = DeterministicRandom.For(_seed, Stream, epoch);
                random.Shuffle(_order);
            }

            var (corpus, passage) = _units[_order[position % _units.Length]];
            texts[i] = Tokens(corpus, passage, _maximumTokens);
        }

        return texts;
    }

    private static int[] Tokens(TokenizedCorpus corpus, int passage, int maximum)
    {
        var found = corpus.Passages[passage];
        return [.. Enumerable.Range(found.FirstSentence, found.SentenceCount).SelectMany(s => corpus.Sentences[s]).Take(maximum)];
    }
}
