using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Next-token prediction with causal attention.</summary>
internal sealed class CausalObjective(DecoderModel model, BlockSampler sampler) : ITrainingObjective
{
    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var ids = sampler.Batch(batch);
        var length = sampler.BlockLength;
        var input = tensor(ids, [ids.Length / length, length], device: model.Device);
        var hidden = model.Forward(input, mask: null, causal: true); // (batch, tokens, hidden)
        var width = hidden.shape[2];
        var states = hidden.narrow(1, 0, length - 1).reshape(-1, width);
        var labels = input.narrow(1, 1, length - 1).reshape(-1);
        return LanguageModelLoss.Backward(model, states, labels, scale, ids.Length);
    }
}

/// <summary>
/// Masked next-token prediction (BehnamGhader et al. 2024): attention sees the whole sequence, and the token masked at i is predicted from
/// the last state at
/// i − 1, as a decoder's head was trained to.
/// </summary>
internal sealed class MntpObjective(DecoderModel model, BlockSampler sampler, TokenMasker masker, long runSeed) : ITrainingObjective
{
    private const int MaskStream = 6;

    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var ids = sampler.Batch(batch);
        var length = sampler.BlockLength;
        var random = DeterministicRandom.For(runSeed, MaskStream, batch);
        var (positions, labels) = masker.Mask(ids, length, ref random);
        if (positions.Count == 0)
            return new BatchResult(0, 0, ids.Length);
        var input = tensor(ids, [ids.Length / length, length], device: model.Device);
        var hidden = model.Forward(input, mask: null, causal: false);
        var before = tensor(positions.Select(p => (long)p - 1).ToArray(), device: model.Device);
        var states = hidden.reshape(-1, hidden.shape[2]).index_select(0, before);
        return LanguageModelLoss.Backward(model, states, tensor(labels.ToArray(), device: model.Device), scale, ids.Length);
    }
}

/// <summary>Cross-entropy of the LM head at chosen states.</summary>
internal static class LanguageModelLoss
{
    public static BatchResult Backward(DecoderModel model, Tensor states, Tensor labels, double scale, long tokens)
    {
        var logits = model.Logits(states).to(ScalarType.Float32); // (places, vocabulary)
        var loss = nn.functional.cross_entropy(logits, labels);
        using Scalar factor = scale;
        model.Backward(loss.mul(factor));
        var accuracy = logits.detach().argmax(1).eq(labels).to(ScalarType.Float32).mean().ToDouble();
        return new BatchResult(loss.ToDouble(), accuracy, tokens);
    }
}
