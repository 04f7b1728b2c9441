using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Parameters that share a learning rate and a weight decay.</summary>
/// <param name="Parameters">Names and tensors; a name is unique over all groups.</param>
/// <param name="LearningRateScale">Factor on the optimizer's learning rate.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
internal sealed record ParameterGroup(
    IReadOnlyList<(string Name, Parameter Parameter)> Parameters,
    double LearningRateScale,
    double WeightDecay
);

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019). Its moments are float32 tensors under the parameters' names, so that a
/// checkpoint can hold
/// them. Parameters without a gradient are left alone. Not thread-safe.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments = [];
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;

    public AdamW(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    {
        _groups = groups;
        _beta1 = beta1;
        _beta2 = beta2;
        _epsilon = epsilon;
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in Parameters)
        {
            if (!_moments.TryAdd(name, (Zeros(parameter), Zeros(parameter))))
                throw new ArgumentException($"Parameter '{name}' is in two groups.", nameof(groups));
        }

        static Tensor Zeros(Tensor like) => zeros_like(like, dtype: ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>Steps taken so far; the bias correction depends on it.</summary>
    public long StepCount { get; set; }

    public IEnumerable<(string Name, Parameter Parameter)> Parameters => _groups.SelectMany(g => g.Parameters);

    /// <summary>The moments by name, for a checkpoint: <c>NAME</c> with suffix <c>.m</c> or <c>.v</c>.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        _moments.SelectMany(m => new[] { (m.Key + ".m", m.Value.First), (m.Key + ".v", m.Value.Second) });

    /// <summary>
    /// The norm of all gradients together; they are scaled down to <paramref name="maximum"/> where it is larger. 0 only measures.
    /// </summary>
    public double ClipGradients(double maximum)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var squares = Parameters
            .Select(p => p.Parameter.grad)
            .Where(g => g is not null)
            .Select(g => g!.to(ScalarType.Float32).square().sum())
            .ToList();
        if (squares.Count == 0)
            return 0;
        var norm = Math.Sqrt(stack(squares).to(ScalarType.Float64).sum().ToDouble()); // one wait for the device
        if (maximum > 0 && norm > maximum)
        {
            using Scalar factor = maximum / (norm + 1e-6);
            foreach (var (_, parameter) in Parameters)
                parameter.grad?.mul_(factor);
        }

        return norm;
    }

    /// <summary>One update with the gradients there are.</summary>
    public void Step(double learningRate)
    {
        StepCount++;
        var correction1 = 1 - Math.Pow(_beta1, StepCount);
        var correction2 = Math.Sqrt(1 - Math.Pow(_beta2, StepCount));
        using var guard = no_grad();
        // Scalars are kept alive over the calls that read them: TorchSharp hands out their handles without holding on to them.
        using Scalar beta1 = _beta1;
        using Scalar beta2 = _beta2;
        using Scalar rest1 = 1 - _beta1;
        using Scalar rest2 = 1 - _beta2;
        using Scalar epsilon = _epsilon;
        using Scalar root = correction2;
        foreach (var group in _groups)
        {
            var rate = learningRate * group.LearningRateScale;
            using Scalar step = -rate / correction1;
            using Scalar shrink = 1 - rate * group.WeightDecay;
            foreach (var (name, parameter) in group.Parameters)
            {
                using var scope = NewDisposeScope();
                if (parameter.grad is not { } raw)
                    continue;
                var gradient = raw.to(ScalarType.Float32);
                var (first, second) = _moments[name];
                first.mul_(beta1).add_(gradient, alpha: rest1);
                second.mul_(beta2).addcmul_(gradient, gradient, rest2);
                var denominator = second.sqrt().div_(root).add_(epsilon);
                if (group.WeightDecay > 0)
                    parameter.mul_(shrink);
                parameter.addcdiv_(first, denominator, step);
            }
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public void ClearGradients()
    {
        foreach (var (_, parameter) in Parameters)
        {
            if (parameter.grad is { } gradient)
                gradient.zero_();
        }
    }

    public void Dispose()
    {
        foreach (var (first, second) in _moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
