using SearchEngine.Embeddings;

namespace SearchEngine.Training;

/// <summary>The tokenizer of the model under training. Thread-safe.</summary>
internal sealed class TrainingTokenizer
{
    private readonly TextTokenizer _tokenizer;

    private TrainingTokenizer(string folder, TextTokenizer tokenizer)
    {
        Folder = folder;
        _tokenizer = tokenizer;
        SpecialTokens = Enumerable
            .Range(0, tokenizer.VocabularySize)
            .Where(id => id == tokenizer.UnkId || tokenizer.IsSpecial(id))
            .ToHashSet();
    }

    /// <summary>The folder it was loaded from.</summary>
    public string Folder { get; }

    public int VocabularySize => _tokenizer.VocabularySize;

    public int? BosId => _tokenizer.BosId;

    public int? EosId => _tokenizer.EosId;

    /// <summary>Unknown, begin and end of sequence and other control tokens: never masked, never drawn at random.</summary>
    public IReadOnlySet<int> SpecialTokens { get; }

    /// <summary>Loads the tokenizer of a folder, or of a folder's tokenizer.model.</summary>
    /// <exception cref="TrainingException">It is missing or damaged.</exception>
    public static TrainingTokenizer Load(string path)
    {
        var folder = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        try
        {
            return new TrainingTokenizer(folder, TextTokenizer.Load(folder));
        }
        catch (ModelFormatException e)
        {
            throw new TrainingException(
                $"Tokenizer '{path}' cannot be used: {e.Message} Make one with 'train tokenizer', or correct the configuration.",
                e
            );
        }
    }

    public IReadOnlyList<int> Encode(string text) => _tokenizer.EncodeOrdinary(text);

    /// <summary>Each piece as a text of its own, by id; empty for special and byte tokens and for pieces of space alone.</summary>
    public IReadOnlyList<string> PieceTexts() =>
        [.. Enumerable.Range(0, VocabularySize).Select(id => SpecialTokens.Contains(id) ? "" : PieceText(_tokenizer.TokenText(id)))];

    /// <summary>The id of a mask token: the tokenizer's own, or a piece named by the configuration.</summary>
    /// <exception cref="TrainingException">The tokenizer has neither.</exception>
    public int MaskToken(string piece) =>
        _tokenizer.MaskId
        ?? _tokenizer.TokenId(piece)
        ?? _tokenizer.TokenId("\u2581" + piece)
        ?? throw new TrainingException($"The tokenizer has no piece '{piece}' to mask with. Set 'maskToken' to one that it has.");

    private static string PieceText(string piece) => IsByte(piece) ? "" : piece.Replace('\u2581', ' ').Trim();

    /// <summary>SentencePiece writes the pieces of single bytes as <c>&lt;0x41&gt;</c>.</summary>
    private static bool IsByte(string piece) => piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[^1] == '>';
}
