namespace SearchEngine.Vectors.Hnsw;

/// <summary>A set of ordinals that grows, a bit each. Not thread-safe.</summary>
internal sealed class ChangedOrdinals
{
    private OrdinalSet _set = new(0);

    public int Count => _set.Count;

    public void Add(int ordinal)
    {
        if (ordinal >= _set.Capacity)
            _set = _set.WithCapacity((int)Math.Min(int.MaxValue, Math.Max(ordinal + 1L, 2L * _set.Capacity)));
        _set.Add(ordinal);
    }

    /// <summary>All of them, ascending.</summary>
    public IEnumerable<int> All()
    {
        for (var word = 0; word < _set.Words.Length; word++)
        {
            for (var bits = _set.Words[word]; bits != 0; bits &= bits - 1)
                yield return word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
        }
    }
}
