namespace SearchEngine.Embeddings;

/// <summary>Cuts normalised UTF-8 into pieces: the algorithm of a SentencePiece model. Implementations are thread-safe.</summary>
internal abstract class SentencePieceEncoder
{
    private readonly int _unkId;
    private readonly int[]? _byteIds;

    protected SentencePieceEncoder(SentencePieceModel model)
        : this(model.Pieces, model.UnkId, model.ByteIds) { }

    protected SentencePieceEncoder(IEnumerable<SentencePiece> pieces, int unkId, int[]? byteIds)
    {
        _unkId = unkId;
        _byteIds = byteIds;
        SplitsAtSpace = !pieces.Any(piece =>
            piece.Type is SentencePieceType.Normal or SentencePieceType.Unused or SentencePieceType.UserDefined && SpaceInside(piece.Text)
        );
    }

    /// <summary>
    /// True if no piece has a space mark after something else. Then no piece reaches from a word into the next, and the words before a
    /// space mark can be settled without looking further.
    /// </summary>
    protected bool SplitsAtSpace { get; }

    /// <summary>
    /// Appends ids for <paramref name="text"/>. Stops after the word in which <paramref name="limit"/> ids were reached; the ids up to
    /// there are those of the whole text.
    /// </summary>
    public abstract void Encode(ReadOnlySpan<byte> text, int limit, ref PooledBuffer<int> ids);

    /// <summary>The length of the first word: leading space marks, then everything before the next one.</summary>
    protected int WordLength(ReadOnlySpan<byte> text)
    {
        if (!SplitsAtSpace)
            return text.Length;
        var mark = SentencePieceNormalizer.SpaceMark;
        var start = 0;
        while (text[start..].StartsWith(mark))
            start += mark.Length;
        var next = text[start..].IndexOf(mark);
        return next < 0 ? text.Length : start + next;
    }

    /// <summary>Appends an id; a run of unknown pieces becomes one.</summary>
    protected void Emit(int id, int first, ref PooledBuffer<int> ids)
    {
        if (id == _unkId && ids.Count > first && ids.Span[^1] == _unkId)
            return;
        ids.Add(id);
    }

    /// <summary>Appends a character outside the vocabulary: its bytes' pieces, or the unknown piece.</summary>
    protected void EmitUnknown(ReadOnlySpan<byte> character, int first, ref PooledBuffer<int> ids)
    {
        if (_byteIds is null)
        {
            Emit(_unkId, first, ref ids);
            return;
        }
        foreach (var b in character)
            ids.Add(_byteIds[b]);
    }

    /// <summary>The length of the character at the start of well-formed UTF-8.</summary>
    protected static int CharacterLength(byte lead) =>
        lead < 0x80 ? 1
        : lead < 0xE0 ? 2
        : lead < 0xF0 ? 3
        : 4;

    private static bool SpaceInside(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '▁' && text[i - 1] != '▁')
                return true;
        }
        return false;
    }
}
