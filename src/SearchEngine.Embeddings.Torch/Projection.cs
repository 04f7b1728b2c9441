using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>One projection of the checkpoint inside a fused weight.</summary>
/// <param name="Name">The checkpoint's name, for example q_proj.</param>
/// <param name="Offset">Its first row in the fused weight.</param>
/// <param name="Rows">Its output elements.</param>
internal readonly record struct ProjectionPart(string Name, int Offset, int Rows);

/// <summary>
/// A linear map whose weight holds one or more of the checkpoint's projections below each other (query, key and value; gate and up), so
/// that one matrix product serves all. Each part keeps its own name when loaded, saved or adapted by LoRA.
/// </summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    private readonly List<LoraBranch> _branches = [];

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="parts">Name and output elements of each part, in order.</param>
    /// <param name="withBias">Whether there is a bias.</param>
    /// <param name="device">Where the weight lives.</param>
    /// <param name="dataType">The weight's type.</param>
    public Projection(int inputs, IReadOnlyList<(string Name, int Rows)> parts, bool withBias, Device device, ScalarType dataType)
        : base(nameof(Projection))
    {
        Inputs = inputs;
        var placed = new ProjectionPart[parts.Count];
        for (var i = 0; i < parts.Count; i++)
        {
            placed[i] = new ProjectionPart(parts[i].Name, Outputs, parts[i].Rows);
            Outputs += parts[i].Rows;
        }
        Parts = placed;
        using (var initial = empty([Outputs, inputs], dataType, device))
            _weight = new Parameter(initial);
        if (withBias)
        {
            using var initial = zeros([Outputs], dataType, device);
            _bias = new Parameter(initial);
        }
        RegisterComponents();
    }

    /// <summary>Elements of an input row.</summary>
    public int Inputs { get; }

    /// <summary>Elements of an output row.</summary>
    public int Outputs { get; }

    /// <summary>The checkpoint's projections in this weight.</summary>
    public IReadOnlyList<ProjectionPart> Parts { get; }

    /// <summary>(outputs, inputs)</summary>
    public Parameter Weight => _weight;

    /// <summary>(outputs), or null.</summary>
    public Parameter? Bias => _bias;

    /// <summary>The adapters beside this projection, in the order they were attached.</summary>
    public IReadOnlyList<LoraBranch> Branches => _branches;

    /// <summary>The type of the products and of the output, whatever the weight's is; null for the weight's own.</summary>
    public ScalarType? ComputeType { get; set; }

    /// <param name="input">(tokens, inputs)</param>
    /// <returns>(tokens, outputs)</returns>
    public override Tensor forward(Tensor input)
    {
        if (ComputeType is not ScalarType type)
            return Forward(input, _weight, _bias);
        using var scope = NewDisposeScope();
        return Forward(input.to(type), _weight.to(type), _bias?.to(type)).MoveToOuterDisposeScope();
    }

    private Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        var output = nn.functional.linear(input, weight, bias);
        foreach (var branch in _branches)
        {
            using var before = output;
            using var update = branch.Forward(input, training);
            output = before.add(update);
        }
        return output;
    }

    /// <summary>
    /// Attaches an adapter to the parts it targets; nothing if it targets none. B starts at zero, A as PEFT does (Kaiming, a = √5).
    /// </summary>
    public LoraBranch? Attach(LoraAdapterOptions options)
    {
        if (!Parts.Any(part => options.Covers(part.Name)))
            return null;
        LoraBranch branch = new(this, options, _weight.device, _weight.dtype);
        _branches.Add(branch);
        return branch;
    }

    /// <summary>Adds every adapter's update to the weight and detaches them.</summary>
    public void MergeAdapters()
    {
        using (no_grad())
        {
            foreach (var branch in _branches)
            {
                using var scope = NewDisposeScope();
                _weight.add_(branch.Delta().to(_weight.dtype));
            }
        }
        DetachAdapters();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            DetachAdapters();
        base.Dispose(disposing);
    }

    /// <summary>Removes every adapter; their parameters are disposed.</summary>
    public void DetachAdapters()
    {
        foreach (var branch in _branches)
            branch.Dispose();
        _branches.Clear();
    }
}
