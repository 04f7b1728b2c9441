using SearchEngine.Embeddings.Tokenization;

namespace SearchEngine.Embeddings;

internal abstract partial class TextTokenizer
{
    /// <summary>XLM-RoBERTa's vocabulary file.</summary>
    internal const string FairseqModel = "sentencepiece.bpe.model";

    /// <summary>Loads the tokenizer of a model folder.</summary>
    /// <param name="modelFolder">
    /// A folder with, in order of preference, tokenizer.json (BPE), tokenizer.model (SentencePiece, or tiktoken as Llama-3 has it), a
    /// *.tiktoken file, vocab.json and merges.txt (encoder.json and vocab.bpe), or vocab.txt (BERT). tokenizer_config.json,
    /// special_tokens_map.json,
    /// added_tokens.json and config.json beside it are heeded.
    /// </param>
    /// <exception cref="ModelFormatException">There is no tokenizer in the folder, it is damaged, or it asks for something
    /// unsupported.</exception>
    public static TextTokenizer Load(string modelFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        if (!Directory.Exists(modelFolder))
            throw new ModelFormatException(modelFolder, "there is no such folder.");
        TokenizerConfiguration configuration = new(modelFolder);
        var json = Path.Combine(modelFolder, "tokenizer.json");
        var model = Path.Combine(modelFolder, "tokenizer.model");
        if (File.Exists(json) && !(File.Exists(model) && TokenizerJson.IsUnigram(json)))
            return TokenizerJson.Load(json, configuration);
        if (File.Exists(model))
        {
            return TiktokenFile.Recognizes(model)
                ? TiktokenFile.Load(model, configuration)
                : SentencePieceTextTokenizer.Load(model, configuration);
        }
        var fairseq = Path.Combine(modelFolder, FairseqModel);
        if (File.Exists(fairseq))
        {
            return
                configuration.ModelType == "xlm-roberta"
                || configuration.TokenizerClass?.StartsWith("XLMRoberta", StringComparison.Ordinal) == true
                ? SentencePieceTextTokenizer.LoadFairseq(fairseq, configuration)
                : throw new ModelFormatException(
                    fairseq,
                    $"ids are known for XLM-RoBERTa's tokenizer only, not for {configuration.TokenizerClass ?? configuration.ModelType ?? "a model that is not named"}; add the model's tokenizer.json."
                );
        }
        var tiktoken = Directory.GetFiles(modelFolder, "*.tiktoken");
        if (tiktoken.Length > 1)
            throw new ModelFormatException(modelFolder, $"there are {tiktoken.Length} tiktoken files here; leave the model's own.");
        if (tiktoken.Length == 1)
            return TiktokenFile.Load(tiktoken[0], configuration);
        if (Gpt2Files.Find(modelFolder) is (string vocabulary, string merges))
            return Gpt2Files.Load(vocabulary, merges, configuration);
        var words = Path.Combine(modelFolder, WordPieceFile.FileName);
        if (File.Exists(words))
            return WordPieceFile.Load(words, configuration);
        throw new ModelFormatException(
            modelFolder,
            "there is no tokenizer here (tokenizer.json, tokenizer.model, *.tiktoken, vocab.json with merges.txt, or vocab.txt); fetch or copy it from the model's source."
        );
    }

    /// <summary>
    /// A tokenizer whose own tokens the model has no embeddings for is another model's. Single tokens that were added past the end, such as
    /// Llama-2-13b's padding, are let through: no text has them by itself.
    /// </summary>
    /// <exception cref="ModelFormatException">A token of the template, or one of the vocabulary itself, is past the model's
    /// last.</exception>
    internal void CheckModel(string folder, int vocabularySize)
    {
        var wrong = Enumerable
            .Range(vocabularySize, Math.Max(0, VocabularySize - vocabularySize))
            .FirstOrDefault(
                id => _vocabulary.Text(id) is not null && (!IsAdded(id) || _template.Before.Contains(id) || _template.After.Contains(id)),
                -1
            );
        if (wrong >= 0)
        {
            throw new ModelFormatException(
                folder,
                $"the tokenizer has token {wrong} ('{TokenText(wrong)}'), but the model's embedding only {vocabularySize} rows; the tokenizer is another model's."
            );
        }
    }

    /// <summary>
    /// A vocabulary with more tokens of its own than the model has embeddings belongs to another model. Added tokens (a padding token,
    /// say) are left out, since many folders have one that the model never sees.
    /// </summary>
    /// <exception cref="ModelFormatException">The vocabulary is larger than config.json's <c>vocab_size</c>.</exception>
    internal static void CheckModelSize(string path, int count, TokenizerConfiguration configuration)
    {
        if (configuration.ModelVocabularySize is int size && size < count)
        {
            throw new ModelFormatException(
                path,
                $"the vocabulary has {count} tokens, but the model (config.json: vocab_size) has only {size} embeddings; tokenizer and model do not belong together."
            );
        }
    }
}
