namespace SearchEngine.Vectors.Hnsw;

/// <summary>A set of ordinals that grows, a bit each. Not thread-safe.</summary>
internal sealed class ChangedOrdinals
{
    private ulong[] _words = [];

    public int Count { get; private set; }

    public void Add(int ordinal)
    {
        var word = ordinal >> 6;
        if (word >= _words.Length)
            Array.Resize(ref _words, Math.Max(word + 1, 2 * _words.Length));
        var bit = 1UL << ordinal;
        if ((_words[word] & bit) != 0)
            return;
        _words[word] |= bit;
        Count++;
    }

    /// <summary>All of them, ascending.</summary>
    public IEnumerable<int> All()
    {
        for (var word = 0; word < _words.Length; word++)
        {
            for (var bits = _words[word]; bits != 0; bits &= bits - 1)
                yield return word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
        }
    }
}
