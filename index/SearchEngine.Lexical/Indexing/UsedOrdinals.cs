namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Which ordinals the index has ever been given: only what is written under one of them has something to replace. Read from the index when
/// the first write asks, so that an opening does not look at every document. Thread-safe.
/// </summary>
/// <param name="readAll">
/// Calls back with every ordinal that the opened index holds. It is called once, before any write that asked has reached the index; when it
/// throws, the next write tries again.
/// </param>
internal sealed class UsedOrdinals(Action<Action<int>> readAll)
{
    private const int WordBits = 64;

    private readonly Lock _lock = new();
    private ulong[] _words = [];
    private bool _isRead;

    /// <summary>Marks an ordinal as used; returns whether it was not before.</summary>
    public bool Add(int ordinal)
    {
        lock (_lock)
        {
            Read();
            return Mark(ordinal);
        }
    }

    /// <summary>Whether an ordinal was ever used.</summary>
    public bool Contains(int ordinal)
    {
        lock (_lock)
        {
            Read();
            return ordinal / WordBits < _words.Length && (_words[ordinal / WordBits] & (1UL << ordinal)) != 0;
        }
    }

    private void Read()
    {
        if (_isRead)
            return;
        readAll(ordinal => Mark(ordinal));
        _isRead = true;
    }

    private bool Mark(int ordinal)
    {
        var word = ordinal / WordBits;
        var bit = 1UL << ordinal;
        if (word >= _words.Length)
            Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        var isNew = (_words[word] & bit) == 0;
        _words[word] |= bit;
        return isNew;
    }
}
