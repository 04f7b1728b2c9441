using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// What a distillation sets up before its loop: texts with their teachers' vectors, the space of these, heads, and the student. Not
/// thread-safe.
/// </summary>
internal sealed class DistillationRun : IDisposable
{
    /// <summary>Texts that means and axes are found from: some hundred for each of a thousand dimensions, in seconds.</summary>
    private const int SampleSize = 16_384;

    /// <summary>Texts that the first heads are fitted to: several for each of their weights' columns; they are trained on.</summary>
    private const int HeadSampleSize = 4096;

    private const int HeadBatchSize = 128;

    private readonly TaughtTexts _texts;
    private readonly TeacherSpace _space;
    private readonly StudentHeads _heads;
    private readonly DistillationSampler _sampler;

    private DistillationRun(
        TrainingSession session,
        TaughtTexts texts,
        TeacherSpace space,
        StudentHeads heads,
        DistillationSampler sampler,
        ITrainingObjective objective
    )
    {
        Session = session;
        Objective = objective;
        _texts = texts;
        _space = space;
        _heads = heads;
        _sampler = sampler;
    }

    public TrainingSession Session { get; }

    public ITrainingObjective Objective { get; }

    /// <summary>Draws the texts, fills the teachers' caches, makes or loads the student.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="messages">Told of texts, caches and model.</param>
    /// <param name="cancellationToken">Ends the preparation; teachers' vectors that are done stay in the cache.</param>
    /// <param name="load">Makes a teacher; null loads what the configuration names.</param>
    /// <exception cref="TrainingException">Something named in the configuration is missing or does not fit.</exception>
    public static DistillationRun Open(
        DistillConfig config,
        IProgress<string>? messages,
        CancellationToken cancellationToken,
        Func<TeacherConfig, Teacher>? load = null
    )
    {
        config.Validate();
        TorchRuntime.EnsureLoaded();
        TaughtTexts? texts = null;
        TrainingSession? session = null;
        TeacherSpace? space = null;
        StudentHeads? heads = null;
        try
        {
            texts = TaughtTexts.Open(config, messages, cancellationToken, load);
            session = TrainingSession.Open(config, config.Stage == ContrastiveStage.Embeddings, messages, cancellationToken);
            var hidden = session.Model.Config.HiddenSize;
            space = FitSpace(texts, hidden - 1);
            var tokenized = Tokenize(texts.Texts, session.Tokenizer, config.MaximumLength, cancellationToken);
            if (config is { NewModel: not null, TeacherStart: true })
                Start(session, texts, space, tokenized, messages, cancellationToken);
            heads = FitHeads(session, texts, space, tokenized);
            if (config.VectorWeight > 0)
                session.Add(heads.Group);
            var sampler = new DistillationSampler(
                tokenized,
                texts.Teachers,
                space,
                config.BatchSize,
                config.GroupSize,
                config.Seed,
                session.Model.Device
            );
            var loss = new DistillationLoss(heads, space.Weights, config.VectorWeight, config.SimilarityWeight, config.Matryoshka);
            var pairs = config.Pairs is { } asked ? PairLesson.Open(asked, config, session, messages, cancellationToken) : null;
            var steps = new DistillationSteps(sampler, loss, pairs);
            ITrainingObjective objective =
                config.Stage == ContrastiveStage.Embeddings
                    ? new EmbeddingDistillationObjective(session.Bag(), steps)
                    : new DistillationObjective(session.Encoder(), steps, config.MicroBatchSize);
            return new DistillationRun(session, texts, space, heads, sampler, objective);
        }
        catch
        {
            heads?.Dispose();
            space?.Dispose();
            session?.Dispose();
            texts?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _sampler.Dispose();
        _heads.Dispose();
        _space.Dispose();
        Session.Dispose();
        _texts.Dispose();
    }

    private static TeacherSpace FitSpace(TaughtTexts texts, int width)
    {
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(0, Math.Min(SampleSize, texts.Texts.Count)).ToArray();
        var sample = texts.Teachers.Select(t => tensor(t.Read(rows), [rows.Length, t.Dimension])).ToArray();
        return TeacherSpace.Fit(sample, [.. texts.Teachers.Select(t => t.Weight)], width);
    }

    private static StudentHeads FitHeads(TrainingSession session, TaughtTexts texts, TeacherSpace space, int[][] tokenized)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(0, Math.Min(HeadSampleSize, tokenized.Length)).ToArray();
        session.Model.eval();
        var encoder = session.Encoder();
        var student = cat([.. rows.Chunk(HeadBatchSize).Select(part => encoder.Embed([.. part.Select(r => tokenized[r])]))], 0);
        session.Model.train();
        var teachers = texts.Teachers.Select((t, k) => space.Centre(k, tensor(t.Read(rows), [rows.Length, t.Dimension]))).ToArray();
        return StudentHeads.Fit(student, teachers);
    }

    private static int[][] Tokenize(
        IReadOnlyList<DistillationText> texts,
        TrainingTokenizer tokenizer,
        int maximumLength,
        CancellationToken cancellationToken
    ) =>
        [
            .. texts
                .AsParallel()
                .AsOrdered()
                .WithCancellation(cancellationToken)
                .Select(t => tokenizer.Encode(t.Text).Take(maximumLength).ToArray()),
        ];

    /// <summary>
    /// Token embeddings from the teachers, each piece of the vocabulary embedded alone; the pieces go through the same caches as texts.
    /// </summary>
    private static void Start(
        TrainingSession session,
        TaughtTexts texts,
        TeacherSpace space,
        int[][] tokenized,
        IProgress<string>? messages,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        var pieces = session.Tokenizer.PieceTexts().Select(p => new DistillationText(p, TextRole.Document)).ToArray();
        var known = tensor(pieces.Select(p => p.Text.Length > 0 ? 1f : 0f).ToArray()).unsqueeze(1);
        var centred = texts.Teachers.Select(
            (t, k) =>
            {
                var vectors = tensor(t.Embed(pieces, messages, cancellationToken), [pieces.Length, t.Dimension]);
                return space.Centre(k, vectors) * known * vectors.abs().sum(1, keepdim: true).gt(0);
            }
        );
        TeacherStart.Apply(session.Model, space.Project([.. centred]), Frequencies(tokenized, pieces.Length));
    }

    private static double[] Frequencies(int[][] texts, int vocabulary)
    {
        var counts = new long[vocabulary];
        foreach (var text in texts)
        {
            foreach (var id in text)
                counts[id]++;
        }

        double total = Math.Max(1, counts.Sum());
        return [.. counts.Select(c => c / total)];
    }
}
