using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// The space that a student learns: each teacher's vectors less their mean (a direction that all texts share tells none from another, and
/// teachers differ in
/// how much of it they have), side by side, turned so that the leading dimensions carry most. A student that lies on these axes is similar
/// where the
/// teachers' mean similarity says so, and its prefixes are the best ones from the start. Owns its tensors; read-only.
/// </summary>
internal sealed class TeacherSpace : IDisposable
{
    private readonly Tensor[] _means;
    private readonly Tensor[] _bases;
    private readonly double[] _weights;

    private TeacherSpace(Tensor[] means, Tensor[] bases, double[] weights)
    {
        _means = means;
        _bases = bases;
        _weights = weights;
    }

    public int Teachers => _means.Length;

    /// <summary>Shares of the teachers; their sum is 1.</summary>
    public IReadOnlyList<double> Weights => _weights;

    /// <summary>The basis block of a teacher: (its dimension, width).</summary>
    public Tensor Basis(int teacher) => _bases[teacher];

    /// <summary>Finds means and axes from a sample.</summary>
    /// <param name="sample">For each teacher (texts, dimension).</param>
    /// <param name="weights">For each teacher its share.</param>
    /// <param name="width">Leading axes kept; axes beyond the teachers' dimensions are zero.</param>
    public static TeacherSpace Fit(IReadOnlyList<Tensor> sample, IReadOnlyList<double> weights, int width)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var total = weights.Sum();
        var shares = weights.Select(w => w / total).ToArray();
        var means = sample.Select(s => s.mean([0], keepdim: true)).ToArray();
        var sides = sample.Select((s, k) => nn.functional.normalize(s - means[k], p: 2, dim: 1) * Math.Sqrt(shares[k])).ToArray();
        var all = cat(sides, 1); // (texts, sum of dimensions)
        var (_, vectors) = linalg.eigh(all.t().mm(all)); // ascending
        var kept = Math.Min(width, all.shape[1]);
        var axes = vectors.narrow(1, all.shape[1] - kept, kept).flip(1);
        // An axis has two directions; the one whose largest element is positive is taken, whatever the solver gave.
        var strongest = axes.abs().argmax(0, keepdim: true);
        axes = axes * axes.gather(0, strongest).sign();
        if (kept < width)
            axes = nn.functional.pad(axes, [0, width - kept]);
        var bases = axes.split([.. sides.Select(s => s.shape[1])], 0);
        return new TeacherSpace(
            [.. means.Select(m => m.clone().DetachFromDisposeScope())],
            [.. bases.Select(b => b.contiguous().clone().DetachFromDisposeScope())],
            shares
        );
    }

    /// <summary>A teacher's vectors without its mean, of length one. (texts, dimension)</summary>
    public Tensor Centre(int teacher, Tensor vectors) => nn.functional.normalize(vectors - _means[teacher], p: 2, dim: 1);

    /// <summary>Vectors of all teachers, centred already, on the axes. (texts, width)</summary>
    public Tensor Project(IReadOnlyList<Tensor> centred)
    {
        Tensor? sum = null;
        for (var k = 0; k < _bases.Length; k++)
        {
            var part = centred[k].mm(_bases[k]) * Math.Sqrt(_weights[k]);
            sum = sum is null ? part : sum + part;
        }

        return sum!;
    }

    public void Dispose()
    {
        foreach (var tensor in _means.Concat(_bases))
            tensor.Dispose();
    }
}
