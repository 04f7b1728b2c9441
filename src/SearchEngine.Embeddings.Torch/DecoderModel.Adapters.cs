using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

internal sealed partial class DecoderModel
{
    /// <summary>Names of the attached adapters, in order.</summary>
    public IReadOnlyList<string> Adapters =>
        [.. _layers.SelectMany(layer => layer.Projections()).SelectMany(p => p.Projection.Branches).Select(b => b.Options.Name).Distinct()];

    /// <summary>Puts a fresh adapter, whose update is zero, beside the projections it targets.</summary>
    /// <returns>Its parameters; train these and freeze the rest (see <see cref="FreezeExceptAdapter"/>).</returns>
    /// <exception cref="ArgumentException">The name is taken, the rank is not positive, or no projection is targeted.</exception>
    public IReadOnlyList<Parameter> AttachAdapter(LoraAdapterOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Rank);
        if (Adapters.Contains(options.Name))
            throw new ArgumentException($"There is already an adapter '{options.Name}'.", nameof(options));
        List<Parameter> parameters = [];
        foreach (var layer in _layers)
        {
            foreach ((_, var projection) in layer.Projections())
            {
                if (projection.Attach(options) is LoraBranch branch)
                    parameters.AddRange(branch.Parameters());
            }
        }
        return parameters.Count > 0
            ? parameters
            : throw new ArgumentException($"Adapter '{options.Name}' targets none of this model's projections.", nameof(options));
    }

    /// <summary>The parameters of one adapter, layer by layer.</summary>
    public IReadOnlyList<Parameter> AdapterParameters(string name) => [.. Branches(name).SelectMany(b => b.Parameters())];

    /// <summary>Lets gradients flow to one adapter only.</summary>
    public void FreezeExceptAdapter(string name)
    {
        foreach (var parameter in parameters())
            parameter.requires_grad = false;
        foreach (var adapter in Adapters)
        {
            foreach (var parameter in AdapterParameters(adapter))
                parameter.requires_grad = adapter == name;
        }
    }

    /// <summary>Adds all adapters to the weights, W' = W + scale · B·A each, and removes them.</summary>
    public void MergeAdapters()
    {
        foreach ((_, var projection) in _layers.SelectMany(layer => layer.Projections()))
            projection.MergeAdapters();
    }

    /// <summary>Removes all adapters without merging.</summary>
    public void DetachAdapters()
    {
        foreach ((_, var projection) in _layers.SelectMany(layer => layer.Projections()))
            projection.DetachAdapters();
    }

    private IEnumerable<LoraBranch> Branches(string name) =>
        _layers.SelectMany(layer => layer.Projections()).SelectMany(p => p.Projection.Branches).Where(b => b.Options.Name == name);
}
