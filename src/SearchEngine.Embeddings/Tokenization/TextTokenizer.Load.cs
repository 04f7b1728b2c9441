namespace SearchEngine.Embeddings;

internal abstract partial class TextTokenizer
{
    /// <summary>Loads the tokenizer of a model folder.</summary>
    /// <param name="modelFolder">
    /// A folder with tokenizer.model (SentencePiece); tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json
    /// beside it are heeded.
    /// </param>
    /// <exception cref="ModelFormatException">There is no tokenizer in the folder, it is damaged, or it asks for something unsupported.</exception>
    public static TextTokenizer Load(string modelFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        if (!Directory.Exists(modelFolder))
            throw new ModelFormatException(modelFolder, "there is no such folder.");
        TokenizerConfiguration configuration = new(modelFolder);
        string model = Path.Combine(modelFolder, "tokenizer.model");
        if (File.Exists(model))
            return SentencePieceTextTokenizer.Load(model, configuration);
        throw new ModelFormatException(modelFolder, "there is no tokenizer here (tokenizer.model); fetch or copy it from the model's source.");
    }
}
