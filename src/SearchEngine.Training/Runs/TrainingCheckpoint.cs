using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>What a checkpoint says besides its tensors.</summary>
/// <param name="Version">Format version.</param>
/// <param name="Step">Optimizer steps done: together with the seed this is the position in the data and of every random stream.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="OptimizerStep">Steps the optimizer has taken.</param>
/// <param name="Seconds">Training time so far.</param>
/// <param name="LoraAlpha">The alpha of the adapter trained; null where the weights themselves are, and in checkpoints written before it
/// was noted.</param>
internal sealed record CheckpointState(int Version, long Step, long Seed, long OptimizerStep, double Seconds, double? LoraAlpha = null);

/// <summary>
/// Checkpoints of a run, <c>checkpoints/step-N/</c> in its output folder: trained weights and moments in float32 safetensors and a
/// state.json. A checkpoint is
/// written under a temporary name and renamed when whole. Random streams and the position in the data are functions of seed and step, so a
/// resumed
/// run computes what the uninterrupted one would have. Not thread-safe.
/// </summary>
internal static class TrainingCheckpoint
{
    /// <summary>Begins the names of an adapter's tensors.</summary>
    public const string AdapterPrefix = "adapter.";

    private const int CurrentVersion = 1;
    private const string Prefix = "step-";
    private const string AsideSuffix = ".damaged";
    private const string StateFile = "state.json";
    private const string TensorFile = "training.safetensors";

    /// <summary>Checkpoints kept; the one before the newest survives a newest that turns out to be of no use.</summary>
    private const int Kept = 2;

    public static void Save(string outputDirectory, CheckpointState state, AdamW optimizer)
    {
        var root = Path.Combine(outputDirectory, "checkpoints");
        var final = Path.Combine(root, Prefix + state.Step.ToString("D8", CultureInfo.InvariantCulture));
        var temporary = final + ".tmp";
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        using (no_grad())
        {
            var tensors = Tensors(optimizer)
                .Select(t => new SafetensorsTensor(
                    t.Name,
                    SafetensorsDataType.Float32,
                    t.Tensor.shape,
                    stream => WriteFloats(t.Tensor, stream)
                ))
                .ToList();
            SafetensorsWriter.Write(Path.Combine(temporary, TensorFile), tensors);
        }

        File.WriteAllText(Path.Combine(temporary, StateFile), JsonSerializer.Serialize(state with { Version = CurrentVersion }));
        if (Directory.Exists(final))
            Directory.Delete(final, recursive: true);
        Directory.Move(temporary, final);
        foreach (var old in Find(outputDirectory).SkipLast(Kept))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>The newest checkpoint, or null.</summary>
    public static string? Newest(string outputDirectory) => Find(outputDirectory).LastOrDefault();

    /// <summary>
    /// Loads the newest checkpoint that can be read; one that is damaged (a full disk, a power cut) is set aside under another name, and
    /// the one before it is
    /// taken. Null where there is none.
    /// </summary>
    /// <exception cref="TrainingException">All are damaged, or the one that can be read is of another run.</exception>
    public static CheckpointState? LoadNewest(string outputDirectory, AdamW optimizer, TrainingConfig config, IProgress<string>? messages)
    {
        TrainingException? damage = null;
        foreach (var directory in Enumerable.Reverse(Find(outputDirectory)))
        {
            try
            {
                return Load(directory, optimizer, config);
            }
            catch (TrainingException e) when (e.InnerException is IOException or JsonException)
            {
                damage ??= e;
                messages?.Report(
                    $"checkpoint {Path.GetFileName(directory)} is damaged and set aside ({e.InnerException.Message}); trying the one before"
                );
                SetAside(directory);
            }
        }

        return damage is null
            ? null
            : throw new TrainingException(
                $"No checkpoint in '{outputDirectory}' can be read: {damage.Message} Start again with --overwrite.",
                damage
            );
    }

    /// <summary>Puts a checkpoint's weights and moments into the optimizer and its parameters.</summary>
    /// <param name="directory">The checkpoint.</param>
    /// <param name="optimizer">Receives moments and weights.</param>
    /// <param name="config">What must be as it was: seed, model, trained weights, the adapter's shape and alpha. Rates and the like may
    /// change.</param>
    /// <exception cref="TrainingException">The checkpoint is damaged or of another model or seed.</exception>
    public static CheckpointState Load(string directory, AdamW optimizer, TrainingConfig config)
    {
        CheckpointState state;
        try
        {
            state = JsonSerializer.Deserialize<CheckpointState>(File.ReadAllText(Path.Combine(directory, StateFile)))!;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw Damaged(directory, e);
        }

        if (state.Version != CurrentVersion)
        {
            throw new TrainingException(
                $"Checkpoint '{directory}' has format version {state.Version}; this build reads version {CurrentVersion}."
            );
        }
        if (state.Seed != config.Seed)
        {
            throw new TrainingException(
                $"Checkpoint '{directory}' was trained with seed {state.Seed}, the configuration says {config.Seed}. Restore the seed, or start again with --overwrite."
            );
        }
        if (state.LoraAlpha is { } alpha && config.Lora is { } lora && lora.Alpha != alpha)
        {
            throw new TrainingException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Checkpoint '{directory}' was trained with \"lora\" alpha {alpha}, the configuration says {lora.Alpha}: its weights mean another update then. Restore the alpha, or start again with --overwrite."
                )
            );
        }
        using var guard = no_grad();
        using var file = OpenTensors(directory);
        var wanted = Tensors(optimizer).ToList();
        var adapter = IsAdapter(wanted[0].Name);
        if (adapter != file.Entries.Keys.Any(IsAdapter))
        {
            throw new TrainingException(
                adapter
                    ? $"Checkpoint '{directory}' is of a run that trained the weights themselves, the configuration asks for an adapter. Say \"lora\": false to go on with that run, or start again with --overwrite."
                    : $"Checkpoint '{directory}' is of a run that trained an adapter, the configuration says \"lora\": false. Restore the adapter's settings, or start again with --overwrite."
            );
        }

        foreach (var (name, tensor) in wanted)
        {
            if (!file.Entries.TryGetValue(name, out var entry))
            {
                throw new TrainingException(
                    $"Checkpoint '{directory}' has no tensor '{name}': it is of another model or another set of trained weights. Restore the configuration, or start again with --overwrite."
                );
            }
            if (!entry.Shape.SequenceEqual(tensor.shape))
            {
                throw new TrainingException(
                    $"Checkpoint '{directory}': tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], the model has [{string.Join(", ", tensor.shape)}]. It is of another shape; start again with --overwrite."
                );
            }
            using var scope = NewDisposeScope();
            var values = MemoryMarshal.Cast<byte, float>(file.Bytes(entry)).ToArray();
            tensor.copy_(torch.tensor(values, entry.Shape).to(tensor.dtype, tensor.device));
        }

        optimizer.StepCount = state.OptimizerStep;
        return state;
    }

    private static SafetensorsFile OpenTensors(string directory)
    {
        try
        {
            return SafetensorsFile.Open(Path.Combine(directory, TensorFile));
        }
        catch (IOException e)
        {
            throw Damaged(directory, e);
        }
    }

    private static TrainingException Damaged(string directory, Exception cause) =>
        new($"Checkpoint '{directory}' cannot be read ({cause.Message}).", cause);

    private static void SetAside(string directory)
    {
        var target = directory + AsideSuffix;
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        Directory.Move(directory, target);
    }

    private static bool IsAdapter(string name) => name.StartsWith(AdapterPrefix, StringComparison.Ordinal);

    /// <summary>What a checkpoint holds: the trained weights, then the moments.</summary>
    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(AdamW optimizer) =>
        optimizer.Parameters.Select(p => (p.Name, (Tensor)p.Parameter)).Concat(optimizer.State);

    private static List<string> Find(string outputDirectory)
    {
        var root = Path.Combine(outputDirectory, "checkpoints");
        return Directory.Exists(root)
            ? [.. Directory.EnumerateDirectories(root, Prefix + "*").Where(d => !Path.HasExtension(d)).Order(StringComparer.Ordinal)]
            : [];
    }

    private static void WriteFloats(Tensor tensor, Stream stream)
    {
        using var scope = NewDisposeScope();
        var values = tensor.detach().to(ScalarType.Float32).cpu().contiguous();
        stream.Write(values.bytes);
    }
}
