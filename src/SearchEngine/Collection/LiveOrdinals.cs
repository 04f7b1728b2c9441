using System.Numerics;

namespace SearchEngine;

/// <summary>
/// Which ordinals hold a live record. One writer at a time (the collection's write loop); any number of readers, which see each
/// ordinal either before or after a change. 1 bit per ordinal.
/// </summary>
internal sealed class LiveOrdinals
{
    private const int PageBits = 1 << 16;
    private const int PageWords = PageBits / 64;

    private volatile ulong[][] _pages = [];
    private long _count;

    public LiveOrdinals()
    {
    }

    public LiveOrdinals(ReadOnlySpan<ulong> words)
    {
        _pages = new ulong[(words.Length + PageWords - 1) / PageWords][];
        for (var page = 0; page < _pages.Length; page++)
        {
            _pages[page] = new ulong[PageWords];
            var part = words[(page * PageWords)..Math.Min(words.Length, (page + 1) * PageWords)];
            part.CopyTo(_pages[page]);
            foreach (var word in part) _count += BitOperations.PopCount(word);
        }
    }

    public long Count => Interlocked.Read(ref _count);

    public bool Contains(int ordinal)
    {
        var pages = _pages;
        var page = ordinal / PageBits;
        return (uint)page < (uint)pages.Length && (Volatile.Read(ref pages[page][ordinal % PageBits / 64]) >> (ordinal % 64) & 1) != 0;
    }

    /// <summary>Marks an ordinal live; false if it was.</summary>
    public bool Add(int ordinal)
    {
        var page = ordinal / PageBits;
        if (page >= _pages.Length)
        {
            var grown = new ulong[page + 1][];
            _pages.CopyTo(grown, 0);
            for (var i = _pages.Length; i < grown.Length; i++) grown[i] = new ulong[PageWords];
            _pages = grown;
        }

        var before = Interlocked.Or(ref _pages[page][ordinal % PageBits / 64], 1UL << (ordinal % 64));
        if ((before >> (ordinal % 64) & 1) != 0) return false;
        Interlocked.Increment(ref _count);
        return true;
    }

    /// <summary>Marks an ordinal dead; false if it was.</summary>
    public bool Remove(int ordinal)
    {
        if (!Contains(ordinal)) return false;
        Interlocked.And(ref _pages[ordinal / PageBits][ordinal % PageBits / 64], ~(1UL << (ordinal % 64)));
        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>A copy as one array of words.</summary>
    public ulong[] ToWords()
    {
        var pages = _pages;
        var words = new ulong[pages.Length * PageWords];
        for (var page = 0; page < pages.Length; page++) pages[page].CopyTo(words, page * PageWords);
        return words;
    }

    /// <summary>The live ordinals, ascending.</summary>
    public IEnumerable<int> Enumerate() => Ordinals.Enumerate(ToWords());
}
