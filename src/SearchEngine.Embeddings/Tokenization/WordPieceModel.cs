using System.Runtime.InteropServices;
using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>
/// WordPiece (BERT): a word becomes its longest beginning that is a token, then the longest continuation, and so on; a word of which some
/// part is no token becomes the unknown token as a whole. Thread-safe.
/// </summary>
internal sealed class WordPieceModel : WordModel
{
    private readonly ByteTrie _beginnings;
    private readonly ByteTrie _continuations;
    private readonly SegmentCache _cache = new();
    private readonly int _unkId;
    private readonly int _longestWord;

    /// <param name="tokens">All tokens with their ids.</param>
    /// <param name="continuationPrefix">What tokens that continue a word begin with, usually "##".</param>
    /// <param name="unkId">The token of words that have no tokens.</param>
    /// <param name="longestWord">Words of more characters are unknown.</param>
    public WordPieceModel(IReadOnlyCollection<(string Text, int Id)> tokens, string continuationPrefix, int unkId, int longestWord)
    {
        ContinuationPrefix = continuationPrefix;
        _unkId = unkId;
        _longestWord = longestWord;
        _beginnings = new ByteTrie(tokens.Select(token => (Encoding.UTF8.GetBytes(token.Text), token.Id)));
        _continuations = new ByteTrie(
            tokens
                .Where(token =>
                    token.Text.Length > continuationPrefix.Length && token.Text.StartsWith(continuationPrefix, StringComparison.Ordinal)
                )
                .Select(token => (Encoding.UTF8.GetBytes(token.Text[continuationPrefix.Length..]), token.Id))
        );
    }

    /// <inheritdoc/>
    public override string ContinuationPrefix { get; }

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
        if (!TryEncode(word, ref ids))
        {
            ids.Truncate(first);
            ids.Add(_unkId);
        }
        _cache.Set(key, ids.Span[first..]);
    }

    private bool TryEncode(ReadOnlySpan<char> word, ref PooledBuffer<int> ids)
    {
        if (word.Length > _longestWord && (word.Length > 2 * _longestWord || Characters(word) > _longestWord))
            return false;
        Span<byte> utf8 = stackalloc byte[word.Length <= 256 ? 768 : 0];
        if (word.Length > 256)
            utf8 = new byte[word.Length * 3];
        ReadOnlySpan<byte> rest = utf8[..Encoding.UTF8.GetBytes(word, utf8)];
        var trie = _beginnings;
        while (!rest.IsEmpty)
        {
            var id = trie.LongestPrefix(rest, out var length);
            if (id == ByteTrie.None)
                return false;
            ids.Add(id);
            rest = rest[length..];
            trie = _continuations;
        }
        return true;
    }

    private static int Characters(ReadOnlySpan<char> word)
    {
        var count = 0;
        foreach (var _ in word.EnumerateRunes())
            count++;
        return count;
    }
}
