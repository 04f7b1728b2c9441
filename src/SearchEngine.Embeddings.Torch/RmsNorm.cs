using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Root mean square norm (Zhang and Sennrich 2019): x / √(mean(x²) + ε) · weight, or · (1 + weight) in Gemma. Computed in float32 when
/// the data is narrower.
/// </summary>
internal sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    private readonly double _epsilonValue;
    private readonly Scalar _epsilon;
    private readonly bool _offset;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public RmsNorm(int size, double epsilon, bool offset, Device device, ScalarType dataType)
        : base(nameof(RmsNorm))
    {
        _epsilonValue = epsilon;
        _epsilon = epsilon;
        _offset = offset;
        using var initial = offset ? zeros([size], dataType, device) : ones([size], dataType, device);
        _weight = new Parameter(initial);
        RegisterComponents();
    }

    /// <summary>(size)</summary>
    public Parameter Weight => _weight;

    /// <param name="input">(…, size)</param>
    /// <returns>(…, size)</returns>
    public override Tensor forward(Tensor input) => Apply(input, _weight);

    /// <summary>The norm with a weight of any shape that broadcasts against the input.</summary>
    public Tensor Apply(Tensor input, Tensor scale)
    {
        using var scope = NewDisposeScope();
        var type = input.dtype;
        var narrow = type is ScalarType.Float16 or ScalarType.BFloat16;
        if (narrow && !_offset && !training && !is_grad_enabled())
        {
            // Inference in half precision: one kernel, which sums in float32, in the place of seven.
            return (
                scale.dim() == 1 && scale.dtype == type
                    ? TorchOperators.RmsNorm(input, scale, _epsilonValue)
                    : TorchOperators.RmsNorm(input, null, _epsilonValue).mul(scale)
            ).MoveToOuterDisposeScope();
        }
        var x = narrow ? input.to(ScalarType.Float32) : input;
        var inverse = x.square().mean([-1], keepdim: true).add_(_epsilon).rsqrt();
        if (_offset)
        {
            var factor = scale.to(x.dtype).add(TorchScalars.One);
            return x.mul(inverse).mul(factor).to(type).MoveToOuterDisposeScope();
        }
        return x.mul(inverse).to(type).mul(scale).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _epsilon.Dispose();
        base.Dispose(disposing);
    }
}
