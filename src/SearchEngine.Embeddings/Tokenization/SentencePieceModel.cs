using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// A SentencePiece model file (Kudo and Richardson 2018, arXiv 1808.06226; the schema is sentencepiece_model.proto): pieces, the kind of
/// model, and how text is normalised.
/// </summary>
internal sealed class SentencePieceModel
{
    /// <summary>The number of the BPE algorithm in the file.</summary>
    private const int BpeType = 2,
        UnigramType = 1;

    private string _unkPiece = "<unk>",
        _bosPiece = "<s>",
        _eosPiece = "</s>",
        _padPiece = "<pad>";
    private int _modelType = UnigramType;

    private SentencePieceModel() { }

    public List<SentencePiece> Pieces { get; } = [];

    /// <summary>True for byte-pair encoding, false for the unigram language model.</summary>
    public bool IsBpe => _modelType == BpeType;

    /// <summary>Characters outside the vocabulary become the pieces of their UTF-8 bytes.</summary>
    public bool ByteFallback { get; private set; }

    public bool TreatWhitespaceAsSuffix { get; private set; }

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraWhitespaces { get; private set; } = true;

    public bool EscapeWhitespaces { get; private set; } = true;

    /// <summary>The compiled normalisation rules; empty for none.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    public int UnkId { get; private set; } = -1;

    public int BosId { get; private set; } = -1;

    public int EosId { get; private set; } = -1;

    public int PadId { get; private set; } = -1;

    /// <summary>The id of the piece of each byte; null without byte fallback.</summary>
    public int[]? ByteIds { get; private set; }

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="ModelFormatException">The file is damaged or of a kind that is not supported.</exception>
    public static SentencePieceModel Parse(string path, byte[] content)
    {
        SentencePieceModel model = new();
        try
        {
            model.Read(content);
        }
        catch (Exception e) when (e is InvalidDataException or DecoderFallbackException)
        {
            throw new ModelFormatException(path, $"this is not a SentencePiece model, or it is damaged: {e.Message}", e);
        }
        model.Complete(path);
        return model;
    }

    private void Read(byte[] content)
    {
        ProtobufReader reader = new(content);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    Pieces.Add(ReadPiece(reader.Bytes()));
                    break;
                case 2:
                    ReadTrainerSpec(reader.Bytes());
                    break;
                case 3:
                    ReadNormalizerSpec(reader.Bytes());
                    break;
            }
        }
    }

    private static SentencePiece ReadPiece(ReadOnlySpan<byte> content)
    {
        var text = "";
        float score = 0;
        var type = SentencePieceType.Normal;
        ProtobufReader reader = new(content);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = reader.Text();
                    break;
                case 2:
                    score = reader.Float();
                    break;
                case 3:
                    type = (SentencePieceType)reader.Integer();
                    break;
            }
        }
        if (!Enum.IsDefined(type))
            throw new InvalidDataException($"piece '{text}' has the unknown type {(int)type}.");
        if (text.Length > TokenVocabulary.MaximumTokenLength)
            throw new InvalidDataException($"a piece has {text.Length} characters, more than {TokenVocabulary.MaximumTokenLength}.");
        if (float.IsNaN(score))
            throw new InvalidDataException($"piece '{text}' has no number as its score.");
        return new SentencePiece(text, score, type);
    }

    private void ReadTrainerSpec(ReadOnlySpan<byte> content)
    {
        ProtobufReader reader = new(content);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    _modelType = (int)reader.Integer();
                    break;
                case 24:
                    TreatWhitespaceAsSuffix = reader.Integer() != 0;
                    break;
                case 35:
                    ByteFallback = reader.Integer() != 0;
                    break;
                case 45:
                    _unkPiece = reader.Text();
                    break;
                case 46:
                    _bosPiece = reader.Text();
                    break;
                case 47:
                    _eosPiece = reader.Text();
                    break;
                case 48:
                    _padPiece = reader.Text();
                    break;
            }
        }
    }

    private void ReadNormalizerSpec(ReadOnlySpan<byte> content)
    {
        ProtobufReader reader = new(content);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    CharacterMap = reader.Bytes().ToArray();
                    break;
                case 3:
                    AddDummyPrefix = reader.Integer() != 0;
                    break;
                case 4:
                    RemoveExtraWhitespaces = reader.Integer() != 0;
                    break;
                case 5:
                    EscapeWhitespaces = reader.Integer() != 0;
                    break;
            }
        }
    }

    private void Complete(string path)
    {
        if (Pieces.Count == 0)
            throw new ModelFormatException(path, "this is not a SentencePiece model: it has no pieces.");
        if (_modelType is not (BpeType or UnigramType))
        {
            throw new ModelFormatException(
                path,
                $"SentencePiece models of kind {(_modelType == 3 ? "word" : _modelType == 4 ? "char" : _modelType)} are not supported, only bpe and unigram."
            );
        }
        UnkId = Pieces.FindIndex(piece => piece.Type == SentencePieceType.Unknown);
        if (UnkId < 0)
            throw new ModelFormatException(path, "the SentencePiece model has no unknown piece.");
        BosId = Control(_bosPiece);
        EosId = Control(_eosPiece);
        PadId = Control(_padPiece);
        if (ByteFallback)
            ByteIds = FindBytes(path);
    }

    private int Control(string text) => Pieces.FindIndex(piece => piece.Type == SentencePieceType.Control && piece.Text == text);

    private int[] FindBytes(string path)
    {
        Dictionary<string, int> bytes = new(StringComparer.Ordinal);
        for (var id = 0; id < Pieces.Count; id++)
        {
            if (Pieces[id].Type == SentencePieceType.Byte)
                bytes.TryAdd(Pieces[id].Text, id);
        }
        var ids = new int[256];
        for (var value = 0; value < 256; value++)
        {
            if (!bytes.TryGetValue($"<0x{value:X2}>", out ids[value]))
                throw new ModelFormatException(path, $"the SentencePiece model promises byte fallback but has no piece <0x{value:X2}>.");
        }
        return ids;
    }
}
