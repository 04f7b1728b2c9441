using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// InfoNCE over in-batch positives and hard negatives (van den Oord et al. 2018): the cross-entropy of each query's own positive among all
/// positives and
/// negatives of the batch, on cosines times a scale, averaged over the given Matryoshka prefixes (Kusupati et al. 2022). Immutable and
/// thread-safe.
/// </summary>
/// <param name="Scale">The inverse temperature that multiplies the cosines.</param>
/// <param name="Dimensions">Prefix lengths the loss is averaged over; empty means the full length only.</param>
/// <param name="Symmetric">Also rank the queries for each positive, and average both directions.</param>
internal sealed record ContrastiveLoss(double Scale, IReadOnlyList<int> Dimensions, bool Symmetric = false)
{
    /// <summary>The score that excludes a candidate; finite, so that a row of exclusions stays a number.</summary>
    private const double Excluded = -1e4;

    /// <summary>Computes the loss and the share of queries whose own positive scores highest at full length.</summary>
    /// <param name="queries">(batch, d), not normalised.</param>
    /// <param name="candidates">(batch + negatives, d): row i is the positive of query i, the rest are negatives of all.</param>
    /// <param name="exclude">(batch, batch + negatives) of bool: candidates that are not true negatives of a query; null excludes
    /// none.</param>
    /// <returns>A scalar with gradient, and the accuracy.</returns>
    public (Tensor Loss, double Accuracy) Compute(Tensor queries, Tensor candidates, Tensor? exclude = null)
    {
        // Scalars are kept alive over the calls that read them: TorchSharp hands out their handles without holding on to them.
        using Scalar scale = Scale;
        using Scalar excluded = Excluded;
        var batch = queries.shape[0];
        var width = (int)queries.shape[1];
        var labels = arange(batch, dtype: ScalarType.Int64, device: queries.device);
        var lengths = Dimensions.Count == 0 ? [width] : Dimensions;
        var longest = lengths.Max();
        Tensor? total = null;
        var accuracy = 0.0;
        foreach (var length in lengths)
        {
            if (length <= 0 || length > width)
            {
                throw new TrainingException(
                    $"Matryoshka length {length} does not fit embeddings of {width} dimensions. Correct 'matryoshka'."
                );
            }
            var q = nn.functional.normalize(queries.narrow(1, 0, length), p: 2, dim: 1);
            var c = nn.functional.normalize(candidates.narrow(1, 0, length), p: 2, dim: 1);
            var scores = q.mm(c.t()).mul(scale);
            if (exclude is not null)
                scores = scores.masked_fill(exclude, excluded);
            var loss = nn.functional.cross_entropy(scores, labels);
            if (Symmetric)
                loss = (loss + nn.functional.cross_entropy(scores.narrow(1, 0, batch).t(), labels)) / 2;
            if (length == longest)
                accuracy = scores.detach().argmax(1).eq(labels).to(ScalarType.Float32).mean().ToDouble();
            total = total is null ? loss : total + loss;
        }

        return (total! / lengths.Count, accuracy);
    }
}
