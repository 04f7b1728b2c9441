using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Blocks">How the packed tokens divide into what attention takes at once.</param>
/// <param name="Rotary">Cosines and signed sines by token, each (tokens, 1, head_dim).</param>
/// <param name="LocalRotary">The same for layers with a sliding window.</param>
/// <param name="Causal">Whether a position sees only itself and what is before it.</param>
internal sealed record AttentionContext(
    IReadOnlyList<AttentionBlock> Blocks,
    (Tensor Cosine, Tensor Sine) Rotary,
    (Tensor Cosine, Tensor Sine) LocalRotary,
    bool Causal
);

/// <summary>
/// One decoder layer over packed tokens: attention and a gated feed-forward part, each behind an RMSNorm and added to its input.
/// Gemma 2 and 3 put a second norm behind each.
/// </summary>
internal sealed class DecoderLayer : nn.Module<Tensor, AttentionContext, Tensor>
{
    private readonly DecoderConfig _config;
    private readonly int _index;
    private readonly Scalar? _queryScale;
    private readonly Scalar? _scoreScale;
    private readonly Scalar? _softcap;

    [ComponentName(Name = "input_layernorm")]
    private readonly RmsNorm _inputLayernorm;

    [ComponentName(Name = "qkv_proj")]
    private readonly Projection _qkvProj;

    [ComponentName(Name = "q_norm")]
    private readonly RmsNorm? _qNorm;

    [ComponentName(Name = "k_norm")]
    private readonly RmsNorm? _kNorm;

    [ComponentName(Name = "o_proj")]
    private readonly Projection _oProj;

    [ComponentName(Name = "post_attention_layernorm")]
    private readonly RmsNorm _postAttentionLayernorm;

    [ComponentName(Name = "pre_feedforward_layernorm")]
    private readonly RmsNorm? _preFeedforwardLayernorm;

    [ComponentName(Name = "post_feedforward_layernorm")]
    private readonly RmsNorm? _postFeedforwardLayernorm;

    [ComponentName(Name = "gate_up_proj")]
    private readonly Projection _gateUpProj;

    [ComponentName(Name = "down_proj")]
    private readonly Projection _downProj;

    public DecoderLayer(DecoderConfig config, int index, Device device, ScalarType dataType)
        : base(nameof(DecoderLayer))
    {
        _config = config;
        _index = index;
        var head = config.HeadSize;
        if (config.AttentionSoftcap is double cap)
        {
            _softcap = cap;
            _scoreScale = 1 / Math.Sqrt(config.QueryPreAttentionScalar ?? head) / cap;
        }
        else if (config.QueryPreAttentionScalar is double scalar && scalar != head)
        {
            // The library divides by √size; another scale goes into the queries.
            _queryScale = Math.Sqrt(head / scalar);
        }
        Projection[] maps =
        [
            .. DecoderShape.Projections(config).Select(fused => new Projection(fused.Inputs, fused.Parts, fused.HasBias, device, dataType)),
        ];
        (_qkvProj, _oProj, _gateUpProj, _downProj) = (maps[0], maps[1], maps[2], maps[3]);
        _inputLayernorm = Norm(config.HiddenSize);
        _postAttentionLayernorm = Norm(config.HiddenSize);
        if (config.QueryKeyNorm)
        {
            _qNorm = Norm(head);
            _kNorm = Norm(head);
        }
        if (config.PostNorms)
        {
            _preFeedforwardLayernorm = Norm(config.HiddenSize);
            _postFeedforwardLayernorm = Norm(config.HiddenSize);
        }
        RegisterComponents();

        RmsNorm Norm(int size) => new(size, config.NormEpsilon, config.OffsetNorm, device, dataType);
    }

    /// <summary>Probability of dropping an attention weight while training.</summary>
    public double AttentionDropout { get; set; }

    /// <summary>The four (fused) linear maps, with the checkpoint's prefix of each.</summary>
    public IEnumerable<(string Prefix, Projection Projection)> Projections() =>
        [("self_attn.", _qkvProj), ("self_attn.", _oProj), ("mlp.", _gateUpProj), ("mlp.", _downProj)];

    /// <summary>The norms by checkpoint name.</summary>
    public IEnumerable<(string Name, RmsNorm Norm)> Norms()
    {
        yield return ("input_layernorm", _inputLayernorm);
        yield return ("post_attention_layernorm", _postAttentionLayernorm);
        if (_preFeedforwardLayernorm is not null)
            yield return ("pre_feedforward_layernorm", _preFeedforwardLayernorm);
        if (_postFeedforwardLayernorm is not null)
            yield return ("post_feedforward_layernorm", _postFeedforwardLayernorm);
        if (_qNorm is not null)
            yield return ("self_attn.q_norm", _qNorm);
        if (_kNorm is not null)
            yield return ("self_attn.k_norm", _kNorm);
    }

    /// <param name="input">(tokens, hidden)</param>
    /// <param name="context">Shared by the layers.</param>
    /// <returns>(tokens, hidden)</returns>
    public override Tensor forward(Tensor input, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        var attended = Attention(_inputLayernorm.forward(input), context);
        Tensor middle;
        Tensor fed;
        if (_config.PostNorms)
        {
            middle = input.add(_postAttentionLayernorm.forward(attended));
            fed = _postFeedforwardLayernorm!.forward(FeedForward(_preFeedforwardLayernorm!.forward(middle)));
        }
        else
        {
            middle = input.add(attended);
            fed = FeedForward(_postAttentionLayernorm.forward(middle));
        }
        return middle.add(fed).MoveToOuterDisposeScope();
    }

    /// <summary>down(activation(gate(x)) · up(x)); (tokens, hidden) to the same.</summary>
    private Tensor FeedForward(Tensor x)
    {
        var both = _gateUpProj.forward(x); // (tokens, 2 · intermediate)
        var parts = both.split([_config.IntermediateSize, _config.IntermediateSize], -1);
        (var gate, var up) = (parts[0], parts[1]);
        var activated = _config.Activation switch
        {
            DecoderActivation.Silu => nn.functional.silu(gate),
            DecoderActivation.GeluTanh => gate.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
            _ => gate.gelu(),
        };
        return _downProj.forward(activated.mul(up));
    }

    private Tensor Attention(Tensor x, AttentionContext context)
    {
        int heads = _config.Heads,
            keys = _config.KeyValueHeads,
            size = _config.HeadSize;
        var tokens = x.shape[0];
        var fused = _qkvProj.forward(x); // (tokens, (heads + 2 · keys) · size)
        var parts = fused.split([(heads + keys) * size, keys * size], 1);
        var turning = parts[0].view(tokens, heads + keys, size);
        if (_qNorm is not null && _kNorm is not null)
        {
            var scale = cat([_qNorm.Weight.expand(heads, size), _kNorm.Weight.expand(keys, size)], 0);
            turning = _qNorm.Apply(turning, scale);
        }
        (var cosine, var sine) = _config.IsSliding(_index) ? context.LocalRotary : context.Rotary;
        // In the tables' type, the weights' own, also where the products compute in a narrower one.
        var turned = RotaryEmbedding.Rotate(turning.to(cosine.dtype), cosine, sine).to(fused.dtype); // (tokens, heads + keys, size)
        var values = parts[1].view(tokens, keys, size);

        Tensor[] turnedRows = AttentionBlock.Split(context.Blocks, turned),
            valueRows = AttentionBlock.Split(context.Blocks, values);
        return _oProj.forward(
            AttentionBlock.Attend(
                context.Blocks,
                (block, i) => BlockAttention(block, block.Spread(turnedRows[i]), block.Spread(valueRows[i]), context)
            )
        );
    }

    /// <summary>Attention inside the sequences of a block.</summary>
    /// <param name="block">Sequences n, tokens t.</param>
    /// <param name="turned">(n·t, heads + keys, size)</param>
    /// <param name="values">(n·t, keys, size)</param>
    /// <param name="context">Shared by the layers.</param>
    /// <returns>(n·t, heads·size)</returns>
    private Tensor BlockAttention(AttentionBlock block, Tensor turned, Tensor values, AttentionContext context)
    {
        int heads = _config.Heads,
            keys = _config.KeyValueHeads,
            size = _config.HeadSize;
        int n = block.Group.Count,
            t = block.Group.Length;
        var parts = turned.split([heads, keys], 1);
        var q = parts[0].view(n, t, heads, size).transpose(1, 2);
        var k = Repeat(parts[1].view(n, t, keys, size).transpose(1, 2), heads / keys);
        var v = Repeat(values.view(n, t, keys, size).transpose(1, 2), heads / keys);

        var dropout = training ? AttentionDropout : 0;
        var mask = Mask(t, block.Mask, context.Causal, q.device);
        Tensor output;
        if (_softcap is not null)
        {
            output = CappedAttention(q, k, v, mask, dropout);
        }
        else
        {
            if (_queryScale is not null)
                q = q.mul(_queryScale);
            var causalOnly = context.Causal && mask is null;
            output = nn.functional.scaled_dot_product_attention(q, k, v, mask, dropout, causalOnly && t > 1);
        }
        return output.transpose(1, 2).reshape((long)n * t, heads * size);
    }

    private Tensor CappedAttention(Tensor q, Tensor k, Tensor v, Tensor? mask, double dropout)
    {
        var scores = q.matmul(k.transpose(-2, -1)).mul(_scoreScale!).tanh().mul(_softcap!);
        if (mask is not null)
            scores = scores.masked_fill(mask.logical_not(), TorchScalars.NegativeInfinity);
        var weights = scores.softmax(-1, ScalarType.Float32).to(v.dtype);
        if (dropout > 0)
            weights = nn.functional.dropout(weights, dropout, training: true);
        return weights.matmul(v);
    }

    /// <summary>
    /// True where a query may see a key, broadcastable to (n, heads, t, t); null when nothing is hidden, or only what comes later and
    /// the attention can be told so.
    /// </summary>
    private Tensor? Mask(int t, Tensor? mask, bool causal, Device device)
    {
        var windowed = _config.IsSliding(_index) && (causal || _config.TwoSidedWindow);
        var reach =
            !windowed ? int.MaxValue
            : causal ? _config.SlidingWindow!.Value
            : _config.SlidingWindow!.Value / 2 + 1;
        var mustHideLater = causal && t > 1 && (mask is not null || reach < t || _config.AttentionSoftcap is not null);
        if (mustHideLater)
            mask = And(mask, ones([t, t], ScalarType.Bool, device).tril());
        if (reach < t)
        {
            var near = ones([t, t], ScalarType.Bool, device).triu(1 - reach);
            if (!causal)
                near = near.tril(reach - 1);
            mask = And(mask, near);
        }
        return mask;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _queryScale?.Dispose();
            _scoreScale?.Dispose();
            _softcap?.Dispose();
        }
        base.Dispose(disposing);
    }

    private static Tensor And(Tensor? a, Tensor b) => a is null ? b : a.logical_and(b);

    /// <summary>(n, keys, t, size) to (n, keys · times, t, size), each head repeated in place.</summary>
    private static Tensor Repeat(Tensor x, int times)
    {
        if (times == 1)
            return x;
        var shape = x.shape;
        return x.unsqueeze(2).expand(shape[0], shape[1], times, shape[2], shape[3]).reshape(shape[0], shape[1] * times, shape[2], shape[3]);
    }
}
