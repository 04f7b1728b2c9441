using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>What one step embeds, and the loss of the vectors: (texts, hidden) to a scalar and the agreement with the teachers.</summary>
internal sealed record DistillationStep(IReadOnlyList<int[]> Texts, Func<Tensor, (Tensor Loss, double Accuracy)> Loss)
{
    public long Tokens => Texts.Sum(t => (long)t.Length);
}

/// <summary>The steps of a distillation: texts with their teachers, and pairs beside where there are any. Not thread-safe.</summary>
internal sealed class DistillationSteps(DistillationSampler sampler, DistillationLoss loss, PairLesson? pairs)
{
    /// <summary>The step of a batch; a function of its number.</summary>
    public DistillationStep Step(long batch)
    {
        var taught = sampler.Batch(batch);
        if (pairs is null)
            return new DistillationStep(taught.Texts, vectors => loss.Compute(vectors, taught.Teachers));
        var paired = pairs.Batch(batch);
        var count = taught.Texts.Count;
        return new DistillationStep(
            [.. taught.Texts, .. paired.All],
            vectors =>
            {
                var (value, agreement) = loss.Compute(vectors.narrow(0, 0, count), taught.Teachers);
                return (value + pairs.Loss(paired, vectors.narrow(0, count, vectors.shape[0] - count)), agreement);
            }
        );
    }
}
