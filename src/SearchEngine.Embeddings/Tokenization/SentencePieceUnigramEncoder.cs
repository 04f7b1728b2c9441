using System.Buffers;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// SentencePiece's unigram language model (Kudo 2018, arXiv 1804.10959): the cut with the largest sum of scores, by Viterbi over a trie
/// of the pieces; O(bytes × longest piece). Sums are kept in single precision from the start of the text, as the original keeps them, so
/// that near-ties fall the same way; for a tokenizer.json they are kept in double precision, as the tokenizers library does.
/// </summary>
internal sealed class SentencePieceUnigramEncoder : SentencePieceEncoder
{
    /// <summary>How much worse than the worst piece an unknown character is (kUnkPenalty of the original).</summary>
    private const float UnknownPenalty = 10f;

    private readonly ByteTrie _trie;
    private readonly double[] _scores;
    private readonly bool[] _userDefined;
    private readonly bool _singlePrecision;
    private readonly double _unknownScore;
    private readonly float _maximumScore;

    public SentencePieceUnigramEncoder(SentencePieceModel model)
        : base(model)
    {
        var pieces = model.Pieces;
        _singlePrecision = true;
        _scores = [.. pieces.Select(piece => (double)piece.Score)];
        _userDefined = [.. pieces.Select(piece => piece.Type == SentencePieceType.UserDefined)];
        float[] normal = [.. pieces.Where(piece => piece.Type == SentencePieceType.Normal).Select(piece => piece.Score)];
        _unknownScore = (normal.Length > 0 ? normal.Min() : float.MaxValue) - UnknownPenalty;
        // The original starts this maximum at FLT_MIN, the smallest positive float.
        _maximumScore = normal.Append(1.17549435e-38f).Max();
        // An unused piece hides a later one of the same text, as in the original; its value never matches.
        _trie = new ByteTrie(
            pieces
                .Select((piece, id) => (piece, id))
                .Where(item => item.piece.Type is SentencePieceType.Normal or SentencePieceType.UserDefined or SentencePieceType.Unused)
                .Select(item =>
                    (Encoding.UTF8.GetBytes(item.piece.Text), item.piece.Type == SentencePieceType.Unused ? UnusedValue : item.id)
                )
        );
    }

    /// <summary>Pieces of a tokenizer.json, by id; all but the unknown one may be matched.</summary>
    public SentencePieceUnigramEncoder(List<(string Text, double Score)> pieces, int unkId, int[]? byteIds)
        : base(
            pieces.Select(
                (piece, id) =>
                    new SentencePiece(piece.Text, (float)piece.Score, id == unkId ? SentencePieceType.Unknown : SentencePieceType.Normal)
            ),
            unkId,
            byteIds
        )
    {
        _scores = [.. pieces.Select(piece => piece.Score)];
        _userDefined = new bool[pieces.Count];
        _unknownScore = _scores.Min() - UnknownPenalty;
        _trie = new ByteTrie(
            pieces.Select((piece, id) => (Encoding.UTF8.GetBytes(piece.Text), id)).Where(item => item.id != unkId && item.Item1.Length > 0)
        );
    }

    /// <summary>The trie value of a piece that must not be used.</summary>
    private const int UnusedValue = -2;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> text, int limit, ref PooledBuffer<int> ids)
    {
        var first = ids.Count;
        double score = 0;
        Node[] nodes = [];
        PooledBuffer<int> cuts = new(64);
        while (text.Length > 0 && ids.Count - first < limit)
        {
            var word = text[..WordLength(text)];
            text = text[word.Length..];
            if (nodes.Length <= word.Length)
            {
                ArrayPool<Node>.Shared.Return(nodes);
                nodes = ArrayPool<Node>.Shared.Rent(word.Length + 1);
            }
            var best = nodes.AsSpan(0, word.Length + 1);
            best.Fill(new Node(-1, 0, -1));
            best[0].Score = score;
            FindBest(word, best);
            score = best[^1].Score;

            cuts.Clear();
            for (var end = word.Length; end > 0; end = best[end].Start)
                cuts.Add(end);
            for (var i = cuts.Count - 1; i >= 0; i--)
            {
                var node = best[cuts.Span[i]];
                if (node.Id >= 0)
                    Emit(node.Id, first, ref ids);
                else
                    EmitUnknown(word[node.Start..cuts.Span[i]], first, ref ids);
            }
        }
        cuts.Dispose();
        ArrayPool<Node>.Shared.Return(nodes);
    }

    /// <summary>Fills the best way to every character boundary of the word.</summary>
    private void FindBest(ReadOnlySpan<byte> word, Span<Node> best)
    {
        for (var start = 0; start < word.Length; )
        {
            var before = best[start].Score;
            var character = CharacterLength(word[start]);
            var single = false;
            var node = 0;
            for (var end = start; end < word.Length; )
            {
                node = _trie.Step(node, word[end++]);
                if (node == ByteTrie.None)
                    break;
                var id = _trie.Value(node);
                if (id < 0)
                    continue;
                // Double precision here, and (for the original) single where it is kept: what its types amount to.
                var score = (_userDefined[id] ? (end - start) * _maximumScore - 0.1 : _scores[id]) + before;
                Offer(ref best[end], score, start, id);
                single |= end - start == character;
            }
            if (!single)
                Offer(ref best[start + character], _singlePrecision ? (float)(_unknownScore + before) : _unknownScore + before, start, -1);
            start += character;
        }
    }

    private void Offer(ref Node target, double score, int start, int id)
    {
        if (target.Start < 0 || score > target.Score)
            target = new Node(id, _singlePrecision ? (float)score : score, start);
    }

    private struct Node(int id, double score, int start)
    {
        public readonly int Id = id;
        public double Score = score;
        public readonly int Start = start;
    }
}
