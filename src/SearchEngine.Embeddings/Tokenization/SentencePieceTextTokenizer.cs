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

    private SentencePieceTextTokenizer(string path, SentencePieceModel model, TokenizerParts parts)
        : base(parts)
    {
        _model = model;
        (byte[], int)[] userDefined = [.. model.Pieces
            .Select((piece, id) => (piece, id))
            .Where(item => item.piece.Type == SentencePieceType.UserDefined)
            .Select(item => (Encoding.UTF8.GetBytes(item.piece.Text), item.id))];
        ByteTrie? trie = userDefined.Length > 0 ? new ByteTrie(userDefined) : null;
        _normalizer = new SentencePieceNormalizer(path, model, trie);
        _encoder = model.IsBpe ? new SentencePieceBpeEncoder(model, trie) : new SentencePieceUnigramEncoder(model);
    }

    /// <summary>Loads a model file. BOS is added unless the configuration says otherwise, EOS only if it does, as LlamaTokenizer does.</summary>
    public static SentencePieceTextTokenizer Load(string path, TokenizerConfiguration configuration)
    {
        byte[] content = File.ReadAllBytes(path);
        ForeignFile.Refuse(path, content);
        SentencePieceModel model = SentencePieceModel.Parse(path, content);
        TokenVocabulary vocabulary = new();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            vocabulary.Add(model.Pieces[id].Text, id);
            if (model.Pieces[id].Type == SentencePieceType.Control)
                vocabulary.MarkSpecial(id);
        }
        CheckModelSize(path, model.Pieces.Count, configuration);
        foreach ((string text, AddedTokenEntry token) in configuration.AddedTokens)
        {
            // Ids below are the model's own; only what comes after them is new.
            if (token.Id < model.Pieces.Count)
                continue;
            vocabulary.Add(text, token.Id);
            if (token.IsSpecial)
                vocabulary.MarkSpecial(token.Id);
        }
        SpecialTokens special = new(configuration, vocabulary);
        int? bos = special.Id("bos_token", model.BosId);
        int? eos = special.Id("eos_token", model.EosId);
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

    private protected override void EncodeCore(ReadOnlySpan<char> text, int limit, ref PooledBuffer<int> ids)
    {
        if (text.IsEmpty)
            return;
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        PooledBuffer<byte> normalized = new(text.Length * 2);
        int length = Encoding.UTF8.GetBytes(text, utf8);
        _normalizer.Normalize(utf8.AsSpan(0, length), ref normalized);
        ArrayPool<byte>.Shared.Return(utf8);
        _encoder.Encode(normalized.Span, limit, ref ids);
        normalized.Dispose();
    }

    private protected override bool IsAdded(int id) => id >= _model.Pieces.Count;

    internal override void WriteToken(int id, IBufferWriter<byte> output)
    {
        SentencePiece piece = _model.Pieces[id];
        if (piece.Type == SentencePieceType.Byte)
            output.Write([Convert.ToByte(piece.Text[3..5], 16)]);
        else
            output.Write(piece.Type == SentencePieceType.Unknown ? "\uFFFD"u8 : Encoding.UTF8.GetBytes(piece.Text));
    }

    private protected override void DecodeCore(IEnumerable<int> ids, IBufferWriter<byte> output)
    {
        bool first = true;
        foreach (int id in ids)
        {
            if (id >= _model.Pieces.Count)
            {
                output.Write(Encoding.UTF8.GetBytes(Vocabulary.Text(id)!));
            }
            else if (_model.Pieces[id] is { Type: SentencePieceType.Byte, Text: var name })
            {
                output.Write([Convert.ToByte(name[3..5], 16)]);
            }
            else if (_model.Pieces[id].Type == SentencePieceType.Unknown)
            {
                // What SentencePiece prints for an unknown piece.
                output.Write(" ⁇ "u8);
            }
            else
            {
                string piece = _model.Pieces[id].Text;
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
