using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// A model whose layers add nothing yet, trained by its token embeddings alone. The state of a token then is its normalised embedding row
/// times the final
/// norm's gain, whatever stands around it; so the rows are normalised once per step for the whole vocabulary, pooled as bags, and only the
/// loss over
/// pooled vectors goes through autograd. The same gradient as the whole model's at a hundredth of its cost. Not thread-safe.
/// </summary>
internal sealed class BagEncoder
{
    private readonly Parameter _embedding;
    private readonly Tensor _gain;
    private readonly double _epsilon;
    private readonly int _width;
    private readonly float[] _table;
    private readonly float[] _tableGradient;
    private float[] _pooled = [];

    /// <param name="embedding">(vocabulary, hidden), trained.</param>
    /// <param name="gain">(hidden), the final norm's weight, not trained here.</param>
    /// <param name="epsilon">The norm's ε.</param>
    public BagEncoder(Parameter embedding, Tensor gain, double epsilon)
    {
        _embedding = embedding;
        _gain = gain;
        _epsilon = epsilon;
        _width = (int)embedding.shape[1];
        _table = new float[embedding.numel()];
        _tableGradient = new float[embedding.numel()];
    }

    /// <summary>Adds the gradient of a loss over the texts' vectors to the embeddings, and to whatever else the loss depends on.</summary>
    /// <param name="texts">Token ids of each text.</param>
    /// <param name="loss">From (texts, hidden) to a scalar and an accuracy.</param>
    /// <param name="scale">Factor on the gradient.</param>
    public (double Loss, double Accuracy) Accumulate(
        IReadOnlyList<int[]> texts,
        Func<Tensor, (Tensor Loss, double Accuracy)> loss,
        double scale
    )
    {
        using Scalar epsilon = _epsilon;
        var rows = _embedding * _embedding.square().mean([-1], keepdim: true).add(epsilon).rsqrt() * _gain;
        rows.detach().data<float>().CopyTo(_table);

        // One buffer serves the pooled vectors and, after the loss, their gradient.
        if (_pooled.Length != texts.Count * _width)
            _pooled = new float[texts.Count * _width];
        BagOfTokens.Pool(_table, _width, texts, _pooled);
        var vectors = tensor(_pooled, [texts.Count, _width]).requires_grad_(true);
        var (value, accuracy) = loss(vectors);
        using Scalar factor = scale;
        value.mul(factor).backward();

        vectors.grad!.data<float>().CopyTo(_pooled);
        BagOfTokens.Backward(texts, _width, _pooled, _tableGradient);
        (rows * tensor(_tableGradient, _embedding.shape)).sum().backward();
        return (value.ToDouble(), accuracy);
    }
}
