using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>The contrastive objective of <see cref="ContrastiveStage.Embeddings"/>, over bags of token embeddings.</summary>
internal sealed class EmbeddingStageObjective(BagEncoder bag, PairSampler sampler, ContrastiveLoss loss, int hardNegatives)
    : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var texts = ContrastiveBatch.From(sampler.Batch(batch), hardNegatives);
        var (value, accuracy) = bag.Accumulate(texts.All, Loss, scale);
        return new BatchResult(value, accuracy, texts.Tokens);

        (TorchSharp.torch.Tensor, double) Loss(Tensor vectors) =>
            loss.Compute(
                vectors.narrow(0, 0, texts.Pairs),
                vectors.narrow(0, texts.Pairs, texts.All.Count - texts.Pairs),
                texts.Exclusions()
            );
    }
}
