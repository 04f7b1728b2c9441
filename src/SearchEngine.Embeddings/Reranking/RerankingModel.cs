using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Reranking;

/// <summary>
/// A model that reads a query and a passage together and says how well the one answers the other: sequence classifiers of the BERT family
/// (cross-encoders), and decoders that say yes or no. Thread-safe; pairs of different callers are computed together.
/// </summary>
public sealed class RerankingModel : IDisposable
{
    /// <summary>As for embeddings: more tokens at once no longer make a core faster.</summary>
    private const int CpuBatchTokens = 512;

    /// <summary>Enough to fill a large GPU.</summary>
    private const int CudaBatchTokens = 16_384;

    private readonly PairReader _pairs;
    private readonly EmbeddingScheduler _scheduler;
    private readonly int _vocabularySize;

    private RerankingModel(RerankingModelOptions options)
    {
        var folder = ModelFolder.Read(options.ModelPath);
        var config = ModelConfigReader.Read(folder.BaseFolder);
        var place =
            folder.TokenizerFolder
            ?? throw new ModelFormatException(folder.Path, "there is no tokenizer (tokenizer.json, tokenizer.model or vocab.txt).");
        var tokenizer = TextTokenizer.Load(place);
        tokenizer.CheckModel(place, config.VocabularySize);
        _vocabularySize = config.VocabularySize;
        MaxLength = LimitOf(options.MaxLength, place, config);
        _pairs = config switch
        {
            BertConfig bert => new ClassifierPairs(folder.BaseFolder, bert, tokenizer, MaxLength),
            DecoderConfig decoder => new YesNoPairs(folder.BaseFolder, decoder, tokenizer, MaxLength, options.Instruction),
            _ => throw new ModelFormatException(
                folder.Path,
                $"a {config.ModelType} model cannot rerank here; bert, roberta, xlm-roberta and decoders can."
            ),
        };
        ModelId = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.Path));
        var target = ComputeTarget.Resolve(options.Device, options.DataType, WeightQuantization.Read(folder.BaseFolder) is not null);
        var encoders = EncoderFactory.Load(
            folder,
            config,
            target,
            _pairs.Attention,
            _pairs.Pooling,
            mergeAdapters: true,
            options.WeightCache
        );
        Compute = encoders[0].Description + (encoders.Count > 1 ? $" x {encoders.Count}" : "");
        _scheduler = new EmbeddingScheduler(encoders, target.IsCpu ? CpuBatchTokens : CudaBatchTokens);
    }

    /// <summary>The most tokens of a pair, template or prompt included.</summary>
    public int MaxLength { get; }

    /// <summary>The model's name: its folder's.</summary>
    public string ModelId { get; }

    /// <summary>Device and data type in use, for people.</summary>
    public string Compute { get; }

    /// <summary>
    /// Whether a folder holds a reranking model: a sequence classifier, or a decoder that no file makes an embedder (modules.json,
    /// llm2vec_config.json).
    /// </summary>
    /// <exception cref="ModelFormatException">config.json is damaged.</exception>
    public static bool IsReranker(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var config = JsonFile.ReadObjectIfExists(Path.Combine(folder, "config.json"));
        if (config?.Field("architectures") is not { ValueKind: System.Text.Json.JsonValueKind.Array } names)
            return false;
        var classifies = names.EnumerateArray().Any(name => $"{name}".EndsWith("ForSequenceClassification", StringComparison.Ordinal));
        return classifies
            || (
                names.EnumerateArray().Any(name => $"{name}".EndsWith("ForCausalLM", StringComparison.Ordinal))
                && !File.Exists(Path.Combine(folder, "modules.json"))
                && !File.Exists(Path.Combine(folder, "llm2vec_config.json"))
            );
    }

    /// <summary>Loads the model of a folder.</summary>
    /// <exception cref="ModelFormatException">The folder is damaged, incomplete, or holds no model that can rerank.</exception>
    public static RerankingModel Load(string modelPath) => Load(new RerankingModelOptions { ModelPath = modelPath });

    /// <summary>Loads a model.</summary>
    /// <exception cref="ModelFormatException">The folder is damaged, incomplete, or holds no model that can rerank.</exception>
    /// <exception cref="ArgumentException">An option has an impossible value.</exception>
    public static RerankingModel Load(RerankingModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new RerankingModel(options);
    }

    /// <summary>Scores passages.</summary>
    /// <param name="query">The query.</param>
    /// <param name="passages">Any number of texts.</param>
    /// <param name="cancellationToken">Pairs not yet begun are dropped.</param>
    /// <returns>The log-odds that a passage answers the query, in the passages' order; 0 is even.</returns>
    /// <exception cref="ArgumentException">A text is null, or holds a token that the model has no embedding for.</exception>
    public async Task<IReadOnlyList<double>> ScoreAsync(
        string query,
        IReadOnlyList<string> passages,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(passages);
        var inputs = new EncoderInput[passages.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = _pairs.Encode(query, passages[i] ?? throw new ArgumentException($"Passage {i} is null.", nameof(passages)));
            if (Array.Exists(inputs[i].Ids, id => id >= _vocabularySize))
            {
                throw new ArgumentException(
                    $"Passage {i} or the query holds a token that the model has no embedding for.",
                    nameof(passages)
                );
            }
        }
        var states = await _scheduler.EncodeAsync(inputs, progress: null, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(states, _pairs.Judge);
    }

    /// <summary>Frees the model. Requests not yet begun fail.</summary>
    public void Dispose() => _scheduler.Dispose();

    private static int LimitOf(int? asked, string tokenizerFolder, IModelConfig config)
    {
        var own = config.EndsAtLongest ? config.LongestSequence : int.MaxValue;
        var limit = Math.Min(own, new TokenizerConfiguration(tokenizerFolder).LongestInput ?? own);
        if (asked is not { } wanted)
            return Math.Min(limit, DefaultMaxLength);
        return wanted > 0 && wanted <= own
            ? wanted
            : throw new ArgumentException($"MaxLength is {wanted}: it must be from 1 to the model's {own}.");
    }

    /// <summary>Longer passages cost more than their ends tell, where nobody asks for more.</summary>
    private const int DefaultMaxLength = 512;
}
