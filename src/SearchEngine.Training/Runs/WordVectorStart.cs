using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// Starts a decoder as a weighted mean of word vectors (Arora, Liang and Ma 2017), in weights of the ordinary architecture. Every layer's
/// output maps are
/// zero, so a token's last state is its normalised embedding row. Since that norm gives all rows one length, the weight a/(a+p) of a token
/// is put
/// into the row's direction: the word vector takes a share w of the length and the last dimension, whose gain in the final norm is zero,
/// takes the rest.
/// </summary>
internal static class WordVectorStart
{
    /// <summary>The frequency at which a token counts half; 1e-3 is in the middle of the range that Arora et al. found best.</summary>
    private const double Smoothing = 1e-3;

    /// <summary>Weight of tokens that the text never showed.</summary>
    private const float UnseenWeight = 0.3f;

    public static void Apply(DecoderModel model, WordVectors words)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var hidden = model.Config.HiddenSize;
        var vocabulary = model.Config.VocabularySize;
        if (words.Dimensions != hidden - 1)
        {
            throw new ArgumentException(
                $"Word vectors of {hidden - 1} dimensions are needed for a hidden size of {hidden}, not {words.Dimensions}.",
                nameof(words)
            );
        }

        var vectors = tensor(words.Vectors, [vocabulary, words.Dimensions]);
        var seen = tensor(words.Frequencies.Select(f => f > 0 ? 1f : 0f).ToArray()).unsqueeze(1);
        var mean = (vectors * seen).sum(0, keepdim: true) / seen.sum();
        var centred = where(seen > 0, vectors - mean, randn_like(vectors));
        var directions = centred;
        var weights = tensor(words.Frequencies.Select(f => f > 0 ? (float)(Smoothing / (Smoothing + f)) : UnseenWeight).ToArray())
            .unsqueeze(1);
        PutRows(model, directions, weights);
    }

    /// <summary>Puts weighted directions into the token embeddings and stills every layer.</summary>
    /// <param name="model">The new model.</param>
    /// <param name="directions">(vocabulary, hidden − 1); a row of zeros takes a direction by chance.</param>
    /// <param name="weights">(vocabulary, 1), 0 to 1.</param>
    public static void PutRows(DecoderModel model, Tensor directions, Tensor weights)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var hidden = model.Config.HiddenSize;
        var known = directions.abs().sum(1, keepdim: true).gt(0);
        var unit = nn.functional.normalize(where(known, directions, randn_like(directions)), p: 2, dim: 1);
        var rows = cat([unit * weights, (1 - weights.square()).clamp_min(0).sqrt()], 1) * Math.Sqrt(hidden);
        model.Embedding.copy_(rows);
        model.FinalNorm.Weight.fill_(1);
        model.FinalNorm.Weight[hidden - 1] = 0;
        foreach (var layer in model.DecoderLayers)
        {
            foreach (var (_, projection) in layer.Projections())
            {
                if (projection.Parts[0].Name is "o_proj" or "down_proj")
                    projection.Weight.zero_();
            }
        }
    }
}
