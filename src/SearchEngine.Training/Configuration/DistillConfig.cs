using SearchEngine.Training.Distillation;

namespace SearchEngine.Training;

/// <summary>
/// Distillation: a model learns the vectors of one or more teachers and, within a batch, how similar they find its texts (their mean).
/// Trains all weights
/// unless an adapter is asked for.
/// </summary>
public sealed record DistillConfig : TrainingConfig
{
    /// <summary>The defaults, without an adapter.</summary>
    public DistillConfig() => Lora = null;

    /// <summary>The teachers; at least one.</summary>
    public required IReadOnlyList<TeacherConfig> Teachers { get; init; }

    /// <summary>
    /// The folder of the teachers' vectors, relative to the configuration file. It may serve several runs, one at a time.
    /// </summary>
    public string Cache { get; init; } = "teacher-cache";

    /// <summary>Different texts to learn from; they are drawn anew, in another order, in each pass.</summary>
    public int Texts { get; init; } = 200_000;

    /// <summary>How often each form of text is drawn.</summary>
    public TextShares Shares { get; init; } = new();

    /// <summary>Characters of the longest passage drawn.</summary>
    public int MaximumCharacters { get; init; } = 400;

    /// <summary>Characters of the longest of the long passages; see <see cref="TextShares.LongPassages"/>.</summary>
    public int MaximumLongCharacters { get; init; } = 1600;

    /// <summary>
    /// Seed of the texts, apart from <see cref="TrainingConfig.Seed"/>, so that runs of other seeds share their teachers' cache.
    /// </summary>
    public long TextSeed { get; init; } = 1;

    /// <summary>Which weights are trained.</summary>
    public ContrastiveStage Stage { get; init; } = ContrastiveStage.Model;

    /// <summary>
    /// Starts the token embeddings of a new model from the teachers: each piece of the vocabulary embedded alone. Every layer's output
    /// starts at zero,
    /// so that the untrained model already is a weighted mean of what the teachers make of its words.
    /// </summary>
    public bool TeacherStart { get; init; } = true;

    /// <inheritdoc/>
    public override int BatchSize { get; init; } = 256;

    /// <inheritdoc/>
    public override int MaximumLength { get; init; } = 128;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override long WarmupSteps { get; init; } = 50;

    /// <summary>Weight of 1 − cosine between the student's vector, through a head for each teacher, and the teacher's.</summary>
    public double VectorWeight { get; init; } = 1;

    /// <summary>Weight of the mean squared difference between the batch's similarities and the teachers'.</summary>
    public double SimilarityWeight { get; init; } = 20;

    /// <summary>Prefix lengths whose similarities are compared; empty compares those of the full length only.</summary>
    public IReadOnlyList<int> Matryoshka { get; init; } = [];

    /// <summary>
    /// Texts of a batch come in groups of about so many that the first teacher finds alike, cut anew in each pass: most similarities of a
    /// random batch are near zero and teach no ranking. 1 draws texts one by one.
    /// </summary>
    public int GroupSize { get; init; } = 1;

    /// <summary>Pairs of queries and passages learnt beside; null for none.</summary>
    public DistillPairsConfig? Pairs { get; init; }

    /// <summary>Texts embedded at once; a larger batch is made of cached gradients. 0 embeds the whole batch at once.</summary>
    public int MicroBatchSize { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Teachers.Count > 0, "'teachers' names none");
        foreach (var teacher in Teachers)
            teacher.Validate();
        Require(Texts > 1, "'texts' must be at least 2");
        Require(BatchSize > 1, "'batchSize' must be at least 2: a text is compared with the others of its batch");
        Require(MaximumCharacters >= 20, "'maximumCharacters' must be at least 20");
        Require(MaximumLongCharacters >= 20, "'maximumLongCharacters' must be at least 20");
        Require(
            VectorWeight >= 0 && SimilarityWeight >= 0 && VectorWeight + SimilarityWeight > 0,
            "'vectorWeight' and 'similarityWeight' must not be negative, and one must be above 0"
        );
        Require(MicroBatchSize >= 0, "'microBatchSize' must not be negative");
        Require(Matryoshka.All(l => l > 0), "'matryoshka' lengths must be above 0");
        Require(
            Stage == ContrastiveStage.Model || Lora is null,
            "'stage' Embeddings trains the token embeddings and no adapter: say \"lora\": false"
        );
        Require(
            Stage == ContrastiveStage.Model || !(Bf16 || GradientCheckpointing),
            "'stage' Embeddings runs no layer; leave 'bf16' and 'gradientCheckpointing' out"
        );
        Require(
            NewModel is not { WordVectors: true } || !TeacherStart,
            "'newModel' starts either from 'wordVectors' or from the teachers ('teacherStart'): switch one off"
        );
        Require(GroupSize > 0 && GroupSize <= BatchSize, "'groupSize' must be at least 1 and at most 'batchSize'");
        Pairs?.Validate();
        Shares.Validate();
    }
}
