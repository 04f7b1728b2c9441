using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// The contrastive objective of <see cref="ContrastiveStage.Embeddings"/>. While every layer adds nothing, the state of a token is its normalised
/// embedding row times the final norm's gain, whatever stands around it; so the rows are normalised once per step for the whole vocabulary, pooled as bags,
/// and only the loss over pooled vectors goes through autograd. The same gradient as the whole model's at a hundredth of its cost.
/// </summary>
internal sealed class EmbeddingStageObjective : ITrainingObjective
{
    private readonly Parameter _embedding;
    private readonly Tensor _gain;
    private readonly double _epsilon;
    private readonly PairSampler _sampler;
    private readonly ContrastiveLoss _loss;
    private readonly int _hardNegatives;
    private readonly int _width;
    private readonly float[] _table;
    private readonly float[] _tableGradient;
    private float[] _pooled = [];

    /// <param name="embedding">(vocabulary, hidden), trained.</param>
    /// <param name="gain">(hidden), the final norm's weight, not trained here.</param>
    /// <param name="epsilon">The norm's ε.</param>
    /// <param name="sampler">The pairs.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="hardNegatives">Negatives taken per pair.</param>
    public EmbeddingStageObjective(Parameter embedding, Tensor gain, double epsilon, PairSampler sampler, ContrastiveLoss loss, int hardNegatives)
    {
        _embedding = embedding;
        _gain = gain;
        _epsilon = epsilon;
        _sampler = sampler;
        _loss = loss;
        _hardNegatives = hardNegatives;
        _width = (int)embedding.shape[1];
        _table = new float[embedding.numel()];
        _tableGradient = new float[embedding.numel()];
    }

    public BatchResult Accumulate(long batch, double scale, long seed)
    {
        var texts = ContrastiveBatch.From(_sampler.Batch(batch), _hardNegatives);
        using Scalar epsilon = _epsilon;
        var rows = _embedding * _embedding.square().mean([-1], keepdim: true).add(epsilon).rsqrt() * _gain;
        rows.detach().data<float>().CopyTo(_table);

        // One buffer serves the pooled vectors and, after the loss, their gradient.
        if (_pooled.Length != texts.All.Count * _width)
            _pooled = new float[texts.All.Count * _width];
        BagOfTokens.Pool(_table, _width, texts.All, _pooled);
        var vectors = tensor(_pooled, [texts.All.Count, _width]).requires_grad_(true);
        var (loss, accuracy) = _loss.Compute(vectors.narrow(0, 0, texts.Pairs), vectors.narrow(0, texts.Pairs, texts.All.Count - texts.Pairs), texts.Exclusions());
        using Scalar factor = scale;
        loss.mul(factor).backward();

        vectors.grad!.data<float>().CopyTo(_pooled);
        BagOfTokens.Backward(texts.All, _width, _pooled, _tableGradient);
        (rows * tensor(_tableGradient, _embedding.shape)).sum().backward();
        return new BatchResult(loss.ToDouble(), accuracy, texts.Tokens);
    }
}
