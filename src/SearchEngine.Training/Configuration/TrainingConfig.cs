using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Training;

/// <summary>What all training runs have in common. Read from JSON with <see cref="Load{T}"/>; paths are relative to that file.</summary>
public abstract record TrainingConfig
{
    internal static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The folder of the model to start from. Exactly one of this and <see cref="NewModel"/> is given.</summary>
    public string? Model { get; init; }

    /// <summary>The model to create.</summary>
    public NewModelConfig? NewModel { get; init; }

    /// <summary>The folder to write: the trained model, its log and its checkpoints.</summary>
    public required string Output { get; init; }

    /// <summary>Deletes the run that the output folder may hold. False refuses to write over one.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The training data.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>Seed of everything random; printed and logged.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Optimizer steps.</summary>
    public long Steps { get; init; } = 1000;

    /// <summary>Sequences (or pairs) per optimizer step and accumulation part.</summary>
    public abstract int BatchSize { get; init; }

    /// <summary>Batches whose gradients are added up before a step.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Longest sequence in tokens.</summary>
    public abstract int MaximumLength { get; init; }

    /// <summary>Peak learning rate.</summary>
    public abstract double LearningRate { get; init; }

    /// <summary>Factor on the learning rate of the token embeddings.</summary>
    public double EmbeddingLearningRateScale { get; init; } = 1;

    /// <summary>Steps over which the learning rate rises.</summary>
    public abstract long WarmupSteps { get; init; }

    /// <summary>How the learning rate falls.</summary>
    public LearningRateDecay Decay { get; init; } = LearningRateDecay.Linear;

    /// <summary>AdamW: decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW: decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW: added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay of matrices other than the token embedding.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest norm of all gradients together; 0 for no limit.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>
    /// The adapter to train, by default the paper's; null, in JSON <c>false</c>, trains all weights, as pre-training does by default.
    /// </summary>
    [JsonConverter(typeof(LoraConfigConverter)), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public LoraConfig? Lora { get; init; } = new();

    /// <summary>"cpu", "cuda", or "auto" for a CUDA device where there is one.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Matrix products and attention in bfloat16, with weights, gradients, moments, norms and the loss in float32 (autocast). Pays on
    /// devices with
    /// bfloat16 units; on most CPUs it is slower.
    /// </summary>
    public bool Bf16 { get; init; }

    /// <summary>
    /// Keeps only what goes into each layer and computes the layer again for its gradient: a fraction of the memory for a third more time.
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Steps between checkpoints; 0 writes only the last.</summary>
    public long CheckpointEvery { get; init; } = 200;

    /// <summary>Steps between log lines.</summary>
    public long LogEvery { get; init; } = 10;

    /// <summary>
    /// Ends the run after so many minutes, with the learning rate decayed by the clock instead of by steps. For a fixed time window; such a
    /// run is not
    /// reproducible to the step. Null for no limit.
    /// </summary>
    public double? TimeLimitMinutes { get; init; }

    /// <summary>The configuration file's folder, where relative paths start.</summary>
    [JsonIgnore]
    public string BaseDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>The output folder as an absolute path.</summary>
    [JsonIgnore]
    public string OutputPath => Resolve(Output);

    /// <summary>Reads a configuration file.</summary>
    /// <exception cref="TrainingException">The file is missing, is not JSON, or has an unknown, missing or impossible setting.</exception>
    public static T Load<T>(string path)
        where T : TrainingConfig
    {
        if (!File.Exists(path))
            throw new TrainingException($"Configuration file '{path}' does not exist.");
        try
        {
            var config =
                JsonSerializer.Deserialize<T>(File.ReadAllText(path), JsonOptions)
                ?? throw new TrainingException($"Configuration file '{path}' holds no settings.");
            config = config with { BaseDirectory = Path.GetDirectoryName(Path.GetFullPath(path))! };
            config.Validate();
            return config;
        }
        catch (JsonException e)
        {
            throw new TrainingException($"Configuration file '{path}': {e.Message}", e);
        }
    }

    /// <summary>A path of this configuration, absolute.</summary>
    public string Resolve(string path) => Path.GetFullPath(Path.Combine(BaseDirectory, path));

    /// <summary>Throws where a setting is impossible.</summary>
    /// <exception cref="TrainingException">The message names the setting.</exception>
    public virtual void Validate()
    {
        Require(
            Model is null != NewModel is null,
            "give either 'model' (a folder to start from) or 'newModel' (a shape to create), not both and not neither"
        );
        Require(Data.Count > 0, "'data' names no source");
        Require(Steps > 0, "'steps' must be at least 1");
        Require(BatchSize > 0, "'batchSize' must be at least 1");
        Require(Accumulation > 0, "'accumulation' must be at least 1");
        Require(MaximumLength > 1, "'maximumLength' must be at least 2");
        Require(LearningRate > 0, "'learningRate' must be above 0");
        Require(WarmupSteps >= 0, "'warmupSteps' must not be negative");
        Require(EmbeddingLearningRateScale >= 0, "'embeddingLearningRateScale' must not be negative");
        Require(Beta1 is >= 0 and < 1 && Beta2 is >= 0 and < 1, "'beta1' and 'beta2' must be in [0, 1)");
        Require(Epsilon > 0, "'epsilon' must be above 0");
        Require(WeightDecay >= 0, "'weightDecay' must not be negative");
        Require(ClipNorm >= 0, "'clipNorm' must not be negative");
        Require(Device is "auto" or "cpu" or "cuda", "'device' must be auto, cpu or cuda");
        Require(CheckpointEvery >= 0, "'checkpointEvery' must not be negative");
        Require(LogEvery > 0, "'logEvery' must be at least 1");
        Require(TimeLimitMinutes is null or > 0, "'timeLimitMinutes' must be above 0");
        if (Lora is null)
            return;
        Lora.Validate();
        Require(Model is not null, "'newModel' has nothing for an adapter to rest on: say \"lora\": false to train all weights");
        Require(
            EmbeddingLearningRateScale == 1,
            "'embeddingLearningRateScale' has no effect on an adapter, which leaves the token embeddings alone: leave it out, or say \"lora\": false to train all weights"
        );
    }

    /// <summary>The settings as JSON, for the output folder.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, GetType(), JsonOptions);

    internal static void Require(bool condition, string message)
    {
        if (!condition)
            throw new TrainingException($"The training configuration is not usable: {message}.");
    }
}
