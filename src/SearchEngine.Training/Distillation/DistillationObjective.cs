namespace SearchEngine.Training.Distillation;

/// <summary>Distillation of the whole model (or its adapter).</summary>
internal sealed class DistillationObjective(MeanPoolingEncoder encoder, DistillationSampler sampler, DistillationLoss loss, int microBatch)
    : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var drawn = sampler.Batch(batch);
        var (value, accuracy) = GradientCache.Accumulate(
            drawn.Texts,
            microBatch,
            seed,
            encoder.Embed,
            encoder.Model.Backward,
            all => loss.Compute(all, drawn.Teachers),
            scale
        );
        return new BatchResult(value, accuracy, drawn.Tokens);
    }
}
