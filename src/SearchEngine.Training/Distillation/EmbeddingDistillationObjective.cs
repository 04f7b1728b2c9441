namespace SearchEngine.Training.Distillation;

/// <summary>Distillation of the token embeddings alone, while the layers add nothing: a bag of rows learns the teachers' vectors.</summary>
internal sealed class EmbeddingDistillationObjective(BagEncoder bag, DistillationSteps steps) : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var step = steps.Step(batch);
        var (value, accuracy) = bag.Accumulate(step.Texts, step.Loss, scale);
        return new BatchResult(value, accuracy, step.Tokens);
    }
}
