using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// Turns text into the token ids of a model and back, exactly as the tokenizer does that the model was trained with. Thread-safe: a
/// loaded tokenizer does not change (its word cache is free of locks).
/// </summary>
/// <remarks>
/// Encoding takes time proportional to the text (n log n inside one word of n characters). Where a limit is given, the rest of a long
/// text is not tokenised. A lone surrogate counts as U+FFFD.
/// </remarks>
internal abstract partial class TextTokenizer
{
    private readonly TokenVocabulary _vocabulary;
    private readonly TokenTemplate _template;

    private protected TextTokenizer(TokenizerParts parts)
    {
        _vocabulary = parts.Vocabulary;
        _template = parts.Template;
        BosId = parts.BosId;
        EosId = parts.EosId;
        PadId = parts.PadId;
        UnkId = parts.UnkId;
        MaskId = parts.MaskId;
        Fingerprint = ComputeFingerprint(parts);
    }

    /// <summary>The largest token id plus one. The model's embedding may have more rows (padding), never fewer.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>The id of the beginning-of-sequence token, or null if the vocabulary has none.</summary>
    public int? BosId { get; }

    /// <summary>The id of the end-of-sequence token, or null if the vocabulary has none.</summary>
    public int? EosId { get; }

    /// <summary>The id of the padding token, or null if the vocabulary has none.</summary>
    public int? PadId { get; }

    /// <summary>The id of the unknown token, or null if the vocabulary has none.</summary>
    public int? UnkId { get; }

    /// <summary>The id of the mask token, or null if the vocabulary has none.</summary>
    public int? MaskId { get; }

    /// <summary>
    /// A hexadecimal SHA-256 of the vocabulary file and of the template and special ids: equal for two tokenizers only if they give every
    /// text the same ids.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>The tokens put around every text by <see cref="Encode(string, int)"/>.</summary>
    public TokenTemplate Template => _template;

    /// <summary>The text of a token as its vocabulary writes it (with "▁" or "Ġ" for a space).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public string TokenText(int id) =>
        _vocabulary.Text(id)
        ?? throw new ArgumentOutOfRangeException(
            nameof(id),
            id,
            $"The vocabulary has no token {id}; its ids go up to {VocabularySize - 1}."
        );

    /// <summary>The id of a token as its vocabulary writes it, or null.</summary>
    public int? TokenId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _vocabulary.Id(token);
    }

    /// <summary>True for control tokens (BOS, padding, …), which are no part of a text.</summary>
    public bool IsSpecial(int id) => _vocabulary.IsSpecial(id);

    /// <summary>The ids of a text without the template.</summary>
    public IReadOnlyList<int> EncodeOrdinary(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        PooledBuffer<int> ids = new(Estimate(text.Length));
        EncodeCore(text, int.MaxValue, ref ids);
        var result = ids.Span.ToArray();
        ids.Dispose();
        return result;
    }

    /// <summary>The number of tokens of a text without the template.</summary>
    public int CountTokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        PooledBuffer<int> ids = new(Estimate(text.Length));
        EncodeCore(text, int.MaxValue, ref ids);
        var count = ids.Count;
        ids.Dispose();
        return count;
    }

    /// <summary>The ids of a text with the template. Only the text is truncated, at its end.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="maxLength">The largest number of ids, the template's included.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for any text beside the
    /// template.</exception>
    public TokenizedText Encode(string text, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        var room = Room(maxLength);
        PooledBuffer<int> ids = new(Math.Min(Estimate(text.Length), maxLength) + _template.Length);
        ids.Add(_template.Before);
        EncodeCore(text, room, ref ids);
        ids.Truncate(_template.Before.Length + room);
        var end = ids.Count;
        ids.Add(_template.After);
        TokenizedText result = new(ids.Span.ToArray(), _template.Before.Length, end);
        ids.Dispose();
        return result;
    }

    /// <summary>
    /// The ids of a prefix (an instruction) and a text, joined as they stand and tokenised as one, with the template. The part of the text
    /// is counted from the end by the number of tokens that the text has alone, as the LLM2Vec reference counts it. Only the text is
    /// truncated.
    /// </summary>
    /// <param name="prefix">The prefix, with the space or separator that should follow it; may be empty.</param>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="maxLength">The largest number of ids, the template's included.</param>
    /// <exception cref="ArgumentException">The prefix leaves no room for any of the text.</exception>
    public TokenizedText Encode(string prefix, string text, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(text);
        if (prefix.Length == 0)
            return Encode(text, maxLength);
        var room = Room(maxLength);
        var prefixCount = CountTokens(prefix);
        if (prefixCount > room || (prefixCount == room && text.Length > 0))
        {
            throw new ArgumentException(
                $"The instruction or prompt has {prefixCount} tokens, which leaves no room for the text within a maximum of {maxLength} tokens: shorten it or raise max_length.",
                nameof(prefix)
            );
        }

        // One more than fits, so that a text that was cut can be told from one that just fits.
        PooledBuffer<int> joined = new(Math.Min(Estimate(prefix.Length + text.Length), maxLength) + _template.Length);
        joined.Add(_template.Before);
        var before = joined.Count;
        EncodeCore(prefix + text, room + 1, ref joined);
        var count = joined.Count - before;
        int textCount;
        if (count <= room)
        {
            textCount = Math.Min(CountTokens(text), count);
        }
        else
        {
            // The cut text's own tokens follow the prefix's; how many tokens the prefix takes here shows in a beginning of the text.
            textCount = room - Math.Min(PrefixLength(prefix, text, prefixCount), room);
            count = room;
        }
        joined.Truncate(before + count);
        var end = joined.Count;
        joined.Add(_template.After);
        TokenizedText result = new(joined.Span.ToArray(), end - textCount, end);
        joined.Dispose();
        return result;
    }

    /// <summary>The text of ids; special tokens and ids outside the vocabulary are left out, and broken UTF-8 becomes U+FFFD.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArrayBufferWriter<byte> bytes = new();
        DecodeCore(ids.Where(id => !IsSpecial(id) && _vocabulary.Text(id) is not null), bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>
    /// Appends the ids of a text. May stop once <paramref name="limit"/> ids are there (more may have been added); the first
    /// <paramref name="limit"/> are those of the whole text.
    /// </summary>
    private protected abstract void EncodeCore(ReadOnlySpan<char> text, int limit, ref PooledBuffer<int> ids);

    /// <summary>Appends the UTF-8 of ids that are in the vocabulary and not special.</summary>
    private protected abstract void DecodeCore(IEnumerable<int> ids, IBufferWriter<byte> output);

    /// <summary>Appends the UTF-8 that a token of an encoded text spells, with its vocabulary's mark for a space.</summary>
    internal abstract void WriteToken(int id, IBufferWriter<byte> output);

    /// <summary>True for tokens that were added to the vocabulary, which no text becomes unless it spells them.</summary>
    private protected abstract bool IsAdded(int id);

    private protected TokenVocabulary Vocabulary => _vocabulary;

    /// <summary>The number of tokens in front of the text when both are tokenised together, from a short beginning of the text.</summary>
    private int PrefixLength(string prefix, string text, int prefixCount)
    {
        const int Beginning = 64;
        var length = Math.Min(text.Length, Beginning);
        if (length < text.Length && char.IsHighSurrogate(text[length - 1]))
            length--;
        var beginning = text[..length];
        return Math.Clamp(CountTokens(prefix + beginning) - CountTokens(beginning), Math.Max(prefixCount - 1, 0), prefixCount + 1);
    }

    private int Room(int maxLength)
    {
        if (maxLength <= _template.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(maxLength),
                maxLength,
                $"A maximum of {maxLength} tokens leaves no room for text beside the template's {_template.Length}."
            );
        }
        return maxLength - _template.Length;
    }

    private static int Estimate(int characters) => characters / 3 + 16;

    private static string ComputeFingerprint(TokenizerParts parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in parts.Content)
        {
            hash.AppendData(BitConverter.GetBytes(content.LongLength));
            hash.AppendData(content);
        }
        hash.AppendData(
            Encoding.UTF8.GetBytes(
                $"{string.Join(',', parts.Template.Before)};{string.Join(',', parts.Template.After)};"
                    + $"{parts.BosId},{parts.EosId},{parts.PadId},{parts.UnkId},{parts.MaskId};{parts.Vocabulary.Size};{parts.Rules}"
            )
        );
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
