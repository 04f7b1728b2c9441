using System.Buffers;
using System.Text;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// The tokenizer of a SentencePiece .model file, byte-pair encoding or unigram, with ids equal to those of SentencePiece itself. Text
/// that looks like a control piece ("&lt;s&gt;") is ordinary text, as it is to SentencePiece.
/// </summary>
internal sealed class SentencePieceTextTokenizer : TextTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly SentencePieceEncoder _encoder;
    private readonly bool _fairseq;

    private SentencePieceTextTokenizer(string path, SentencePieceModel model, TokenizerParts parts, bool fairseq = false)
        : base(parts)
    {
        _model = model;
        _fairseq = fairseq;
        (byte[], int)[] userDefined =
        [
            .. model
                .Pieces.Select((piece, id) => (piece, id))
                .Where(item => item.piece.Type == SentencePieceType.UserDefined)
                .Select(item => (Encoding.UTF8.GetBytes(item.piece.Text), item.id)),
        ];
        var trie = userDefined.Length > 0 ? new ByteTrie(userDefined) : null;
        _normalizer = new SentencePieceNormalizer(path, model, trie);
        _encoder = model.IsBpe ? new SentencePieceBpeEncoder(model, trie) : new SentencePieceUnigramEncoder(model);
    }

    /// <summary>
    /// Loads a model file. BOS is added unless the configuration says otherwise, EOS only if it does, as LlamaTokenizer does.
    /// </summary>
    public static SentencePieceTextTokenizer Load(string path, TokenizerConfiguration configuration)
    {
        var content = File.ReadAllBytes(path);
        ForeignFile.Refuse(path, content);
        var model = SentencePieceModel.Parse(path, content);
        TokenVocabulary vocabulary = new();
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            vocabulary.Add(model.Pieces[id].Text, id);
            if (model.Pieces[id].Type == SentencePieceType.Control)
                vocabulary.MarkSpecial(id);
        }
        CheckModelSize(path, model.Pieces.Count, configuration);
        foreach ((var text, var token) in configuration.AddedTokens)
        {
            // Ids below are the model's own; only what comes after them is new.
            if (token.Id < model.Pieces.Count)
                continue;
            vocabulary.Add(text, token.Id);
            if (token.IsSpecial)
                vocabulary.MarkSpecial(token.Id);
        }
        SpecialTokens special = new(configuration, vocabulary);
        var bos = special.Id("bos_token", model.BosId);
        var eos = special.Id("eos_token", model.EosId);
        TokenizerParts parts = new()
        {
            Vocabulary = vocabulary,
            Template = special.Template(bos, eos, addBosByDefault: true, addEosByDefault: false),
            Content = [content],
            BosId = bos,
            EosId = eos,
            PadId = special.Id("pad_token", model.PadId),
            UnkId = special.Id("unk_token", model.UnkId),
            MaskId = special.Id("mask_token", -1),
        };
        return new SentencePieceTextTokenizer(path, model, parts);
    }

    /// <summary>
    /// Loads XLM-RoBERTa's sentencepiece.bpe.model, whose ids are those of fairseq's dictionary: &lt;s&gt;, &lt;pad&gt;, &lt;/s&gt; and
    /// &lt;unk&gt;, then the
    /// model's pieces behind its own three, then &lt;mask&gt;. Every text stands between &lt;s&gt; and &lt;/s&gt;.
    /// </summary>
    public static SentencePieceTextTokenizer LoadFairseq(string path, TokenizerConfiguration configuration)
    {
        var content = File.ReadAllBytes(path);
        ForeignFile.Refuse(path, content);
        var model = SentencePieceModel.Parse(path, content);
        TokenVocabulary vocabulary = new();
        string[] own = ["<s>", "<pad>", "</s>", "<unk>"];
        for (var id = 0; id < own.Length; id++)
            vocabulary.Add(own[id], id);
        if (model.UnkId != 0 || model.Pieces.Count < own.Length)
        {
            throw new ModelFormatException(
                path,
                "this is not a model of the XLM-RoBERTa kind: its first three pieces are not <unk>, <s> and </s>."
            );
        }
        for (var piece = own.Length - 1; piece < model.Pieces.Count; piece++)
            vocabulary.Add(model.Pieces[piece].Text, piece + 1);
        var mask = model.Pieces.Count + 1;
        vocabulary.Add("<mask>", mask);
        foreach (var special in (ReadOnlySpan<int>)[0, 1, 2, mask])
            vocabulary.MarkSpecial(special);
        CheckModelSize(path, vocabulary.Size, configuration);
        TokenizerParts parts = new()
        {
            Vocabulary = vocabulary,
            Template = new TokenTemplate([0], [2]),
            Content = [content],
            Rules = "fairseq",
            BosId = 0,
            EosId = 2,
            PadId = 1,
            UnkId = 3,
            MaskId = mask,
        };
        return new SentencePieceTextTokenizer(path, model, parts, fairseq: true);
    }

    /// <summary>The piece of an id, or -1 for the tokens that are not the model's.</summary>
    private int Piece(int id) =>
        !_fairseq ? (id < _model.Pieces.Count ? id : -1)
        : id == 3 ? _model.UnkId
        : id > 3 && id <= _model.Pieces.Count ? id - 1
        : -1;

    private protected override void EncodeCore(ReadOnlySpan<char> text, int limit, ref PooledBuffer<int> ids)
    {
        if (text.IsEmpty)
            return;
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        PooledBuffer<byte> normalized = new(text.Length * 2);
        var length = Encoding.UTF8.GetBytes(text, utf8);
        _normalizer.Normalize(utf8.AsSpan(0, length), ref normalized);
        ArrayPool<byte>.Shared.Return(utf8);
        var first = ids.Count;
        _encoder.Encode(normalized.Span, limit, ref ids);
        if (_fairseq)
        {
            foreach (ref var id in ids.Span[first..])
                id = id == _model.UnkId ? 3 : id + 1;
        }
        normalized.Dispose();
    }

    private protected override bool IsAdded(int id) => Piece(id) < 0;

    internal override void WriteToken(int id, IBufferWriter<byte> output)
    {
        if (Piece(id) < 0)
        {
            output.Write(Encoding.UTF8.GetBytes(Vocabulary.Text(id)!));
            return;
        }
        var piece = _model.Pieces[Piece(id)];
        if (piece.Type == SentencePieceType.Byte)
            output.Write([Convert.ToByte(piece.Text[3..5], 16)]);
        else
            output.Write(piece.Type == SentencePieceType.Unknown ? "\uFFFD"u8 : Encoding.UTF8.GetBytes(piece.Text));
    }

    private protected override void DecodeCore(IEnumerable<int> ids, IBufferWriter<byte> output)
    {
        var first = true;
        foreach (var id in ids)
        {
            if (Piece(id) < 0)
            {
                output.Write(Encoding.UTF8.GetBytes(Vocabulary.Text(id)!));
            }
            else if (_model.Pieces[Piece(id)] is { Type: SentencePieceType.Byte, Text: var name })
            {
                output.Write([Convert.ToByte(name[3..5], 16)]);
            }
            else if (_model.Pieces[Piece(id)].Type == SentencePieceType.Unknown)
            {
                // What SentencePiece prints for an unknown piece.
                output.Write(" ⁇ "u8);
            }
            else
            {
                var piece = _model.Pieces[Piece(id)].Text;
                if (_model.EscapeWhitespaces)
                    piece = piece.Replace('▁', ' ');
                if (first && _model.AddDummyPrefix && !_model.TreatWhitespaceAsSuffix && piece.StartsWith(' '))
                    piece = piece[1..];
                output.Write(Encoding.UTF8.GetBytes(piece));
            }
            first = false;
        }
    }
}
