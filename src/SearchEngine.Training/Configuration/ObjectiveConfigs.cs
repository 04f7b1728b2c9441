using System.Text.Json.Serialization;

namespace SearchEngine.Training;

/// <summary>
/// Causal pre-training: every next token of the text is predicted from those before it. Trains all weights unless an adapter is asked for.
/// </summary>
public sealed record PretrainConfig : TrainingConfig
{
    /// <summary>The defaults, without an adapter.</summary>
    public PretrainConfig() => Lora = null;

    /// <inheritdoc/>
    public override int BatchSize { get; init; } = 32;

    /// <inheritdoc/>
    public override int MaximumLength { get; init; } = 512;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override long WarmupSteps { get; init; } = 100;
}

/// <summary>
/// Masked next-token prediction: attention is bidirectional, and a masked token is predicted from the state one position before it.
/// Defaults are the LLM2Vec
/// paper's.
/// </summary>
public sealed record MntpConfig : TrainingConfig
{
    /// <inheritdoc/>
    public override int BatchSize { get; init; } = 32;

    /// <inheritdoc/>
    public override int MaximumLength { get; init; } = 512;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 5e-5;

    /// <inheritdoc/>
    public override long WarmupSteps { get; init; }

    /// <summary>Share of tokens to predict.</summary>
    public double MaskProbability { get; init; } = 0.2;

    /// <summary>Of those, the share replaced by the mask token.</summary>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>Of those, the share replaced by a random token; the rest stays.</summary>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>The mask token where the tokenizer has none.</summary>
    public string MaskToken { get; init; } = "_";

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(MaskProbability is > 0 and <= 1, "'maskProbability' must be in (0, 1]");
        Require(
            MaskShare >= 0 && RandomShare >= 0 && MaskShare + RandomShare <= 1,
            "'maskShare' and 'randomShare' must not be negative and not add up to more than 1"
        );
    }
}

/// <summary>
/// Unsupervised SimCSE (Gao et al. 2021): each text twice through the model under different dropout. Defaults are the LLM2Vec paper's.
/// </summary>
public sealed record SimCseConfig : TrainingConfig
{
    /// <inheritdoc/>
    public override int BatchSize { get; init; } = 128;

    /// <inheritdoc/>
    public override int MaximumLength { get; init; } = 128;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 3e-5;

    /// <inheritdoc/>
    public override long WarmupSteps { get; init; }

    /// <summary>Probability of dropping an attention weight.</summary>
    public double AttentionDropout { get; init; } = 0.3;

    /// <summary>Factor on cosines (inverse temperature).</summary>
    public double Scale { get; init; } = 20;

    /// <summary>Texts embedded at once; a larger batch is made of cached gradients. 0 embeds the whole batch at once.</summary>
    public int MicroBatchSize { get; init; }

    /// <summary>Matryoshka prefix lengths; empty trains the full length only.</summary>
    public IReadOnlyList<int> Matryoshka { get; init; } = [];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(BatchSize > 1, "'batchSize' must be at least 2: the other texts are the negatives");
        Require(AttentionDropout is >= 0 and < 1, "'attentionDropout' must be in [0, 1)");
        Require(Scale > 0, "'scale' must be above 0");
        Require(MicroBatchSize >= 0, "'microBatchSize' must not be negative");
    }
}

/// <summary>Which weights a contrastive run trains.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ContrastiveStage>))]
public enum ContrastiveStage
{
    /// <summary>The whole model (or its adapter).</summary>
    Model,

    /// <summary>
    /// The token embeddings of a model whose layers still add nothing: pooling then is a mean of normalised rows, and a step costs no
    /// layer's work.
    /// </summary>
    Embeddings,
}

/// <summary>
/// Contrastive training on pairs mined from the structure of the data or given with hard negatives. Defaults are those of the LLM2Vec
/// paper's supervised
/// stage.
/// </summary>
public sealed record ContrastiveConfig : TrainingConfig
{
    /// <inheritdoc/>
    public override int BatchSize { get; init; } = 512;

    /// <inheritdoc/>
    public override int MaximumLength { get; init; } = 512;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 2e-4;

    /// <inheritdoc/>
    public override long WarmupSteps { get; init; } = 300;

    /// <summary>Which weights are trained.</summary>
    public ContrastiveStage Stage { get; init; } = ContrastiveStage.Model;

    /// <summary>Factor on cosines (inverse temperature).</summary>
    public double Scale { get; init; } = 50;

    /// <summary>Also ranks queries for each positive.</summary>
    public bool Symmetric { get; init; }

    /// <summary>
    /// Texts embedded at once; a larger batch is made of cached gradients, exactly (Gao et al. 2021, GradCache). 0 embeds all at once.
    /// </summary>
    public int MicroBatchSize { get; init; }

    /// <summary>Matryoshka prefix lengths; empty trains the full length only.</summary>
    public IReadOnlyList<int> Matryoshka { get; init; } = [];

    /// <summary>Hard negatives per query taken from sources that have them; fewer are filled by the batch.</summary>
    public int HardNegatives { get; init; } = 1;

    /// <summary>Probability of dropping an attention weight.</summary>
    public double AttentionDropout { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Scale > 0, "'scale' must be above 0");
        Require(BatchSize > 1, "'batchSize' must be at least 2: the other pairs are the negatives");
        Require(MicroBatchSize >= 0, "'microBatchSize' must not be negative");
        Require(HardNegatives >= 0, "'hardNegatives' must not be negative");
        Require(AttentionDropout is >= 0 and < 1, "'attentionDropout' must be in [0, 1)");
        Require(
            Stage == ContrastiveStage.Model || Lora is null,
            "'stage' Embeddings trains the token embeddings and no adapter: say \"lora\": false"
        );
        Require(
            Stage == ContrastiveStage.Model || !(Bf16 || GradientCheckpointing),
            "'stage' Embeddings runs no layer; leave 'bf16' and 'gradientCheckpointing' out"
        );
    }
}
