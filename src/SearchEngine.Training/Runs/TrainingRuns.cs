using SearchEngine.Embeddings;
using SearchEngine.Training.Distillation;

namespace SearchEngine.Training;

/// <summary>
/// The training steps as library calls. Each reads its data, trains, and leaves in the output folder a model that loads by itself, the log
/// (training-log.jsonl), the settings (training-config.json) and the last checkpoints. Run one at a time in a process: torch's generator is
/// shared.
/// </summary>
public static class TrainingRuns
{
    /// <summary>Tokens of a text that the trained folder asks its user to read.</summary>
    private const int ServingLength = 512;

    /// <summary>Causal pre-training (next-token prediction).</summary>
    /// <param name="config">The settings.</param>
    /// <param name="resume">Go on from the newest checkpoint in the output folder; without one, start.</param>
    /// <param name="progress">Receives a line per <see cref="TrainingConfig.LogEvery"/> steps.</param>
    /// <param name="messages">Receives what happens before and after the steps: seed, data read, model.</param>
    /// <param name="cancellationToken">Ends the run after the current step, with a checkpoint.</param>
    /// <returns>The last line of the log.</returns>
    /// <exception cref="TrainingException">Settings, data or checkpoint are not usable, or the loss exploded.</exception>
    public static TrainingProgress Pretrain(
        PretrainConfig config,
        bool resume = false,
        IProgress<TrainingProgress>? progress = null,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        using var output = Take(config, resume);
        using var session = TrainingSession.Open(config, false, messages, cancellationToken);
        var sampler = new BlockSampler(session.Corpora, session.Tokenizer.EosId, config.BatchSize, config.MaximumLength, config.Seed);
        return Train(
            session,
            config,
            new CausalObjective(session.Model, sampler),
            Settings(causal: true, []),
            resume,
            progress,
            messages,
            cancellationToken
        );
    }

    /// <summary>Masked next-token prediction with bidirectional attention.</summary>
    /// <inheritdoc cref="Pretrain"/>
    public static TrainingProgress Mntp(
        MntpConfig config,
        bool resume = false,
        IProgress<TrainingProgress>? progress = null,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        using var output = Take(config, resume);
        using var session = TrainingSession.Open(config, false, messages, cancellationToken);
        var mask = session.Tokenizer.MaskToken(config.MaskToken);
        var masker = new TokenMasker(
            mask,
            session.Tokenizer.SpecialTokens,
            session.Tokenizer.VocabularySize,
            config.MaskProbability,
            config.MaskShare,
            config.RandomShare
        );
        var sampler = new BlockSampler(session.Corpora, session.Tokenizer.EosId, config.BatchSize, config.MaximumLength, config.Seed);
        return Train(
            session,
            config,
            new MntpObjective(session.Model, sampler, masker, config.Seed),
            Settings(causal: false, []),
            resume,
            progress,
            messages,
            cancellationToken
        );
    }

    /// <summary>Unsupervised SimCSE.</summary>
    /// <inheritdoc cref="Pretrain"/>
    public static TrainingProgress SimCse(
        SimCseConfig config,
        bool resume = false,
        IProgress<TrainingProgress>? progress = null,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        using var output = Take(config, resume);
        using var session = TrainingSession.Open(config, false, messages, cancellationToken);
        session.Model.AttentionDropout = config.AttentionDropout;
        var sampler = new TextSampler(session.Corpora, config.BatchSize, config.MaximumLength, config.Seed);
        var objective = new SimCseObjective(
            session.Encoder(),
            sampler,
            new ContrastiveLoss(config.Scale, config.Matryoshka),
            config.MicroBatchSize
        );
        return Train(session, config, objective, Settings(causal: false, config.Matryoshka), resume, progress, messages, cancellationToken);
    }

    /// <summary>Contrastive training on pairs mined from the data's structure, or given with hard negatives.</summary>
    /// <inheritdoc cref="Pretrain"/>
    public static TrainingProgress Contrastive(
        ContrastiveConfig config,
        bool resume = false,
        IProgress<TrainingProgress>? progress = null,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        using var output = Take(config, resume);
        var embeddingsOnly = config.Stage == ContrastiveStage.Embeddings;
        using var session = TrainingSession.Open(config, embeddingsOnly, messages, cancellationToken);
        session.Model.AttentionDropout = config.AttentionDropout;
        var sampler = new PairSampler(PairSampler.Mine(session.Corpora), config.BatchSize, config.MaximumLength, config.Seed);
        foreach (var source in sampler.Sources)
            messages?.Report($"pairs {source.Name}: {source.Units:N0}, weight {source.Weight:G3}");
        var loss = new ContrastiveLoss(config.Scale, config.Matryoshka, config.Symmetric);
        ITrainingObjective objective;
        if (embeddingsOnly)
        {
            objective = new EmbeddingStageObjective(session.Bag(), sampler, loss, config.HardNegatives);
        }
        else
        {
            objective = new ContrastiveObjective(session.Encoder(), sampler, loss, config.MicroBatchSize, config.HardNegatives);
        }

        return Train(session, config, objective, Settings(causal: false, config.Matryoshka), resume, progress, messages, cancellationToken);
    }

    /// <summary>Distillation: learns the vectors and similarities of teachers, which are computed first and kept in a cache.</summary>
    /// <inheritdoc cref="Pretrain"/>
    public static TrainingProgress Distill(
        DistillConfig config,
        bool resume = false,
        IProgress<TrainingProgress>? progress = null,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        using var output = Take(config, resume);
        using var run = DistillationRun.Open(config, messages, cancellationToken);
        return Train(
            run.Session,
            config,
            run.Objective,
            Settings(causal: false, config.Matryoshka),
            resume,
            progress,
            messages,
            cancellationToken
        );
    }

    /// <summary>
    /// Computes the teachers' vectors that a distillation would need, and no more: the part that may run elsewhere, or for hours.
    /// </summary>
    /// <returns>Texts, and how many of them all teachers have a vector of.</returns>
    /// <exception cref="TrainingException">Settings, data, a teacher or its cache are not usable.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is in the cache.</exception>
    public static (int Texts, int Taught) Teach(
        DistillConfig config,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        using var taught = TaughtTexts.Open(config, messages, cancellationToken);
        return (taught.Drawn, taught.Texts.Count);
    }

    /// <summary>
    /// The texts that a distillation teaches, for a teacher that runs elsewhere: give their vectors back as a file
    /// (<see cref="VectorFileWriter"/>, <see cref="TeacherConfig.Vectors"/>). Texts of more than one line are left out.
    /// </summary>
    /// <param name="config">The distillation; its teachers are not loaded.</param>
    /// <param name="asQueries">Only texts that are asked (true) or found (false); null for all.</param>
    /// <param name="cancellationToken">Ends the drawing.</param>
    /// <exception cref="TrainingException">Settings or data are not usable.</exception>
    public static IReadOnlyList<string> DistillationTexts(
        DistillConfig config,
        bool? asQueries = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        return
        [
            .. TaughtTexts
                .Draw(config, cancellationToken)
                .Where(text => asQueries is null || text.Role == TextRole.Query == asQueries)
                .Select(text => text.Text)
                .Where(text => !text.AsSpan().ContainsAny('\r', '\n')),
        ];
    }

    /// <summary>
    /// What the trained folder says about its use: the causal model's best pooling weights later tokens more, the bidirectional one's is
    /// the mean.
    /// </summary>
    private static Llm2VecConfig Settings(bool causal, IReadOnlyList<int> dimensions) =>
        new()
        {
            Pooling = causal ? PoolingMode.WeightedMean : PoolingMode.Mean,
            MaxLength = ServingLength,
            DocumentMaxLength = ServingLength,
            SkipInstruction = true,
            Bidirectional = !causal,
            Normalize = true,
            Dimensions = dimensions.Count == 0 ? null : [.. dimensions.Order()],
        };

    private static OutputFolder Take(TrainingConfig config, bool resume)
    {
        config.Validate();
        return OutputFolder.Take(config, resume);
    }

    private static TrainingProgress Train(
        TrainingSession session,
        TrainingConfig config,
        ITrainingObjective objective,
        Llm2VecConfig settings,
        bool resume,
        IProgress<TrainingProgress>? progress,
        IProgress<string>? messages,
        CancellationToken cancellationToken
    )
    {
        var loop = new TrainingLoop(config, objective, session.Groups)
        {
            AfterCheckpoint = () => session.Save(settings, final: false),
            Messages = messages,
        };
        var last = loop.Run(resume, progress, cancellationToken);
        session.Save(settings, final: true);
        return last;
    }
}
