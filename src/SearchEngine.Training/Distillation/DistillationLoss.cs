using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// How far a student's vectors are from its teachers': 1 − cosine through the heads, and the mean squared difference between the batch's
/// cosines and the
/// teachers' mean cosines, averaged over the Matryoshka prefixes. Immutable.
/// </summary>
/// <param name="Heads">The maps to the teachers.</param>
/// <param name="Weights">The teachers' shares, sum 1.</param>
/// <param name="VectorWeight">Weight of the first term.</param>
/// <param name="SimilarityWeight">Weight of the second term.</param>
/// <param name="Dimensions">Prefix lengths of the second term; empty means the full length only.</param>
internal sealed record DistillationLoss(
    StudentHeads Heads,
    IReadOnlyList<double> Weights,
    double VectorWeight,
    double SimilarityWeight,
    IReadOnlyList<int> Dimensions
)
{
    /// <summary>Puts a text's likeness to itself below all others.</summary>
    private const double Itself = -2;

    /// <summary>Computes the loss, and the share of texts whose nearest other text of the batch is the teachers'.</summary>
    /// <param name="student">(batch, hidden), not normalised.</param>
    /// <param name="teachers">For each teacher (batch, dimension), of length one.</param>
    public (Tensor Loss, double Accuracy) Compute(Tensor student, IReadOnlyList<Tensor> teachers)
    {
        var wanted = Similarities(teachers); // (batch, batch)
        var batch = student.shape[0];
        using Scalar pairs = (double)(batch * (batch - 1));
        using Scalar share = SimilarityWeight / Math.Max(1, Dimensions.Count);
        Tensor? loss = null;
        var width = (int)student.shape[1];
        Tensor? found = null;
        foreach (var length in Dimensions.Count == 0 ? [width] : Dimensions)
        {
            if (length > width)
            {
                throw new TrainingException(
                    $"Matryoshka length {length} does not fit embeddings of {width} dimensions. Correct 'matryoshka'."
                );
            }
            var unit = nn.functional.normalize(student.narrow(1, 0, length), p: 2, dim: 1);
            var cosines = unit.mm(unit.t());
            if (found is null || length == width)
                found = cosines.detach();
            // On the diagonal both are one.
            var difference = (cosines - wanted).square().sum().div(pairs).mul(share);
            loss = loss is null ? difference : loss + difference;
        }

        for (var k = 0; VectorWeight > 0 && k < teachers.Count; k++)
        {
            using Scalar weight = VectorWeight * Weights[k];
            var cosine = nn.functional.cosine_similarity(Heads.Apply(k, student), teachers[k], 1);
            loss = loss! + cosine.mean().neg().add(1).mul(weight);
        }

        return (loss!, Agreement(found!, wanted));
    }

    private Tensor Similarities(IReadOnlyList<Tensor> teachers)
    {
        Tensor? sum = null;
        for (var k = 0; k < teachers.Count; k++)
        {
            using Scalar weight = Weights[k];
            var part = teachers[k].mm(teachers[k].t()).mul(weight);
            sum = sum is null ? part : sum + part;
        }

        return sum!;
    }

    private static double Agreement(Tensor found, Tensor wanted)
    {
        using var guard = no_grad();
        var diagonal = eye(found.shape[0], dtype: ScalarType.Bool, device: found.device);
        using Scalar itself = Itself;
        return found
            .masked_fill(diagonal, itself)
            .argmax(1)
            .eq(wanted.masked_fill(diagonal, itself).argmax(1))
            .to(ScalarType.Float32)
            .mean()
            .ToDouble();
    }
}
