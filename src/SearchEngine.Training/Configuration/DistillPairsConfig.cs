namespace SearchEngine.Training;

/// <summary>
/// Pairs of a query and a passage that a distillation learns beside its teachers: what a teacher makes of each text alone does not say
/// which passage answers which question. A step's loss is the teachers' plus <see cref="Weight"/> times that of its pairs (InfoNCE).
/// </summary>
public sealed record DistillPairsConfig
{
    /// <summary>The sources; the pairs drawn from each are those of its <see cref="DataSource.Pairs"/>, or its kind's.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>Factor on the pairs' loss: at 0.1 it pulls about as hard as the teachers do.</summary>
    public double Weight { get; init; } = 0.1;

    /// <summary>Pairs of a step, all of one source; each query's positive is a negative of the others.</summary>
    public int BatchSize { get; init; } = 48;

    /// <summary>Longest query and passage in tokens.</summary>
    public int MaximumLength { get; init; } = 64;

    /// <summary>
    /// How many pairs stand side by side in their source, as questions on one subject often do: harder negatives than pairs drawn one by
    /// one, which 1 does.
    /// </summary>
    public int RunLength { get; init; } = 8;

    /// <summary>Factor on cosines (inverse temperature).</summary>
    public double Scale { get; init; } = 20;

    /// <summary>Also ranks queries for each passage.</summary>
    public bool Symmetric { get; init; } = true;

    /// <summary>Hard negatives per query taken from sources that have them.</summary>
    public int HardNegatives { get; init; } = 1;

    internal void Validate()
    {
        TrainingConfig.Require(Data.Count > 0, "'data' of 'pairs' names no source");
        TrainingConfig.Require(
            Weight > 0 && double.IsFinite(Weight),
            "'weight' of 'pairs' must be above 0; leave 'pairs' out to have none"
        );
        TrainingConfig.Require(BatchSize > 1, "'batchSize' of 'pairs' must be at least 2: the other pairs are the negatives");
        TrainingConfig.Require(MaximumLength > 1, "'maximumLength' of 'pairs' must be at least 2");
        TrainingConfig.Require(RunLength > 0, "'runLength' of 'pairs' must be at least 1");
        TrainingConfig.Require(Scale > 0, "'scale' of 'pairs' must be above 0");
        TrainingConfig.Require(HardNegatives >= 0, "'hardNegatives' of 'pairs' must not be negative");
    }
}
