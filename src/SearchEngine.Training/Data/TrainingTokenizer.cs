using Microsoft.ML.Tokenizers;

namespace SearchEngine.Training;

/// <summary>The tokenizer of the model under training. Thread-safe.</summary>
internal sealed class TrainingTokenizer
{
    private readonly SentencePieceTokenizer _tokenizer;

    private TrainingTokenizer(string path, SentencePieceTokenizer tokenizer)
    {
        Path = path;
        _tokenizer = tokenizer;
    }

    public string Path { get; }

    public int VocabularySize => _tokenizer.Vocabulary.Count;

    public static TrainingTokenizer Load(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"Tokenizer '{path}' does not exist. Make one with 'train tokenizer', or correct 'newModel.tokenizer'.");
        using var stream = File.OpenRead(path);
        return new TrainingTokenizer(path, SentencePieceTokenizer.Create(stream, false, false));
    }

    public IReadOnlyList<int> Encode(string text) => _tokenizer.EncodeToIds(text);

    /// <summary>Unknown, begin and end of sequence: never masked, never drawn at random.</summary>
    public IReadOnlySet<int> SpecialTokens { get; } = new HashSet<int> { 0, 1, 2 };

    /// <summary>The id of a mask token.</summary>
    /// <exception cref="TrainingException">The tokenizer has no such single piece.</exception>
    public int MaskToken(string piece)
    {
        if (_tokenizer.Vocabulary.TryGetValue(piece, out var id) || _tokenizer.Vocabulary.TryGetValue("\u2581" + piece, out id))
            return id;
        throw new TrainingException($"The tokenizer has no piece '{piece}' to mask with. Set 'maskToken' to one that it has.");
    }
}
