using TorchSharp;

namespace SearchEngine.Training;

/// <summary>Contrastive training of the whole model (or its adapter) on pairs; see <see cref="ContrastiveConfig"/>.</summary>
internal sealed class ContrastiveObjective(
    MeanPoolingEncoder encoder,
    PairSampler sampler,
    ContrastiveLoss loss,
    int microBatch,
    int hardNegatives
) : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var texts = ContrastiveBatch.From(sampler.Batch(batch), hardNegatives);
        var exclusions = texts.Exclusions()?.to(encoder.Model.Device);
        var (value, accuracy) = GradientCache.Accumulate(
            texts.All,
            microBatch,
            seed,
            encoder.Embed,
            encoder.Model.Backward,
            all => loss.Compute(all.narrow(0, 0, texts.Pairs), all.narrow(0, texts.Pairs, texts.All.Count - texts.Pairs), exclusions),
            scale
        );
        return new BatchResult(value, accuracy, texts.Tokens);
    }
}
