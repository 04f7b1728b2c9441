namespace SearchEngine.Training.Distillation;

/// <summary>Distillation of the token embeddings alone, while the layers add nothing: a bag of rows learns the teachers' vectors.</summary>
internal sealed class EmbeddingDistillationObjective(BagEncoder bag, DistillationSampler sampler, DistillationLoss loss)
    : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var drawn = sampler.Batch(batch);
        var (value, accuracy) = bag.Accumulate(drawn.Texts, vectors => loss.Compute(vectors, drawn.Teachers), scale);
        return new BatchResult(value, accuracy, drawn.Tokens);
    }
}
