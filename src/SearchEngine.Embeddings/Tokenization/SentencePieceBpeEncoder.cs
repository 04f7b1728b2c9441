using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// SentencePiece's byte-pair encoding. Any two neighbours merge whose joined text is a piece, higher scores first and the leftmost among
/// equals; the pairs are worked out on loading, so that encoding handles numbers only. User-defined symbols are never merged; unused
/// pieces are taken apart again at the end.
/// </summary>
internal sealed class SentencePieceBpeEncoder : SentencePieceEncoder
{
    private readonly Dictionary<int, int> _symbolOfRune = [];
    private readonly int[] _symbolOfChar = new int[0x3000];
    private readonly List<byte[]> _unlisted = [];
    private readonly PairMerger _merger;
    private readonly SegmentCache? _cache;
    private readonly ByteTrie? _userDefined;
    private readonly HashSet<int>? _unused;
    private readonly int _pieceCount;

    public SentencePieceBpeEncoder(SentencePieceModel model, ByteTrie? userDefined)
        : base(model)
    {
        _userDefined = userDefined;
        _pieceCount = model.Pieces.Count;
        HashSet<int> unused = [];
        Dictionary<string, int> mergeable = new(StringComparer.Ordinal);
        for (var id = 0; id < _pieceCount; id++)
        {
            var piece = model.Pieces[id];
            if (piece.Type is SentencePieceType.Normal or SentencePieceType.Unused)
                mergeable.TryAdd(piece.Text, id);
            if (piece.Type is SentencePieceType.Unused)
                unused.Add(id);
        }
        _unused = unused.Count > 0 ? unused : null;
        AddSingleCharacters(model, mergeable);
        _merger = new PairMerger(new MergeTable(Rules(model, mergeable)));
        Array.Fill(_symbolOfChar, -1);
        foreach ((var rune, var symbol) in _symbolOfRune)
        {
            if (rune < _symbolOfChar.Length)
                _symbolOfChar[rune] = symbol;
        }
        _cache = _unused is null ? new SegmentCache() : null;
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> text, int limit, ref PooledBuffer<int> ids)
    {
        var first = ids.Count;
        PooledBuffer<int> symbols = new(64);
        PooledBuffer<int> wordIds = new(64);
        while (text.Length > 0 && ids.Count - first < limit)
        {
            var plain = PlainLength(text, out var userDefined, out var userDefinedLength);
            var words = text[..plain];
            while (words.Length > 0 && ids.Count - first < limit)
            {
                var word = words[..WordLength(words)];
                words = words[word.Length..];
                EncodeWord(word, first, ref symbols, ref wordIds, ref ids);
            }
            if (userDefined >= 0)
                ids.Add(userDefined);
            text = text[(plain + userDefinedLength)..];
        }
        wordIds.Dispose();
        symbols.Dispose();
    }

    /// <summary>How far it is to the next user-defined symbol.</summary>
    private int PlainLength(ReadOnlySpan<byte> text, out int userDefined, out int userDefinedLength)
    {
        userDefined = -1;
        userDefinedLength = 0;
        if (_userDefined is null)
            return text.Length;
        var position = 0;
        while (position < text.Length)
        {
            userDefined = _userDefined.LongestPrefix(text[position..], out userDefinedLength);
            if (userDefined >= 0)
                return position;
            position += CharacterLength(text[position]);
        }
        return text.Length;
    }

    private void EncodeWord(
        ReadOnlySpan<byte> word,
        int first,
        ref PooledBuffer<int> symbols,
        ref PooledBuffer<int> wordIds,
        ref PooledBuffer<int> ids
    )
    {
        if (_cache is not null && _cache.TryGet(word, out var known))
        {
            AddAll(known, first, ref ids);
            return;
        }
        wordIds.Clear();
        symbols.Clear();
        for (var position = 0; position < word.Length; )
        {
            var length = CharacterLength(word[position]);
            var symbol = Symbol(word.Slice(position, length));
            if (symbol >= 0)
            {
                symbols.Add(symbol);
            }
            else
            {
                // Such a character is part of no piece, so nothing merges across it.
                Flush(ref symbols, ref wordIds);
                EmitUnknown(word.Slice(position, length), 0, ref wordIds);
            }
            position += length;
        }
        Flush(ref symbols, ref wordIds);
        _cache?.Set(word, wordIds.Span);
        AddAll(wordIds.Span, first, ref ids);
    }

    private void AddAll(ReadOnlySpan<int> wordIds, int first, ref PooledBuffer<int> ids)
    {
        if (wordIds.Length == 0)
            return;
        Emit(wordIds[0], first, ref ids);
        ids.Add(wordIds[1..]);
    }

    private void Flush(ref PooledBuffer<int> symbols, ref PooledBuffer<int> wordIds)
    {
        Dictionary<int, (int, int)>? origins = _unused is null ? null : [];
        var count = _merger.Merge(symbols.Span, origins);
        foreach (var symbol in symbols.Span[..count])
            EmitSymbol(symbol, origins, ref wordIds);
        symbols.Clear();
    }

    private void EmitSymbol(int symbol, Dictionary<int, (int Left, int Right)>? origins, ref PooledBuffer<int> wordIds)
    {
        if (symbol >= _pieceCount)
        {
            EmitUnknown(_unlisted[symbol - _pieceCount], 0, ref wordIds);
        }
        else if (origins is not null && _unused!.Contains(symbol) && origins.TryGetValue(symbol, out var pair))
        {
            EmitSymbol(pair.Left, origins, ref wordIds);
            EmitSymbol(pair.Right, origins, ref wordIds);
        }
        else
        {
            Emit(symbol, 0, ref wordIds);
        }
    }

    private int Symbol(ReadOnlySpan<byte> character)
    {
        int rune;
        switch (character.Length)
        {
            case 1:
                return _symbolOfChar[character[0]];
            case 2:
                return _symbolOfChar[((character[0] & 0x1F) << 6) | (character[1] & 0x3F)];
            case 3:
                rune = ((character[0] & 0x0F) << 12) | ((character[1] & 0x3F) << 6) | (character[2] & 0x3F);
                if (rune < _symbolOfChar.Length)
                    return _symbolOfChar[rune];
                break;
            default:
                rune = ((character[0] & 0x07) << 18) | ((character[1] & 0x3F) << 12) | ((character[2] & 0x3F) << 6) | (character[3] & 0x3F);
                break;
        }
        return _symbolOfRune.GetValueOrDefault(rune, -1);
    }

    /// <summary>
    /// A symbol for every character of every piece: the id of its own piece (reserved pieces first, as SentencePiece looks them up), or a
    /// number after the last id for a character that only occurs inside longer pieces.
    /// </summary>
    private void AddSingleCharacters(SentencePieceModel model, Dictionary<string, int> mergeable)
    {
        foreach (var reserved in (ReadOnlySpan<bool>)[true, false])
        {
            for (var id = 0; id < _pieceCount; id++)
            {
                var piece = model.Pieces[id];
                var isReserved = piece.Type is SentencePieceType.Control or SentencePieceType.Unknown or SentencePieceType.Byte;
                if (isReserved == reserved && IsSingle(piece.Text, out var rune))
                    _symbolOfRune.TryAdd(rune.Value, id);
            }
        }
        foreach (var text in mergeable.Keys)
        {
            foreach (var rune in text.EnumerateRunes())
            {
                if (_symbolOfRune.TryAdd(rune.Value, _pieceCount + _unlisted.Count))
                    _unlisted.Add(Encoding.UTF8.GetBytes(rune.ToString()));
            }
        }
    }

    private static bool IsSingle(string text, out Rune rune) =>
        Rune.DecodeFromUtf16(text, out rune, out var length) == System.Buffers.OperationStatus.Done && length == text.Length;

    private List<MergeRule> Rules(SentencePieceModel model, Dictionary<string, int> mergeable)
    {
        int[] ids = [.. mergeable.Values];
        Array.Sort([.. ids.Select(id => -model.Pieces[id].Score)], ids);
        List<MergeRule> rules = [];
        var rank = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var piece = model.Pieces[ids[i]];
            if (i > 0 && piece.Score != model.Pieces[ids[i - 1]].Score)
                rank++;
            for (var cut = 1; cut < piece.Text.Length; cut++)
            {
                if (
                    !char.IsLowSurrogate(piece.Text[cut])
                    && Half(piece.Text[..cut], mergeable, out var left)
                    && Half(piece.Text[cut..], mergeable, out var right)
                )
                {
                    rules.Add(new MergeRule(left, right, rank, ids[i]));
                }
            }
        }
        return rules;
    }

    private bool Half(string text, Dictionary<string, int> mergeable, out int symbol) =>
        IsSingle(text, out var rune) ? _symbolOfRune.TryGetValue(rune.Value, out symbol) : mergeable.TryGetValue(text, out symbol);
}
