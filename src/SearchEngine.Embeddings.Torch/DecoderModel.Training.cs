using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

internal sealed partial class DecoderModel
{
    private readonly List<CheckpointedPass> _passes = [];

    /// <summary>
    /// Trades time for memory while training (Chen et al. 2016): a forward pass keeps only what goes into each layer, and
    /// <see cref="Backward"/> computes
    /// every layer a second time, with the dropout it had. Call <see cref="Backward"/> instead of the loss's own then.
    /// </summary>
    public bool GradientCheckpointing { get; set; }

    /// <summary>
    /// The type that matrix products and attention compute in; null for the weights' own. With float32 weights and bfloat16 here, weights,
    /// their
    /// gradients, the residual stream and norms stay in float32, as under torch's autocast.
    /// </summary>
    public ScalarType? ComputeType
    {
        get => _computeType;
        set
        {
            _computeType = value;
            foreach ((_, var projection) in _layers.SelectMany(layer => layer.Projections()))
                projection.ComputeType = value;
        }
    }

    private ScalarType? _computeType;

    /// <summary>Adds the gradient of a scalar to the parameters, through the checkpointed passes made since the last call too.</summary>
    public void Backward(Tensor loss)
    {
        try
        {
            loss.backward();
            for (var i = _passes.Count - 1; i >= 0; i--)
                Replay(_passes[i]);
        }
        finally
        {
            foreach (var pass in _passes)
                pass.Dispose();
            _passes.Clear();
        }
    }

    /// <summary>
    /// The layers without a graph; the result is a leaf whose gradient <see cref="Backward"/> takes on from. Where gradients are off
    /// nothing is kept, and
    /// the dropout is the same, as the two passes of cached gradients need it.
    /// </summary>
    private Tensor RunCheckpointed(Tensor embedded, AttentionContext context)
    {
        CheckpointedPass? pass = is_grad_enabled() ? new(embedded, context) : null;
        if (pass is not null)
            _passes.Add(pass);
        using var scope = NewDisposeScope();
        var state = embedded.detach();
        using (no_grad())
        {
            foreach (var layer in _layers)
            {
                var seed = randint(long.MaxValue, [1], ScalarType.Int64).ToInt64();
                pass?.Layers.Add((state.alias().DetachFromDisposeScope(), seed));
                manual_seed(seed);
                state = layer.forward(state, context);
            }
        }
        if (pass is null)
            return state.alias().MoveToOuterDisposeScope();
        pass.Output = state.detach().requires_grad_(true).DetachFromDisposeScope();
        return pass.Output.alias().MoveToOuterDisposeScope();
    }

    private void Replay(CheckpointedPass pass)
    {
        if (pass.Output?.grad is not Tensor last)
            return;
        using var all = NewDisposeScope();
        var gradient = last;
        for (var i = pass.Layers.Count - 1; i >= 0; i--)
        {
            using var scope = NewDisposeScope();
            (var before, var seed) = pass.Layers[i];
            var input = before.detach().requires_grad_(true);
            manual_seed(seed);
            var output = _layers[i].forward(input, pass.Context);
            output.mul(gradient).sum().backward();
            gradient = input.grad!.alias().MoveToOuterDisposeScope();
        }
        if (pass.Embedded.requires_grad)
            pass.Embedded.mul(gradient).sum().backward();
    }

    /// <summary>What one forward pass keeps until its gradient is taken.</summary>
    private sealed class CheckpointedPass(Tensor embedded, AttentionContext context) : IDisposable
    {
        /// <summary>The token embeddings, (tokens, hidden), with their graph.</summary>
        public Tensor Embedded { get; } = embedded.alias().DetachFromDisposeScope();

        /// <summary>The pass's own copy; the caller's is gone when the gradient is taken.</summary>
        public AttentionContext Context { get; } =
            context with
            {
                Rotary = Keep(context.Rotary),
                LocalRotary = Keep(context.LocalRotary),
                Blocks = [.. context.Blocks.Select(block => block.Keep())],
            };

        /// <summary>What went into each layer, (tokens, hidden), and the seed of its dropout.</summary>
        public List<(Tensor Input, long Seed)> Layers { get; } = [];

        /// <summary>What came out of the last layer: a leaf.</summary>
        public Tensor? Output { get; set; }

        public void Dispose()
        {
            Embedded.Dispose();
            Output?.Dispose();
            foreach (var block in Context.Blocks)
                block.Release();
            foreach (
                var table in (Tensor[])[Context.Rotary.Cosine, Context.Rotary.Sine, Context.LocalRotary.Cosine, Context.LocalRotary.Sine]
            )
            {
                table.Dispose();
            }
            foreach ((var input, _) in Layers)
                input.Dispose();
        }

        private static (Tensor, Tensor) Keep((Tensor Cosine, Tensor Sine) tables) =>
            (tables.Cosine.alias().DetachFromDisposeScope(), tables.Sine.alias().DetachFromDisposeScope());
    }
}
