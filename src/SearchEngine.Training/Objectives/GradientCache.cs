using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// Contrastive gradients of a batch larger than memory, exactly (Gao et al. 2021, GradCache): embed all parts without a graph, take the
/// loss's gradient with
/// respect to the embeddings, then embed each part again with a graph and push its share of that gradient through. Dropout is repeated by
/// reseeding torch
/// before each part of both passes. Not thread-safe.
/// </summary>
internal static class GradientCache
{
    /// <summary>Adds the gradient of a loss over the embeddings of all texts to the parameters.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="microBatch">Texts embedded at once; 0, or enough for all, takes one pass with a graph instead of two.</param>
    /// <param name="seed">Seed of the first part; the others follow.</param>
    /// <param name="embed">Embeds some texts with a graph where gradients are enabled: (texts, d).</param>
    /// <param name="backward">Takes the gradient of a scalar over embeddings: the model's own, for it may have checkpointed its
    /// layers.</param>
    /// <param name="loss">From all embeddings (texts, d) to a scalar loss and an accuracy.</param>
    /// <param name="scale">Factor on the gradient.</param>
    public static (double Loss, double Accuracy) Accumulate(
        IReadOnlyList<int[]> texts,
        int microBatch,
        long seed,
        Func<IReadOnlyList<int[]>, Tensor> embed,
        Action<Tensor> backward,
        Func<Tensor, (Tensor Loss, double Accuracy)> loss,
        double scale
    )
    {
        using Scalar factor = scale;
        if (microBatch <= 0 || microBatch >= texts.Count)
        {
            torch.manual_seed(seed);
            var (whole, found) = loss(embed(texts));
            backward(whole.mul(factor));
            return (whole.ToDouble(), found);
        }

        var parts = texts.Chunk(microBatch).ToArray();
        Tensor cached;
        using (no_grad())
        {
            var embeddings = new Tensor[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                torch.manual_seed(seed + i);
                embeddings[i] = embed(parts[i]);
            }

            cached = cat(embeddings, 0);
        }

        cached.requires_grad_(true);
        var (total, accuracy) = loss(cached);
        total.mul(factor).backward();
        var gradient = cached.grad!;
        var row = 0L;
        for (var i = 0; i < parts.Length; i++)
        {
            using var scope = NewDisposeScope();
            torch.manual_seed(seed + i);
            var again = embed(parts[i]);
            backward((again * gradient.narrow(0, row, parts[i].Length)).sum());
            row += parts[i].Length;
        }

        return (total.ToDouble(), accuracy);
    }
}
