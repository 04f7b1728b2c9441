using System.Runtime.InteropServices;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// Byte-pair encoding of single words, over bytes (GPT-2 and after) or over characters with or without byte fallback (LLaMA 2).
/// Thread-safe.
/// </summary>
internal sealed class BpeModel : WordModel
{
    private const char SpaceMark = '▁';

    private readonly PairMerger _merger;
    private readonly SegmentCache _cache = new();
    private readonly int[]? _symbolOfByte;
    private readonly Dictionary<int, int> _symbolOfRune = [];
    private readonly int[]? _fallback;
    private readonly int _unkId;
    private readonly bool _fuseUnknown;
    private readonly ByteTrie? _wholeWords;
    private readonly bool _splitsAtMark;

    /// <summary>A model over bytes.</summary>
    /// <param name="symbolOfByte">The token of each byte, or -1 for none.</param>
    /// <param name="rules">The merges.</param>
    /// <param name="unkId">The token of a byte that has none, or -1 to leave it out.</param>
    /// <param name="fuseUnknown">True if neighbouring unknown bytes become one token.</param>
    /// <param name="wholeWords">Null, or the tokens (as UTF-8) that a word becomes without merging if it equals one.</param>
    public BpeModel(int[] symbolOfByte, IReadOnlyCollection<MergeRule> rules, int unkId, bool fuseUnknown, ByteTrie? wholeWords)
    {
        _symbolOfByte = symbolOfByte;
        _merger = new PairMerger(new MergeTable(rules));
        _unkId = unkId;
        _fuseUnknown = fuseUnknown;
        _wholeWords = wholeWords;
    }

    /// <summary>A model over characters.</summary>
    /// <param name="symbolOfRune">The token of each character that has one.</param>
    /// <param name="rules">The merges.</param>
    /// <param name="fallback">Null, or the tokens of bytes for characters without a token.</param>
    /// <param name="unkId">The token of a character that has none, or -1 to leave it out.</param>
    /// <param name="fuseUnknown">True if neighbouring unknown characters become one token.</param>
    /// <param name="wholeWords">Null, or the tokens (as UTF-8) that a word becomes without merging if it equals one.</param>
    /// <param name="splitsAtMark">True if no merge joins something with a following "▁".</param>
    public BpeModel(
        Dictionary<int, int> symbolOfRune,
        IReadOnlyCollection<MergeRule> rules,
        int[]? fallback,
        int unkId,
        bool fuseUnknown,
        ByteTrie? wholeWords,
        bool splitsAtMark
    )
    {
        _symbolOfRune = symbolOfRune;
        _merger = new PairMerger(new MergeTable(rules));
        _fallback = fallback;
        _unkId = unkId;
        _fuseUnknown = fuseUnknown;
        _wholeWords = wholeWords;
        _splitsAtMark = splitsAtMark && wholeWords is null;
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> word, int limit, ref PooledBuffer<int> ids)
    {
        if (!_splitsAtMark)
        {
            EncodeWord(word, ref ids);
            return;
        }
        var first = ids.Count;
        while (word.Length > 0 && ids.Count - first < limit)
        {
            var start = word.IndexOfAnyExcept(SpaceMark);
            var next = start < 0 ? -1 : word[start..].IndexOf(SpaceMark);
            var part = next < 0 ? word : word[..(start + next)];
            EncodeWord(part, ref ids);
            word = word[part.Length..];
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, ref PooledBuffer<int> ids)
    {
        var key = MemoryMarshal.AsBytes(word);
        if (_cache.TryGet(key, out var known))
        {
            ids.Add(known);
            return;
        }
        var first = ids.Count;
        if (!EncodeWhole(word, ref ids))
        {
            if (_symbolOfByte is not null)
                AddBytes(word, ref ids);
            else
                AddCharacters(word, ref ids);
            var count = _merger.Merge(ids.Span[first..]);
            ids.Truncate(first + count);
        }
        _cache.Set(key, ids.Span[first..]);
    }

    private bool EncodeWhole(ReadOnlySpan<char> word, ref PooledBuffer<int> ids)
    {
        if (_wholeWords is null)
            return false;
        var utf8 = Utf8(word);
        var id = _wholeWords.LongestPrefix(utf8.Span, out var length);
        var whole = id >= 0 && length == utf8.Count;
        if (whole)
            ids.Add(id);
        utf8.Dispose();
        return whole;
    }

    private void AddBytes(ReadOnlySpan<char> word, ref PooledBuffer<int> ids)
    {
        var utf8 = Utf8(word);
        var afterUnknown = false;
        foreach (var b in utf8.Span)
        {
            var symbol = _symbolOfByte![b];
            if (symbol >= 0)
                ids.Add(symbol);
            else if (_unkId >= 0 && !(afterUnknown && _fuseUnknown))
                ids.Add(_unkId);
            afterUnknown = symbol < 0;
        }
        utf8.Dispose();
    }

    private void AddCharacters(ReadOnlySpan<char> word, ref PooledBuffer<int> ids)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var afterUnknown = false;
        foreach (var rune in word.EnumerateRunes())
        {
            var unknown = false;
            if (_symbolOfRune.TryGetValue(rune.Value, out var symbol))
            {
                ids.Add(symbol);
            }
            else if (_fallback is not null)
            {
                foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
                    ids.Add(_fallback[b]);
            }
            else
            {
                unknown = true;
                if (_unkId >= 0 && !(afterUnknown && _fuseUnknown))
                    ids.Add(_unkId);
            }
            afterUnknown = unknown;
        }
    }

    private static PooledBuffer<byte> Utf8(ReadOnlySpan<char> word)
    {
        PooledBuffer<byte> utf8 = new(word.Length * 3);
        utf8.Advance(Encoding.UTF8.GetBytes(word, utf8.Reserve(word.Length * 3)));
        return utf8;
    }
}
