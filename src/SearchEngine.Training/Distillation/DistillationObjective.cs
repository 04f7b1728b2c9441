namespace SearchEngine.Training.Distillation;

/// <summary>Distillation of the whole model (or its adapter).</summary>
internal sealed class DistillationObjective(MeanPoolingEncoder encoder, DistillationSteps steps, int microBatch) : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var step = steps.Step(batch);
        var (value, accuracy) = GradientCache.Accumulate(
            step.Texts,
            microBatch,
            seed,
            encoder.Embed,
            encoder.Model.Backward,
            step.Loss,
            scale
        );
        return new BatchResult(value, accuracy, step.Tokens);
    }
}
