using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Token embeddings made of what the teachers make of each piece alone, on the axes of a <see cref="TeacherSpace"/>, without their mean and
/// first principal
/// direction, weighted a/(a+p) (Arora, Liang and Ma 2017). The weight is put into the row as <see cref="WordVectorStart"/> does.
/// </summary>
internal static class TeacherStart
{
    /// <summary>
    /// The frequency at which a token counts half. Smaller than for word vectors: a teacher's vectors of function words say little.
    /// </summary>
    private const double Smoothing = 1e-4;

    /// <param name="model">The new model.</param>
    /// <param name="pieces">(vocabulary, hidden − 1): each piece on the teachers' axes; rows of zeros for pieces without a text.</param>
    /// <param name="frequencies">Share of each token in the training texts.</param>
    public static void Apply(DecoderModel model, Tensor pieces, double[] frequencies)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var known = pieces.abs().sum(1, keepdim: true).gt(0).to(ScalarType.Float32);
        var centred = (pieces - (pieces * known).sum(0, keepdim: true) / known.sum()) * known;
        var (_, directions) = linalg.eigh(centred.t().mm(centred));
        var first = directions.narrow(1, directions.shape[1] - 1, 1); // (hidden − 1, 1)
        var rest = centred - centred.mm(first).mm(first.t());
        var lengths = rest.norm(1, keepdim: true);
        var weights =
            tensor(frequencies.Select(f => (float)(Smoothing / (Smoothing + f))).ToArray()).unsqueeze(1) * (lengths / lengths.max());
        WordVectorStart.PutRows(model, rest, weights);
    }
}
