using System.Runtime.InteropServices;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// The unigram model of a tokenizer.json over single words, with sums in double precision as the tokenizers library keeps them.
/// Thread-safe.
/// </summary>
internal sealed class UnigramModel : WordModel
{
    private readonly SentencePieceUnigramEncoder _encoder;
    private readonly SegmentCache _cache = new();

    /// <param name="pieces">By id; the unknown piece has its type.</param>
    /// <param name="byteIds">Null, or the pieces of the bytes of characters that no piece covers.</param>
    public UnigramModel(List<(string Text, double Score)> pieces, int unkId, int[]? byteIds) =>
        _encoder = new SentencePieceUnigramEncoder(pieces, unkId, byteIds);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> word, int limit, ref PooledBuffer<int> ids)
    {
        var key = MemoryMarshal.AsBytes(word);
        if (_cache.TryGet(key, out var known))
        {
            ids.Add(known);
            return;
        }
        var first = ids.Count;
        PooledBuffer<byte> utf8 = new(word.Length * 3);
        utf8.Advance(Encoding.UTF8.GetBytes(word, utf8.Reserve(word.Length * 3)));
        // A word short enough to be remembered is taken whole.
        _encoder.Encode(utf8.Span, key.Length <= SegmentCache.MaximumKeyBytes ? int.MaxValue : limit, ref ids);
        utf8.Dispose();
        _cache.Set(key, ids.Span[first..]);
    }
}
