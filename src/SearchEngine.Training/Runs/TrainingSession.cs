using SearchEngine.Embeddings;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// What every run sets up before its loop and writes after it: model, tokenizer, data, parameter groups. Not thread-safe.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    private const string AdapterName = "training";
    private const string EmbeddingName = "model.embed_tokens.weight";

    private readonly TrainingConfig _config;
    private readonly bool _embeddingsOnly;

    private TrainingSession(
        TrainingConfig config,
        TrainingTokenizer tokenizer,
        IReadOnlyList<TokenizedCorpus> corpora,
        DecoderModel model,
        bool embeddingsOnly
    )
    {
        _config = config;
        _embeddingsOnly = embeddingsOnly;
        Tokenizer = tokenizer;
        Corpora = corpora;
        Model = model;
        if (config.Lora is { } lora)
        {
            model.AttachAdapter(new LoraAdapterOptions(AdapterName, lora.Rank, lora.Alpha, lora.Dropout, lora.Targets));
            model.FreezeExceptAdapter(AdapterName);
        }

        Groups = MakeGroups();
    }

    public TrainingTokenizer Tokenizer { get; }

    public IReadOnlyList<TokenizedCorpus> Corpora { get; }

    public DecoderModel Model { get; }

    public IReadOnlyList<ParameterGroup> Groups { get; private set; }

    /// <summary>Reads the data and makes or loads the model.</summary>
    /// <exception cref="TrainingException">Something named in the configuration is missing or does not fit.</exception>
    public static TrainingSession Open(
        TrainingConfig config,
        bool embeddingsOnly,
        IProgress<string>? messages,
        CancellationToken cancellationToken
    )
    {
        config.Validate();
        TorchRuntime.EnsureLoaded();
        messages?.Report($"seed {config.Seed}");
        // A bag of words has no layer to run: its gradient is made in plain code.
        var device = embeddingsOnly ? CPU : ChooseDevice(config.Device);
        var tokenizer = TrainingTokenizer.Load(
            config.NewModel is { } made ? config.Resolve(made.Tokenizer) : config.Resolve(config.Model!)
        );
        var corpora = new List<TokenizedCorpus>();
        foreach (var source in config is DistillConfig ? [] : config.Data)
        {
            var corpus = TokenizedCorpus.Build(
                source,
                config.BaseDirectory,
                tokenizer.Encode,
                config.MaximumLength,
                cancellationToken: cancellationToken
            );
            messages?.Report(
                $"{source.DisplayName}: {corpus.Documents.Count:N0} documents, {corpus.Passages.Count:N0} passages, {corpus.TokenCount:N0} tokens"
            );
            corpora.Add(corpus);
        }

        torch.manual_seed(config.Seed);
        var model = config.NewModel is { } shape
            ? Create(shape, tokenizer, corpora, config.Seed, device, messages, cancellationToken)
            : CheckpointLoader.Load(config.Resolve(config.Model!), device, ScalarType.Float32);
        if (model.Config.VocabularySize < tokenizer.VocabularySize)
        {
            throw new TrainingException(
                $"The model has {model.Config.VocabularySize} token embeddings, its tokenizer {tokenizer.VocabularySize} pieces: they do not belong together."
            );
        }

        model.train();
        model.ComputeType = config.Bf16 ? ScalarType.BFloat16 : null;
        model.GradientCheckpointing = config.GradientCheckpointing;
        var session = new TrainingSession(config, tokenizer, corpora, model, embeddingsOnly);
        var options = (config.Bf16 ? ", products in bfloat16" : "") + (config.GradientCheckpointing ? ", layers checkpointed" : "");
        messages?.Report(
            $"model of {model.Config.ParameterCount / 1e6:F1} M parameters on {device}, training {session.DescribeTrained()}{options}"
        );
        return session;
    }

    /// <summary>Mean-pooling encoder over the model.</summary>
    public MeanPoolingEncoder Encoder() => new(Model);

    /// <summary>The model as a bag of its token embeddings.</summary>
    /// <exception cref="TrainingException">Its layers add something.</exception>
    public BagEncoder Bag()
    {
        if (!LayersAddNothing())
        {
            throw new TrainingException(
                "'stage' Embeddings needs a model whose layers add nothing yet (newModel with wordVectors or teacherStart). This model's layers are trained: use stage model."
            );
        }
        return new BagEncoder(Model.Embedding, Model.FinalNorm.Weight, Model.Config.NormEpsilon);
    }

    /// <summary>Trains more than the model: maps that are dropped at the end.</summary>
    public void Add(ParameterGroup group) => Groups = [.. Groups, group];

    /// <summary>True where every layer's maps back into the residual stream are zero.</summary>
    public bool LayersAddNothing()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Model
            .DecoderLayers.SelectMany(l => l.Projections())
            .Where(p => p.Projection.Parts[0].Name is "o_proj" or "down_proj")
            .All(p => p.Projection.Weight.count_nonzero().ToInt64() == 0);
    }

    /// <summary>
    /// Writes the model folder into the output. At the end an adapter is merged before, or written alone where the configuration says so;
    /// while training goes
    /// on an adapter is only in the checkpoints.
    /// </summary>
    public void Save(Llm2VecConfig settings, bool final)
    {
        using var guard = no_grad();
        if (_config.Lora is { } lora)
        {
            if (!final)
                return;
            if (!lora.Merge)
            {
                TrainedModelFolder.SaveAdapter(Model, AdapterName, Tokenizer.Folder, _config.OutputPath, settings);
                return;
            }

            Model.MergeAdapters();
        }

        TrainedModelFolder.Save(Model, Tokenizer.Folder, _config.OutputPath, settings);
    }

    public void Dispose() => Model.Dispose();

    private string DescribeTrained()
    {
        var count = Groups.SelectMany(g => g.Parameters).Sum(p => p.Parameter.numel());
        var what =
            _config.Lora is { } lora ? $"an adapter of rank {lora.Rank}"
            : _embeddingsOnly ? "the token embeddings"
            : "all weights";
        return $"{what} ({count:N0} weights)";
    }

    internal static Device ChooseDevice(string name)
    {
        var available = cuda.is_available();
        if (name == "cuda" && !available)
        {
            throw new TrainingException(
                "The configuration asks for device cuda, and this build of libtorch sees no CUDA device. Use \"auto\" or \"cpu\", or build with -p:TorchDevice=cuda."
            );
        }
        return name == "cpu" || !available ? CPU : CUDA;
    }

    private static DecoderModel Create(
        NewModelConfig shape,
        TrainingTokenizer tokenizer,
        IReadOnlyList<TokenizedCorpus> corpora,
        long seed,
        Device device,
        IProgress<string>? messages,
        CancellationToken cancellationToken
    )
    {
        DecoderModel model;
        try
        {
            model = new DecoderModel(
                new DecoderConfig
                {
                    VocabularySize = tokenizer.VocabularySize,
                    HiddenSize = shape.HiddenSize,
                    IntermediateSize = shape.IntermediateSize,
                    Layers = shape.Layers,
                    Heads = shape.Heads,
                    KeyValueHeads = shape.KeyValueHeads,
                    MaxPositions = shape.MaximumPositions,
                    TieWordEmbeddings = true,
                    BosTokenId = tokenizer.BosId,
                    EosTokenId = tokenizer.EosId,
                },
                device
            );
        }
        catch (ArgumentException e)
        {
            throw new TrainingException($"'newModel' is not a possible shape: {e.Message}", e);
        }

        model.InitializeWeights();
        if (shape.WordVectors)
        {
            WordVectorStart.Apply(
                model,
                WordVectorTrainer.Train(corpora, tokenizer.VocabularySize, shape.HiddenSize - 1, seed, messages, cancellationToken)
            );
        }
        return model;
    }

    private List<ParameterGroup> MakeGroups()
    {
        if (_embeddingsOnly)
        {
            foreach (var parameter in Model.parameters())
                parameter.requires_grad = false;
            Model.Embedding.requires_grad = true;
            return [new ParameterGroup([(EmbeddingName, Model.Embedding)], 1, 0)];
        }

        if (_config.Lora is not null)
        {
            var adapter = Model.AdapterParameters(AdapterName);
            return
            [
                new ParameterGroup([.. adapter.Select((p, i) => ($"{TrainingCheckpoint.AdapterPrefix}{i}", p))], 1, _config.WeightDecay),
            ];
        }

        List<(string Name, Parameter Parameter)> embeddings = [];
        List<(string Name, Parameter Parameter)> matrices = [];
        List<(string Name, Parameter Parameter)> vectors = [];
        foreach (var (name, parameter) in Model.named_parameters())
        {
            if (ReferenceEquals(parameter, Model.Embedding) || parameter.Handle == Model.Embedding.Handle)
                embeddings.Add((EmbeddingName, parameter));
            else
                (parameter.dim() > 1 ? matrices : vectors).Add((name, parameter));
        }

        var groups = new List<ParameterGroup>();
        if (embeddings.Count > 0)
            groups.Add(new ParameterGroup(embeddings, _config.EmbeddingLearningRateScale, 0));
        groups.Add(new ParameterGroup(matrices, 1, _config.WeightDecay));
        groups.Add(new ParameterGroup(vectors, 1, 0));
        return groups;
    }
}
