using System.Numerics;

namespace SearchEngine.Moments;

/// <summary>
/// Which ordinals hold a visible record, at one moment: 1 bit per ordinal, in pages that moments share where nothing changed between
/// them. Immutable, so that any number of readers use it without a lock.
/// </summary>
internal sealed class LiveSnapshot
{
    /// <summary>
    /// Ordinals of a page. A write copies the pages it changes (1 KB each, as a rule two) and the table of pages (8 bytes each: 1 KB for a
    /// million records); pages of this size keep both small up to tens of millions.
    /// </summary>
    public const int PageBits = 8192;

    /// <summary>Words of 64 ordinals in a page.</summary>
    public const int PageWords = PageBits / 64;

    /// <summary>Nothing is visible.</summary>
    public static readonly LiveSnapshot Empty = new([], 0);

    private readonly ulong[][] _pages;
    private ulong[]? _words;

    internal LiveSnapshot(ulong[][] pages, long count)
    {
        _pages = pages;
        Count = count;
    }

    /// <summary>Visible records.</summary>
    public long Count { get; }

    internal ReadOnlySpan<ulong[]> Pages => _pages;

    /// <summary>The snapshot of a bit array (bit i of word i / 64 is ordinal i), which is copied.</summary>
    public static LiveSnapshot Of(ReadOnlySpan<ulong> words)
    {
        var pages = new ulong[(words.Length + PageWords - 1) / PageWords][];
        long count = 0;
        for (var page = 0; page < pages.Length; page++)
        {
            pages[page] = new ulong[PageWords];
            var part = words[(page * PageWords)..Math.Min(words.Length, (page + 1) * PageWords)];
            part.CopyTo(pages[page]);
            foreach (var word in part)
                count += BitOperations.PopCount(word);
        }

        return new LiveSnapshot(pages, count);
    }

    /// <summary>Whether the ordinal's record is visible.</summary>
    public bool Contains(int ordinal)
    {
        var page = ordinal / PageBits;
        return (uint)page < (uint)_pages.Length && (_pages[page][ordinal % PageBits / 64] >> (ordinal % 64) & 1) != 0;
    }

    /// <summary>The bits as one array, made once for all who ask: do not change it.</summary>
    public ulong[] SharedWords() => _words ??= ToWords();

    /// <summary>A copy of the bits as one array.</summary>
    public ulong[] ToWords()
    {
        var words = new ulong[_pages.Length * PageWords];
        for (var page = 0; page < _pages.Length; page++)
            _pages[page].CopyTo(words, page * PageWords);
        return words;
    }

    /// <summary>The visible ordinals, ascending.</summary>
    public IEnumerable<int> Enumerate()
    {
        for (var page = 0; page < _pages.Length; page++)
        {
            var words = _pages[page];
            for (var i = 0; i < words.Length; i++)
            {
                for (var word = words[i]; word != 0; word &= word - 1)
                    yield return page * PageBits + i * 64 + BitOperations.TrailingZeroCount(word);
            }
        }
    }
}
