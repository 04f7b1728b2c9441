using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// A low-rank update beside a <see cref="Projection"/>. The A matrices of all its parts lie below each other, so that one product
/// serves them; each part has its own B. It is not a submodule: the model lists its parameters by adapter name.
/// </summary>
internal sealed class LoraBranch : IDisposable
{
    private readonly Projection _owner;
    private readonly int[] _slots;
    private readonly Scalar _scale;

    public LoraBranch(Projection owner, LoraAdapterOptions options, Device device, ScalarType dataType)
    {
        _owner = owner;
        Options = options;
        _scale = options.Scale;
        _slots = new int[owner.Parts.Count];
        var covered = 0;
        List<Parameter?> b = [];
        for (var i = 0; i < _slots.Length; i++)
        {
            var covers = options.Covers(owner.Parts[i].Name);
            _slots[i] = covers ? covered++ : -1;
            using var initial = covers ? zeros([owner.Parts[i].Rows, options.Rank], dataType, device) : null;
            b.Add(initial is null ? null : new Parameter(initial));
        }
        B = b;
        var bound = Math.Sqrt(1.0 / owner.Inputs);
        using (var initial = empty([covered * options.Rank, owner.Inputs], dataType, device))
            A = new Parameter(initial);
        using (no_grad())
            A.uniform_(-bound, bound);
    }

    /// <summary>Name, rank and scale.</summary>
    public LoraAdapterOptions Options { get; }

    /// <summary>(covered parts × rank, inputs)</summary>
    public Parameter A { get; }

    /// <summary>For each part of the projection (rows, rank), or null where the adapter does not cover it.</summary>
    public IReadOnlyList<Parameter?> B { get; }

    /// <summary>A and every B.</summary>
    public IEnumerable<Parameter> Parameters() => B.OfType<Parameter>().Prepend(A);

    /// <summary>The rows of <see cref="A"/> of part <paramref name="part"/>, (rank, inputs); a view to be disposed by the caller.</summary>
    public Tensor PartOfA(int part) => A.narrow(0, (long)_slots[part] * Options.Rank, Options.Rank);

    /// <summary>scale · B·A·dropout(x).</summary>
    /// <param name="input">(tokens, inputs)</param>
    /// <param name="training">Whether dropout is on.</param>
    /// <returns>(tokens, outputs)</returns>
    public Tensor Forward(Tensor input, bool training)
    {
        using var scope = NewDisposeScope();
        var x = training && Options.Dropout > 0 ? nn.functional.dropout(input, Options.Dropout, training: true) : input;
        var low = nn.functional.linear(x, A.to(x.dtype)).mul(_scale);
        var updates = new Tensor[_slots.Length];
        for (var i = 0; i < updates.Length; i++)
        {
            updates[i] = B[i] is Parameter b
                ? nn.functional.linear(low.narrow(-1, (long)_slots[i] * Options.Rank, Options.Rank), b.to(x.dtype))
                : zeros([.. low.shape[..^1], _owner.Parts[i].Rows], low.dtype, low.device);
        }
        return (updates.Length == 1 ? updates[0] : cat(updates, -1)).MoveToOuterDisposeScope();
    }

    /// <summary>The update of the whole fused weight in float32: scale · B·A, (outputs, inputs).</summary>
    public Tensor Delta()
    {
        using var scope = NewDisposeScope();
        var rows = new Tensor[_slots.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = B[i] is Parameter b
                ? b.to(ScalarType.Float32).matmul(PartOfA(i).to(ScalarType.Float32)).mul(_scale)
                : zeros([_owner.Parts[i].Rows, _owner.Inputs], ScalarType.Float32, A.device);
        }
        return cat(rows, 0).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var parameter in Parameters())
            parameter.Dispose();
        _scale.Dispose();
    }
}
