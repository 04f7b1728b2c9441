using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>The pairs learnt beside the teachers; see <see cref="DistillPairsConfig"/>. Not thread-safe.</summary>
internal sealed class PairLesson(PairSampler sampler, DistillPairsConfig config, IReadOnlyList<int> dimensions, Device device)
{
    private readonly ContrastiveLoss _loss = new(config.Scale, dimensions, config.Symmetric);

    /// <summary>Reads the sources and mines their pairs.</summary>
    /// <exception cref="TrainingException">A source cannot be read, or none has a pair.</exception>
    public static PairLesson Open(
        DistillPairsConfig pairs,
        DistillConfig config,
        TrainingSession session,
        IProgress<string>? messages,
        CancellationToken cancellationToken
    )
    {
        var corpora = pairs
            .Data.Select(source =>
                TokenizedCorpus.Build(
                    source,
                    config.BaseDirectory,
                    session.Tokenizer.Encode,
                    pairs.MaximumLength,
                    cancellationToken: cancellationToken
                )
            )
            .ToList();
        var sampler = new PairSampler(PairSampler.Mine(corpora), pairs.BatchSize, pairs.MaximumLength, config.Seed, pairs.RunLength);
        foreach (var source in sampler.Sources)
            messages?.Report($"pairs {source.Name}: {source.Units:N0}, weight {source.Weight:G3}");
        return new PairLesson(sampler, pairs, config.Matryoshka, session.Model.Device);
    }

    /// <summary>The texts of a batch: queries, passages, hard negatives.</summary>
    public ContrastiveBatch Batch(long batch) => ContrastiveBatch.From(sampler.Batch(batch), config.HardNegatives);

    /// <summary>The weighted loss of a batch's vectors. (texts, hidden) to a scalar.</summary>
    public Tensor Loss(ContrastiveBatch batch, Tensor vectors)
    {
        using Scalar weight = config.Weight;
        var candidates = vectors.narrow(0, batch.Pairs, vectors.shape[0] - batch.Pairs);
        var (loss, _) = _loss.Compute(vectors.narrow(0, 0, batch.Pairs), candidates, batch.Exclusions()?.to(device));
        return loss.mul(weight);
    }
}
