using TorchSharp;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Small random models with a real tokenizer, made on the spot.</summary>
internal static class TextModel
{
    /// <summary>A LLaMA folder with a SentencePiece tokenizer (byte fallback, BOS in front) in a scratch folder.</summary>
    public static ScratchFolder Create(int seed = 5, int hidden = 32, Action<string>? extra = null, string modelType = "llama")
    {
        ScratchFolder scratch = new();
        var tokenizer = Path.Combine(AppContext.BaseDirectory, "Tokenization", "Fixtures", "bpe-bytes.model");
        File.Copy(tokenizer, Path.Combine(scratch.Path, "tokenizer.model"));
        File.WriteAllText(
            Path.Combine(scratch.Path, "tokenizer_config.json"),
            """{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "add_eos_token": false}"""
        );
        var vocabulary = TextTokenizer.Load(scratch.Path).VocabularySize;
        TorchRuntime.EnsureLoaded();
        torch.manual_seed(seed);
        DecoderConfig config = new()
        {
            ModelType = modelType,
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            IntermediateSize = 48,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            TieWordEmbeddings = true,
            InitializerRange = 0.3,
        };
        using DecoderModel model = new(config);
        model.InitializeWeights();
        CheckpointWriter.Save(model, scratch.Path);
        extra?.Invoke(scratch.Path);
        return scratch;
    }

    /// <summary>Writes a random adapter for the model of a folder.</summary>
    public static void WriteAdapter(string modelFolder, string adapterFolder, string baseName, int seed)
    {
        using var model = CheckpointLoader.Load(modelFolder);
        torch.manual_seed(seed);
        using (torch.no_grad())
        {
            foreach (var parameter in model.AttachAdapter(new LoraAdapterOptions("a", Rank: 3, Alpha: 6)))
                parameter.normal_(0, 0.2);
        }
        PeftAdapters.Save(model, "a", adapterFolder, baseName);
    }

    /// <summary>Sentences of different lengths, the same for the same seed.</summary>
    public static string[] Texts(int count, int seed = 3)
    {
        Random random = new(seed);
        string[] words =
        [
            "search",
            "engine",
            "vector",
            "the",
            "a",
            "of",
            "index",
            "näive",
            "graph",
            "日本",
            "quick",
            "store",
            "12",
            "query",
        ];
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(1, 30)).Select(_ => words[random.Next(words.Length)]))),
        ];
    }
}
