using System.Buffers;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// The tokenizer of a tokenizer.json, of a tiktoken file and of GPT-2's pair of files: added tokens are taken out, the
/// rest is normalised, cut into words, and each word encoded. Added tokens are recognised in any text, also the special ones, as the
/// Hugging Face tokenizers do.
/// </summary>
internal sealed class PipelineTextTokenizer : TextTokenizer
{
    private readonly WordModel _model;
    private readonly PreTokenizer _preTokenizer;
    private readonly TextNormalizer? _normalizer;
    private readonly AddedTokenMatcher? _rawTokens;
    private readonly AddedTokenMatcher? _normalizedTokens;
    private readonly Dictionary<int, string> _addedTexts;
    private readonly bool _addsSpace;

    public PipelineTextTokenizer(
        TokenizerParts parts,
        WordModel model,
        PreTokenizer preTokenizer,
        TextNormalizer? normalizer,
        IReadOnlyCollection<AddedToken> addedTokens
    )
        : base(parts)
    {
        _model = model;
        _preTokenizer = preTokenizer;
        _normalizer = normalizer;
        _addedTexts = addedTokens.DistinctBy(token => token.Id).ToDictionary(token => token.Id, token => token.Content);
        (string, AddedToken)[] raw = [.. addedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token))];
        (string, AddedToken)[] normalized =
        [
            .. addedTokens
                .Where(token => token.Normalized)
                .Select(token => (normalizer is null ? token.Content : normalizer.Normalize(token.Content).ToString(), token))
                .Where(item => item.Item1.Length > 0),
        ];
        _rawTokens = raw.Length > 0 ? new AddedTokenMatcher(raw) : null;
        _normalizedTokens = normalized.Length > 0 ? new AddedTokenMatcher(normalized) : null;
        // A normalizer or pre-tokenizer that puts a mark in front shows in what it makes of a letter.
        var probe = preTokenizer.Prepare(normalizer is null ? "a" : normalizer.Normalize("a"), atStart: true).ToString();
        _addsSpace = probe.StartsWith('▁') || probe.StartsWith(' ');
    }

    private protected override void EncodeCore(ReadOnlySpan<char> text, int limit, ref PooledBuffer<int> ids)
    {
        var enough = limit == int.MaxValue ? int.MaxValue : ids.Count + limit;
        PooledBuffer<TextPiece> pieces = new(text.Length / 4);
        var position = 0;
        while (position < text.Length && ids.Count < enough)
        {
            int start = text.Length,
                end = text.Length;
            var token = _rawTokens?.Next(text, position, out start, out end);
            if (start > position)
            {
                var segment = text[position..start];
                if (_normalizer is not null)
                    segment = _normalizer.Normalize(segment);
                EncodeNormalized(segment, position == 0, enough, ref pieces, ref ids);
            }
            if (token is not null)
                ids.Add(token.Id);
            position = end;
        }
        pieces.Dispose();
    }

    private void EncodeNormalized(
        ReadOnlySpan<char> text,
        bool atStart,
        int enough,
        ref PooledBuffer<TextPiece> pieces,
        ref PooledBuffer<int> ids
    )
    {
        var position = 0;
        while (position < text.Length && ids.Count < enough)
        {
            int start = text.Length,
                end = text.Length;
            var token = _normalizedTokens?.Next(text, position, out start, out end);
            if (start > position)
                EncodeSegment(_preTokenizer.Prepare(text[position..start], atStart && position == 0), enough, ref pieces, ref ids);
            if (token is not null)
                ids.Add(token.Id);
            position = end;
        }
    }

    private void EncodeSegment(ReadOnlySpan<char> text, int enough, ref PooledBuffer<TextPiece> pieces, ref PooledBuffer<int> ids)
    {
        pieces.Clear();
        _preTokenizer.Split(text, ref pieces);
        foreach (var piece in pieces.Span)
        {
            if (ids.Count >= enough)
                break;
            _model.Encode(text.Slice(piece.Start, piece.Length), enough - ids.Count, ref ids);
        }
    }

    private protected override bool IsAdded(int id) => _addedTexts.ContainsKey(id);

    internal override void WriteToken(int id, IBufferWriter<byte> output) => output.Write(Spelling(id));

    private protected override void DecodeCore(IEnumerable<int> ids, IBufferWriter<byte> output)
    {
        var first = true;
        foreach (var id in ids)
        {
            var bytes = Spelling(id);
            if (first && _model.ContinuationPrefix is not null && bytes is [(byte)' ', ..])
                bytes = bytes[1..];
            if (!_addedTexts.ContainsKey(id))
            {
                if (!_preTokenizer.ByteLevel && bytes.AsSpan().IndexOf(SentencePieceNormalizer.SpaceMark) >= 0)
                    bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace('▁', ' '));
                if (first && _addsSpace && bytes is [(byte)' ', ..])
                    bytes = bytes[1..];
            }
            output.Write(bytes);
            first = false;
        }
    }

    private byte[] Spelling(int id)
    {
        var text = Vocabulary.Text(id)!;
        if (_model.ContinuationPrefix is string prefix)
        {
            // Words stand apart; a token that continues one stands close to what is before it.
            var continues = text.Length > prefix.Length && text.StartsWith(prefix, StringComparison.Ordinal);
            return Encoding.UTF8.GetBytes(continues ? text[prefix.Length..] : " " + text);
        }
        if (_addedTexts.TryGetValue(id, out var added))
            return Encoding.UTF8.GetBytes(added);
        if (_preTokenizer.ByteLevel)
            return ByteAlphabet.Read(text) ?? Encoding.UTF8.GetBytes(text);
        return
            text is ['<', '0', 'x', _, _, '>']
            && byte.TryParse(text.AsSpan(3, 2), System.Globalization.NumberStyles.HexNumber, null, out var value)
            ? [value]
            : Encoding.UTF8.GetBytes(text);
    }
}
