using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// A decoder-only transformer of the LLaMA family (LLaMA, Mistral, Qwen2, Qwen3, Gemma 1–3), causal or bidirectional, for inference and
/// for training with autograd. Batches are packed (see <see cref="SequenceLayout"/>) or padded with a mask. Forward passes in evaluation
/// mode may run on several threads at once; training, loading and adapters need the model alone.
/// </summary>
internal sealed partial class DecoderModel : nn.Module<Tensor, Tensor>
{
    private readonly RotaryEmbedding _rotary;
    private readonly RotaryEmbedding _localRotary;
    private readonly Scalar? _embeddingScale;
    private readonly Scalar? _logitSoftcap;

    [ComponentName(Name = "embed_tokens")]
    private readonly Parameter _embedTokens;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<DecoderLayer> _layers;

    [ComponentName(Name = "norm")]
    private readonly RmsNorm _norm;

    [ComponentName(Name = "lm_head")]
    private readonly Parameter? _lmHead;

    /// <summary>Creates the model with uninitialised weights; follow with <see cref="InitializeWeights"/> or load a checkpoint.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="device">Where the weights live; null for the CPU.</param>
    /// <param name="dataType">float32, bfloat16 or float16.</param>
    /// <param name="withHead">False leaves out a separate LM head, which embedding does not need.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself.</exception>
    public DecoderModel(DecoderConfig config, Device? device = null, ScalarType dataType = ScalarType.Float32, bool withHead = true)
        : base(nameof(DecoderModel))
    {
        config.Validate();
        TorchRuntime.EnsureLoaded();
        device ??= CPU;
        Config = config;
        Device = device;
        DataType = dataType;
        PadsAttention = device.type == DeviceType.CUDA;
        _embedTokens = Matrix(config.VocabularySize);
        _layers = new ModuleList<DecoderLayer>([
            .. Enumerable.Range(0, config.Layers).Select(i => new DecoderLayer(config, i, device, dataType)),
        ]);
        _norm = new RmsNorm(config.HiddenSize, config.NormEpsilon, config.OffsetNorm, device, dataType);
        _lmHead = withHead && !config.TieWordEmbeddings ? Matrix(config.VocabularySize) : null;
        _rotary = new RotaryEmbedding(config.RopeTheta, config.HeadSize, config.RopeScaling, device, dataType);
        _localRotary = config.LocalRopeTheta is double theta
            ? new RotaryEmbedding(theta, config.HeadSize, null, device, dataType)
            : _rotary;
        _logitSoftcap = config.LogitSoftcap is double cap ? cap : null;
        if (config.ScaleEmbeddings)
        {
            // The checkpoint's own code rounds the factor to the data type first.
            using var factor = tensor((float)Math.Sqrt(config.HiddenSize));
            using var rounded = factor.to(dataType);
            _embeddingScale = rounded.to(ScalarType.Float32, disposeAfter: true).item<float>();
        }
        RegisterComponents();

        Parameter Matrix(int rows)
        {
            using var initial = empty([rows, config.HiddenSize], dataType, device);
            return new Parameter(initial);
        }
    }

    /// <summary>The shape.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Where the weights live.</summary>
    public Device Device { get; }

    /// <summary>The type of weights and hidden states.</summary>
    public ScalarType DataType { get; }

    /// <summary>
    /// True: each position sees only itself and what is before it. False (LLM2Vec): every position sees its whole sequence.
    /// </summary>
    public bool Causal { get; set; }

    /// <summary>Whether sequences of several lengths share an attention call; see <see cref="AttentionBlock"/>.</summary>
    public bool PadsAttention { get; set; }

    /// <summary>The token embedding, (vocabulary, hidden).</summary>
    public Parameter Embedding => _embedTokens;

    /// <summary>The weight of the LM head, (vocabulary, hidden): its own, or the embedding if tied.</summary>
    /// <exception cref="InvalidOperationException">The head is separate and was left out.</exception>
    public Parameter Head =>
        Config.TieWordEmbeddings
            ? _embedTokens
            : _lmHead ?? throw new InvalidOperationException("This model was made without its LM head.");

    /// <summary>True if <see cref="Head"/> can be asked for.</summary>
    public bool HasHead => Config.TieWordEmbeddings || _lmHead is not null;

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<DecoderLayer> DecoderLayers => [.. _layers];

    /// <summary>The norm behind the last layer.</summary>
    public RmsNorm FinalNorm => _norm;

    /// <summary>Sets the probability of dropping an attention weight while training, in every layer.</summary>
    public double AttentionDropout
    {
        get => _layers[0].AttentionDropout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, 1);
            foreach (var layer in _layers)
                layer.AttentionDropout = value;
        }
    }

    /// <summary>Equal-length sequences without padding.</summary>
    /// <param name="inputIds">(batch, tokens) of int64</param>
    /// <returns>Last hidden states after the final norm, (batch, tokens, hidden).</returns>
    public override Tensor forward(Tensor inputIds) => Forward(inputIds, mask: null);

    /// <summary>Sequences padded to one length. Hidden states at padding are meaningless but finite.</summary>
    /// <param name="inputIds">(batch, tokens) of int64</param>
    /// <param name="mask">(batch, tokens), true or non-zero at real tokens, which come first in each row; null without padding</param>
    /// <param name="causal">Overrides <see cref="Causal"/>.</param>
    /// <returns>Last hidden states after the final norm, (batch, tokens, hidden).</returns>
    public Tensor Forward(Tensor inputIds, Tensor? mask, bool? causal = null)
    {
        if (inputIds.dim() != 2)
        {
            throw new ArgumentException(
                $"Token ids of shape (batch, tokens) are expected, not ({string.Join(", ", inputIds.shape)}).",
                nameof(inputIds)
            );
        }
        using var scope = NewDisposeScope();
        long batch = inputIds.shape[0],
            tokens = inputIds.shape[1];
        var layout = SequenceLayout.Uniform(checked((int)batch), checked((int)tokens));
        var hidden = Run(inputIds.reshape(-1), layout, [AttentionBlock.Grid(layout, mask?.to(ScalarType.Bool))], causal ?? Causal);
        return hidden.view(batch, tokens, Config.HiddenSize).MoveToOuterDisposeScope();
    }

    /// <summary>Sequences packed one after the other, so that no work is done on padding.</summary>
    /// <param name="inputIds">(tokens) of int64: all sequences in a row</param>
    /// <param name="layout">Their lengths.</param>
    /// <param name="causal">Overrides <see cref="Causal"/>.</param>
    /// <param name="blocks">The layout's blocks where the caller has made them already.</param>
    /// <returns>Last hidden states after the final norm, (tokens, hidden).</returns>
    public Tensor Forward(Tensor inputIds, SequenceLayout layout, bool? causal = null, IReadOnlyList<AttentionBlock>? blocks = null)
    {
        if (inputIds.dim() != 1 || inputIds.shape[0] != layout.Tokens)
        {
            throw new ArgumentException(
                $"{layout.Tokens} packed token ids are expected, not shape ({string.Join(", ", inputIds.shape)}).",
                nameof(inputIds)
            );
        }
        using var scope = NewDisposeScope();
        return Run(inputIds, layout, blocks ?? Blocks(layout), causal ?? Causal).MoveToOuterDisposeScope();
    }

    /// <summary>What attention takes at once on this model's device; the tensors belong to the current scope.</summary>
    public IReadOnlyList<AttentionBlock> Blocks(SequenceLayout layout) => AttentionBlock.Of(layout, Device, PadsAttention);

    /// <summary>Scores of the next token (or, for MNTP, of the masked token that follows).</summary>
    /// <param name="hidden">Hidden states of <see cref="Forward(Tensor, Tensor?, bool?)"/>, (…, hidden); select the positions needed
    /// first.</param>
    /// <returns>(…, vocabulary)</returns>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var type = ComputeType ?? hidden.dtype;
        var logits = nn.functional.linear(hidden.to(type), Head.to(type));
        if (_logitSoftcap is null)
            return logits.MoveToOuterDisposeScope();
        return logits.div(_logitSoftcap).tanh().mul(_logitSoftcap).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Draws weights as GPT-2 does: normal with <see cref="DecoderConfig.InitializerRange"/>, the maps back into the residual stream
    /// shrunk by √(2 · layers); norms at one, biases at zero. Uses torch's generator: call <c>torch.manual_seed</c> first.
    /// </summary>
    public void InitializeWeights()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var range = Config.InitializerRange;
        _embedTokens.normal_(0, range);
        _lmHead?.normal_(0, range);
        foreach (var layer in _layers)
        {
            foreach ((_, var projection) in layer.Projections())
            {
                var residual = projection.Parts[0].Name is "o_proj" or "down_proj";
                projection.Weight.normal_(0, residual ? range / Math.Sqrt(2 * Config.Layers) : range);
                projection.Bias?.zero_();
            }
            foreach ((_, var layerNorm) in layer.Norms())
                layerNorm.Weight.fill_(Config.OffsetNorm ? TorchScalars.Zero : TorchScalars.One);
        }
        _norm.Weight.fill_(Config.OffsetNorm ? TorchScalars.Zero : TorchScalars.One);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary.Dispose();
            _localRotary.Dispose();
            foreach (var pass in _passes)
                pass.Dispose();
            _passes.Clear();
            _embeddingScale?.Dispose();
            _logitSoftcap?.Dispose();
        }
        base.Dispose(disposing);
    }

    private Tensor Run(Tensor ids, SequenceLayout layout, IReadOnlyList<AttentionBlock> blocks, bool causal)
    {
        using var scope = NewDisposeScope();
        var hidden = _embedTokens.index_select(0, ids); // (tokens, hidden)
        if (_embeddingScale is not null)
            hidden = hidden.mul(_embeddingScale);
        var positions = layout.Positions(Device);
        var rotary = ByToken(_rotary);
        var localRotary = ReferenceEquals(_localRotary, _rotary) ? rotary : ByToken(_localRotary);
        AttentionContext context = new(blocks, rotary, localRotary, causal);
        if (GradientCheckpointing && training)
            return _norm.forward(RunCheckpointed(hidden, context)).MoveToOuterDisposeScope();
        foreach (var layer in _layers)
        {
            var next = layer.forward(hidden, context);
            hidden.Dispose();
            hidden = next;
        }
        return _norm.forward(hidden).MoveToOuterDisposeScope();

        (Tensor, Tensor) ByToken(RotaryEmbedding rotary)
        {
            (var cosine, var sine) = rotary.For(layout.LongestSequence);
            return (cosine.index_select(0, positions), sine.index_select(0, positions));
        }
    }
}
