using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Unsupervised SimCSE: each text twice under different dropout; the other texts' second passes are the negatives.</summary>
internal sealed class SimCseObjective(MeanPoolingEncoder encoder, TextSampler sampler, ContrastiveLoss loss, int microBatch)
    : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var texts = sampler.Batch(batch);
        // Both copies in one list: rows of one packed batch draw their own dropout.
        int[][] twice = [.. texts, .. texts];
        var (value, accuracy) = GradientCache.Accumulate(
            twice,
            microBatch,
            seed,
            encoder.Embed,
            encoder.Model.Backward,
            all => loss.Compute(all.narrow(0, 0, texts.Length), all.narrow(0, texts.Length, texts.Length)),
            scale
        );
        return new BatchResult(value, accuracy, twice.Sum(t => (long)t.Length));
    }
}
