using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// Text embeddings from decoder-only language models made bidirectional (LLM2Vec, BehnamGhader et al. 2024) or used as they are, and from
/// encoders of the BERT family.
/// </summary>
/// <remarks>
/// <para>Thread-safe: any number of callers may ask at once, and their small requests are computed together. A text's vector does not
/// depend on what it is batched with beyond the rounding of float32.</para>
/// <para>A request's <see cref="EmbeddingGenerationOptions"/> may carry <c>Dimensions</c>, and in <c>AdditionalProperties</c>:
/// <c>role</c> ("query" or "document", or an <see cref="EmbeddingRole"/>), <c>instruction</c> (text joined in front with a space instead of
/// the role's prompt) and <c>progress</c> (an <see cref="IProgress{T}"/> of <see cref="int"/>, told the number of texts done).</para>
/// </remarks>
public sealed partial class Llm2VecEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingScheduler _scheduler;
    private readonly TextTokenizer? _tokenizer;
    private readonly ModelFolder _folder;
    private readonly DenseLayer[] _dense;
    private readonly int _vocabularySize;
    private readonly int _hiddenSize;
    private readonly bool _normalize;
    private readonly bool _skipInstruction;
    private readonly string _queryPrompt;
    private readonly string _documentPrompt;
    private readonly PoolingMode _pooling;

    private Llm2VecEmbeddingGenerator(Llm2VecOptions options, ModelFolder folder, IModelConfig config)
    {
        _folder = folder;
        _normalize = options.Normalize ?? folder.Normalize ?? true;
        _skipInstruction = options.SkipInstruction ?? folder.SkipInstruction;
        _queryPrompt = options.QueryPrompt ?? folder.QueryPrompt;
        _documentPrompt = options.DocumentPrompt ?? folder.DocumentPrompt;
        _vocabularySize = config.VocabularySize;
        _hiddenSize = config.HiddenSize;
        MaxLength = options.MaxLength ?? folder.MaxLength;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxLength, nameof(Llm2VecOptions.MaxLength));
        if (config.EndsAtLongest && MaxLength > config.LongestSequence)
        {
            if (options.MaxLength is not null)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options),
                    MaxLength,
                    $"MaxLength must be at most {config.LongestSequence}: the model has nothing for later positions."
                );
            }
            MaxLength = config.LongestSequence;
        }
        _dense = [.. folder.DenseFolders.Select(DenseLayer.Load)];
        var whole = CheckDense(folder, config.HiddenSize);
        Dimension = CheckDimensions(options.Dimensions, whole);
        ModelId = options.ModelId ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.Path));
        _tokenizer = LoadTokenizer(folder, config);

        var attention = options.Attention ?? folder.AttentionFor(config);
        var pooling = _pooling = options.Pooling ?? folder.Pooling;
        var target = ComputeTarget.Resolve(options.Device, options.DataType, WeightQuantization.Read(folder.BaseFolder) is not null);
        var encoders = EncoderFactory.Load(folder, config, target, attention, pooling, options.MergeAdapters, options.WeightCache);
        Compute = encoders[0].Description + (encoders.Count > 1 ? $" x {encoders.Count}" : "");
        _scheduler = new EmbeddingScheduler(
            encoders,
            options.BatchTokens ?? (target.IsCpu ? DefaultCpuBatchTokens : DefaultCudaBatchTokens)
        );
        Fingerprint = ModelFingerprint.Compute(
            [
                (folder.BaseFolder, "model"),
                .. folder.Adapters.Select(a => (a, "adapter_model")),
                .. folder.DenseFolders.Select(d => (d, "model")),
            ],
            $"{config.Identity}|{attention}|{pooling}|{_normalize}|{Dimension}|{_skipInstruction}"
                + $"|{folder.TextBefore}{_documentPrompt}|{folder.TextBehind}|{_tokenizer?.Fingerprint}"
        );
        Metadata = new EmbeddingGeneratorMetadata("llm2vec", null, ModelId, Dimension);
    }

    /// <summary>More tokens at once no longer make the matrix products faster on a core, and leave its caches.</summary>
    private const int DefaultCpuBatchTokens = 512;

    /// <summary>Enough to fill a large GPU's multiprocessors with a 1B model.</summary>
    private const int DefaultCudaBatchTokens = 16_384;

    /// <summary>Elements of the vectors that requests without their own <c>Dimensions</c> get.</summary>
    public int Dimension { get; }

    /// <summary>The model's name: the option's, or the folder's.</summary>
    public string ModelId { get; }

    /// <summary>
    /// A hash of weights, shape, tokenizer and pooling, 64 hexadecimal digits: vectors of generators with the same fingerprint may be
    /// compared. It does not depend on device, data type or place.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>The most tokens of a text, template and prompt included; longer texts are cut at their end.</summary>
    public int MaxLength { get; }

    /// <summary>Device and data type in use, for people.</summary>
    public string Compute { get; }

    /// <summary>Vector lengths that the model says it was trained for (Matryoshka), longest first; empty if it does not say.</summary>
    public IReadOnlyList<int> TrainedDimensions => _folder.Dimensions;

    /// <summary>The provider ("llm2vec"), the model's name and its dimension.</summary>
    public EmbeddingGeneratorMetadata Metadata { get; }

    /// <summary>Loads the model of a folder with what the folder says.</summary>
    /// <exception cref="ModelFormatException">The folder is damaged, incomplete or not supported; the message says what and
    /// where.</exception>
    public static Llm2VecEmbeddingGenerator Load(string modelPath) => Load(new Llm2VecOptions { ModelPath = modelPath });

    /// <summary>Loads a model.</summary>
    /// <exception cref="ModelFormatException">The folder is damaged, incomplete or not supported; the message says what and
    /// where.</exception>
    /// <exception cref="ArgumentException">An option has an impossible value.</exception>
    /// <exception cref="DllNotFoundException">libtorch's native libraries are missing.</exception>
    public static Llm2VecEmbeddingGenerator Load(Llm2VecOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = ModelFolder.Read(options.ModelPath);
        if (options.Adapters.Count > 0)
            folder = folder with { Adapters = [.. folder.Adapters, .. options.Adapters.Select(Path.GetFullPath)] };
        var config = ModelConfigReader.Read(folder.BaseFolder, options.IgnoredConfigFields);
        return new Llm2VecEmbeddingGenerator(options, folder, config);
    }

    /// <summary>The number of tokens of a text, without template, prompt and limit.</summary>
    /// <exception cref="InvalidOperationException">The model's folder has no tokenizer.</exception>
    public int CountTokens(string text) => Tokenizer.CountTokens(text);

    /// <summary>The same model as a generator whose texts are queries unless a request says otherwise. Disposing it does nothing.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> AsQueryGenerator() => new RoleEmbeddingGenerator(this, EmbeddingRole.Query);

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    ) => GenerateAsync(values, options, EmbeddingRole.Document, cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null
            ? serviceType != typeof(double)
                ? null
                : HybridRecord.VectorWeightKey.Equals(serviceKey)
                    ? _folder.Hybrid?.VectorWeight
                    : HybridRecord.FarthestAnswerKey.Equals(serviceKey)
                        ? _folder.Hybrid?.FarthestAnswer
                        : null
            : serviceType == typeof(EmbeddingGeneratorMetadata)
                ? Metadata
                : serviceType.IsInstanceOfType(this)
                    ? this
                    : serviceType == typeof(Microsoft.ML.Tokenizers.Tokenizer) && _tokenizer is not null
                        ? new ModelTokenizer(_tokenizer)
                        : null;
    }

    /// <summary>Frees the model. Requests not yet begun fail; the batch being computed is finished first.</summary>
    public void Dispose() => _scheduler.Dispose();

    internal async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options,
        EmbeddingRole defaultRole,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = values as IReadOnlyList<string> ?? [.. values];
        var properties = RequestProperties.Read(options, defaultRole);
        (var vectors, var tokens) = await EmbedCoreAsync(
                texts,
                properties.Role,
                properties.Instruction,
                options?.Dimensions,
                properties.Progress,
                cancellationToken
            )
            .ConfigureAwait(false);
        var now = DateTimeOffset.UtcNow;
        GeneratedEmbeddings<Embedding<float>> result = new(texts.Count)
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
        foreach (var vector in vectors)
            result.Add(new Embedding<float>(vector) { CreatedAt = now, ModelId = ModelId });
        return result;
    }

    /// <summary>The texts' tokens as the model takes them, their states to be kept.</summary>
    internal EncoderInput[] TokensOf(IReadOnlyList<string> texts, EmbeddingRole role, CancellationToken cancellationToken)
    {
        var inputs = Tokenize(
            texts,
            0,
            texts.Count,
            _folder.TextBefore + (role == EmbeddingRole.Query ? _queryPrompt : _documentPrompt),
            cancellationToken
        );
        return Array.ConvertAll(inputs, input => input with { KeepsStates = true });
    }

    /// <summary>The states of tokens behind the last layer, (tokens, hidden) for each text, and their width.</summary>
    internal async Task<(float[][] States, int Width)> StatesOfAsync(
        IReadOnlyList<EncoderInput> inputs,
        CancellationToken cancellationToken
    ) => (await _scheduler.EncodeAsync(inputs, progress: null, cancellationToken).ConfigureAwait(false), _hiddenSize);

    private TextTokenizer Tokenizer =>
        _tokenizer
        ?? throw new InvalidOperationException(
            $"{_folder.Path} has no tokenizer (tokenizer.json or tokenizer.model); only token ids can be embedded."
        );

    private static TextTokenizer? LoadTokenizer(ModelFolder folder, IModelConfig config)
    {
        if (folder.TokenizerFolder is null)
            return null;
        var tokenizer = TextTokenizer.Load(folder.TokenizerFolder);
        tokenizer.CheckModel(folder.TokenizerFolder, config.VocabularySize);
        return tokenizer;
    }

    private int CheckDense(ModelFolder folder, int width)
    {
        for (var i = 0; i < _dense.Length; i++)
        {
            if (_dense[i].Inputs != width)
            {
                throw new ModelFormatException(
                    folder.DenseFolders[i],
                    $"the Dense module takes {_dense[i].Inputs} elements, but gets {width}."
                );
            }
            width = _dense[i].Outputs;
        }
        return width;
    }

    private int CheckDimensions(int? wanted, int whole)
    {
        if (wanted is not int dimensions)
            return whole;
        if (dimensions <= 0 || dimensions > whole)
            throw new ArgumentOutOfRangeException(nameof(wanted), dimensions, $"Dimensions must be from 1 to the model's {whole}.");
        return dimensions;
    }

    /// <summary>Dense layers, truncation and normalisation of a pooled vector.</summary>
    private float[] Finish(float[] pooled, int dimensions)
    {
        var vector = pooled;
        foreach (var layer in _dense)
            vector = layer.Apply(vector);
        if (dimensions < vector.Length)
            vector = vector[..dimensions];
        if (_normalize)
        {
            var norm = TensorPrimitives.Norm(vector);
            if (norm > 0)
                TensorPrimitives.Divide(vector, norm, vector);
        }
        return vector;
    }
}
