using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace SearchEngine.Embeddings;

/// <summary>
/// A LoRA adapter in PEFT's folder layout: adapter_config.json and adapter_model.safetensors. Keys are
/// <c>base_model.model.layers.N.self_attn.q_proj.lora_A.weight</c>, with or without a second <c>model.</c>.
/// </summary>
internal sealed partial class PeftAdapter
{
    /// <summary>The configuration's name in an adapter folder.</summary>
    public const string ConfigFileName = "adapter_config.json";

    private const string WeightsName = "adapter_model";

    /// <summary>Fields that are understood, or that matter only to training.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "peft_type",
        "r",
        "lora_alpha",
        "use_rslora",
        "target_modules",
        "base_model_name_or_path",
        "bias",
        "task_type",
        "inference_mode",
        "lora_dropout",
        "revision",
        "auto_mapping",
        "init_lora_weights",
        "layers_to_transform",
        "layers_pattern",
        "peft_version",
        "exclude_modules",
        "megatron_core",
        "ensure_weight_tying",
        "runtime_config",
        "eva_config",
        "corda_config",
        "qalora_group_size",
        "rank_pattern",
        "alpha_pattern",
        "use_dora",
        "modules_to_save",
    };

    private readonly JsonFile _config;
    private readonly IReadOnlyList<(Regex Name, double Value)> _ranks;
    private readonly IReadOnlyList<(Regex Name, double Value)> _alphas;

    private PeftAdapter(string folder, JsonFile config)
    {
        Folder = folder;
        _config = config;
        _ranks = Patterns(config, "rank_pattern");
        _alphas = Patterns(config, "alpha_pattern");
    }

    /// <summary>The adapter's folder.</summary>
    public string Folder { get; }

    /// <summary>What the adapter was trained on: a path or a Hugging Face name; null if it does not say.</summary>
    public string? BaseModel => _config.Text("base_model_name_or_path");

    /// <summary>The revision of the base model on the hub: a branch, tag or commit; null if it does not say.</summary>
    public string? Revision => _config.Text("revision");

    /// <summary>Columns of B.</summary>
    public int Rank { get; private init; }

    /// <summary>The factor on B·A.</summary>
    public double Scale { get; private init; }

    /// <summary>
    /// True if it can only be merged: ranks of single projections, magnitudes (DoRA) or whole tensors have no place beside the weights.
    /// </summary>
    public bool MergesOnly => _ranks.Count > 0 || _alphas.Count > 0 || _config.Flag("use_dora") is true || SavesModules;

    private bool SavesModules => _config.Field("modules_to_save") is { ValueKind: JsonValueKind.Array } saved && saved.GetArrayLength() > 0;

    private double Alpha { get; init; }

    private bool RankStabilized { get; init; }

    /// <summary>True if the folder holds an adapter.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, ConfigFileName));

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="ModelFormatException">It is missing, damaged, or not a plain LoRA adapter.</exception>
    public static PeftAdapter Open(string folder)
    {
        var path = Path.Combine(folder, ConfigFileName);
        var config =
            JsonFile.ReadObjectIfExists(path)
            ?? throw new ModelFormatException(folder, $"there is no {ConfigFileName} here; this is not a PEFT adapter.");
        if (config.Text("peft_type") is string type && type != "LORA")
            throw new ModelFormatException(path, $"peft_type '{type}' is not supported; only LORA is.");
        if (config.Text("bias") is string bias && bias != "none")
            throw new ModelFormatException(path, $"'bias' is '{bias}'; only 'none' is supported.");
        if (
            config.Field("init_lora_weights") is { ValueKind: JsonValueKind.String } init
            && init.GetString() is not ("gaussian" or "eva" or "orthogonal")
        )
        {
            throw new ModelFormatException(
                path,
                $"'init_lora_weights' is '{init.GetString()}', which changes the base weights and is not supported; save the adapter converted to plain LoRA."
            );
        }
        config.RefuseOthers(Known);
        var rank = config.Integer("r") ?? throw new ModelFormatException(path, "there is no 'r'.");
        if (rank <= 0)
            throw new ModelFormatException(path, $"'r' is {rank}, not a positive number.");
        var alpha = config.Number("lora_alpha") ?? throw new ModelFormatException(path, "there is no 'lora_alpha'.");
        var stabilized = config.Flag("use_rslora") ?? false;
        return new PeftAdapter(folder, config)
        {
            Rank = rank,
            Alpha = alpha,
            RankStabilized = stabilized,
            Scale = alpha / (stabilized ? Math.Sqrt(rank) : rank),
        };
    }

    /// <summary>Adds the adapter's update to a model's weights: W' = W + scale · B·A, computed in float32.</summary>
    /// <exception cref="ModelFormatException">The adapter's tensors do not fit the model.</exception>
    public void MergeInto(DecoderModel model)
    {
        using var session = OpenFor(model.Config);
        foreach (var slot in model.WeightSlots())
        {
            if (!session.Saved.TryGetValue(slot.Name, out var whole))
                continue;
            using var guard = no_grad();
            using var rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
            TensorBytes.Fill(rows, session.Weights.Pointer(whole), TensorBytes.ToTorch(whole.DataType)!.Value);
        }
        for (var i = 0; i < model.Config.Layers; i++)
            session.MergeInto(model.DecoderLayers[i], i);
    }

    /// <summary>Opens the weights and checks that every tensor has its place in models of this shape.</summary>
    /// <exception cref="ModelFormatException">The adapter's tensors do not fit the shape.</exception>
    public Session OpenFor(DecoderConfig config)
    {
        var weights = SafetensorsSet.Open(Folder, WeightsName);
        try
        {
            Dictionary<string, SafetensorsEntry> saved = new(StringComparer.Ordinal);
            return new Session(weights, Match(config, weights, saved), saved);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Attaches the adapter beside a model's weights, to be computed with them or trained further.</summary>
    public void AttachTo(DecoderModel model, string name, double dropout = 0)
    {
        if (MergesOnly)
        {
            throw new ModelFormatException(
                Folder,
                "the adapter has rank_pattern, alpha_pattern, use_dora or modules_to_save, and so can only be merged into the weights; set MergeAdapters to true."
            );
        }
        using var session = OpenFor(model.Config);
        string[] targets = [.. session.Pairs.Keys.Select(place => place[(place.LastIndexOf('.') + 1)..]).Distinct()];
        model.AttachAdapter(new LoraAdapterOptions(name, Rank, Alpha, dropout, targets, RankStabilized));
        using var guard = no_grad();
        for (var i = 0; i < model.Config.Layers; i++)
        {
            foreach ((var group, var projection) in model.DecoderLayers[i].Projections())
            {
                for (var part = 0; part < projection.Parts.Count; part++)
                {
                    if (!session.Pairs.TryGetValue(DecoderShape.Place(i, group, projection.Parts[part].Name), out var pair))
                        continue;
                    var branch = projection.Branches[^1];
                    using var rows = branch.PartOfA(part);
                    TensorBytes.Fill(rows, session.Weights.Pointer(pair.A), TensorBytes.ToTorch(pair.A.DataType)!.Value);
                    TensorBytes.Fill(branch.B[part]!, session.Weights.Pointer(pair.B), TensorBytes.ToTorch(pair.B.DataType)!.Value);
                }
            }
        }
    }

    /// <summary>An adapter's open weights, to be merged into layers one at a time.</summary>
    internal sealed class Session(
        SafetensorsSet weights,
        IReadOnlyDictionary<string, LoraPair> pairs,
        IReadOnlyDictionary<string, SafetensorsEntry> saved
    ) : IDisposable
    {
        public SafetensorsSet Weights => weights;

        /// <summary>A and B by the projection's place, for example layers.0.self_attn.q_proj.</summary>
        public IReadOnlyDictionary<string, LoraPair> Pairs => pairs;

        /// <summary>Tensors that take the place of the model's own (modules_to_save), by the model's names.</summary>
        public IReadOnlyDictionary<string, SafetensorsEntry> Saved => saved;

        /// <summary>Adds the update of one layer.</summary>
        public void MergeInto(DecoderLayer layer, int index)
        {
            using var guard = no_grad();
            foreach ((var group, var projection) in layer.Projections())
            {
                foreach (var part in projection.Parts)
                {
                    if (!pairs.TryGetValue(DecoderShape.Place(index, group, part.Name), out var pair))
                        continue;
                    using var scope = NewDisposeScope();
                    using Scalar factor = pair.Scale;
                    var delta = ToTensor(pair.B).matmul(ToTensor(pair.A)).mul(factor);
                    var rows = projection.Weight.narrow(0, part.Offset, part.Rows);
                    var merged = rows.to(ScalarType.Float32).add(delta.to(rows.device));
                    if (pair.Magnitude is not null)
                        merged = merged.mul(ToTensor(pair.Magnitude).to(rows.device).view(-1, 1)).div(merged.norm(1, keepdim: true, p: 2));
                    rows.copy_(merged);
                }
            }
        }

        /// <summary>Adds the update of one projection to its weights in memory.</summary>
        /// <param name="place">The projection; nothing happens if the adapter does not cover it.</param>
        /// <param name="weight">(rows, inputs), contiguous</param>
        public unsafe void MergeInto(string place, float* weight)
        {
            if (!pairs.TryGetValue(place, out var pair))
                return;
            float[] a = WeightReader.ReadArray(weights, pair.A),
                b = WeightReader.ReadArray(weights, pair.B);
            var magnitude = pair.Magnitude is null ? null : WeightReader.ReadArray(weights, pair.Magnitude);
            int rank = (int)pair.A.Shape[0],
                inputs = (int)pair.A.Shape[1];
            Parallel.For(
                0,
                (int)pair.B.Shape[0],
                row =>
                {
                    Span<float> target = new(weight + (nint)row * inputs, inputs);
                    for (var j = 0; j < rank; j++)
                        TensorPrimitives.MultiplyAdd(a.AsSpan(j * inputs, inputs), (float)(pair.Scale * b[row * rank + j]), target, target);
                    if (magnitude is not null)
                        TensorPrimitives.Multiply(target, magnitude[row] / TensorPrimitives.Norm(target), target);
                }
            );
        }

        /// <summary>Reads a whole tensor that takes the place of the model's; false if the adapter has none of this name.</summary>
        public unsafe bool TryReadSaved(string name, float* target)
        {
            if (!saved.TryGetValue(name, out var entry))
                return false;
            WeightReader.Read(weights, entry, target);
            return true;
        }

        public void Dispose() => weights.Dispose();

        private Tensor ToTensor(SafetensorsEntry entry)
        {
            var tensor = empty(entry.Shape, ScalarType.Float32);
            TensorBytes.Fill(tensor, weights.Pointer(entry), TensorBytes.ToTorch(entry.DataType)!.Value);
            return tensor;
        }
    }

    /// <summary>Writes an attached adapter as a PEFT folder in float32.</summary>
    /// <param name="model">The model it is attached to.</param>
    /// <param name="name">The adapter's name there.</param>
    /// <param name="folder">The folder, made if missing.</param>
    /// <param name="baseModel">What goes into base_model_name_or_path.</param>
    public static void Save(DecoderModel model, string name, string folder, string baseModel)
    {
        Directory.CreateDirectory(folder);
        List<SafetensorsTensor> tensors = [];
        LoraAdapterOptions? options = null;
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            foreach ((var group, var projection) in model.DecoderLayers[layer].Projections())
            {
                if (projection.Branches.FirstOrDefault(b => b.Options.Name == name) is not LoraBranch branch)
                    continue;
                options = branch.Options;
                for (var i = 0; i < projection.Parts.Count; i++)
                {
                    if (branch.B[i] is not Tensor b)
                        continue;
                    var key = $"base_model.model.layers.{layer}.{group}{projection.Parts[i].Name}.lora_";
                    var part = i;
                    tensors.Add(
                        new SafetensorsTensor(
                            key + "A.weight",
                            SafetensorsDataType.Float32,
                            [options.Rank, projection.Inputs],
                            stream =>
                            {
                                using var a = branch.PartOfA(part);
                                TensorBytes.Write(a, ScalarType.Float32, stream);
                            }
                        )
                    );
                    tensors.Add(
                        new SafetensorsTensor(
                            key + "B.weight",
                            SafetensorsDataType.Float32,
                            b.shape,
                            stream => TensorBytes.Write(b, ScalarType.Float32, stream)
                        )
                    );
                }
            }
        }
        if (options is null)
            throw new ArgumentException($"There is no adapter '{name}' on this model.", nameof(name));
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName + ".safetensors"),
            tensors,
            new Dictionary<string, string> { ["format"] = "pt" }
        );
        WriteConfig(options, folder, baseModel);
    }

    private static void WriteConfig(LoraAdapterOptions options, string folder, string baseModel)
    {
        JsonFile.WriteObject(
            Path.Combine(folder, ConfigFileName),
            json =>
            {
                json.WriteString("peft_type", "LORA");
                json.WriteString("base_model_name_or_path", baseModel);
                json.WriteNull("task_type");
                json.WriteBoolean("inference_mode", true);
                json.WriteNumber("r", options.Rank);
                json.WriteNumber("lora_alpha", options.Alpha);
                json.WriteNumber("lora_dropout", options.Dropout);
                json.WriteBoolean("use_rslora", options.RankStabilized);
                json.WriteString("bias", "none");
                json.WriteStartArray("target_modules");
                foreach (
                    var target in options.Targets is { Count: > 0 } targets
                        ? targets
                        : ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
                )
                {
                    json.WriteStringValue(target);
                }
                json.WriteEndArray();
            }
        );
    }

    /// <summary>Pairs of A and B by the place of their projection; every tensor of the file must have its place.</summary>
    private Dictionary<string, LoraPair> Match(DecoderConfig config, SafetensorsSet weights, Dictionary<string, SafetensorsEntry> saved)
    {
        Dictionary<string, (int Rows, int Inputs)> places = new(StringComparer.Ordinal);
        for (var i = 0; i < config.Layers; i++)
        {
            foreach (var fused in DecoderShape.Projections(config))
            {
                foreach ((var part, var rows) in fused.Parts)
                    places.Add(DecoderShape.Place(i, fused.Prefix, part), (rows, fused.Inputs));
            }
        }
        Dictionary<(string Place, string Side), SafetensorsEntry> found = [];
        foreach (var entry in weights.Entries.Values)
        {
            if (!entry.DataType.IsFloat())
            {
                throw new ModelFormatException(
                    weights.Path,
                    $"tensor '{entry.Name}' is of type {entry.DataType.FormatName()}; F32, F16 and BF16 are supported."
                );
            }
            var match = KeyPattern().Match(entry.Name);
            var place = match.Groups["place"].Value;
            if (match.Success && places.ContainsKey(place))
            {
                found[(place, match.Groups["side"].Value)] = entry;
            }
            else if (!SavesModules || !TrySave(config, weights, entry, saved))
            {
                throw new ModelFormatException(
                    weights.Path,
                    $"tensor '{entry.Name}' belongs to nothing that the model has; the adapter is for another architecture or size, that is for another model."
                );
            }
        }
        if (found.Count == 0 && saved.Count == 0)
            throw new ModelFormatException(weights.Path, "the adapter holds no tensors.");
        Dictionary<string, LoraPair> pairs = new(StringComparer.Ordinal);
        foreach (var place in found.Keys.Select(key => key.Place).Distinct())
        {
            SafetensorsEntry a = Side("lora_A"),
                b = Side("lora_B");
            double rank = Value(_ranks, place) ?? Rank,
                alpha = Value(_alphas, place) ?? Alpha;
            Check(weights, a, [(long)rank, places[place].Inputs]);
            Check(weights, b, [places[place].Rows, (long)rank]);
            SafetensorsEntry? magnitude = null;
            if (_config.Flag("use_dora") is true)
            {
                magnitude = Side("lora_magnitude_vector");
                if (magnitude.ElementCount != places[place].Rows)
                    Check(weights, magnitude, [places[place].Rows]);
            }
            else if (found.ContainsKey((place, "lora_magnitude_vector")))
            {
                throw new ModelFormatException(
                    weights.Path,
                    $"there is a magnitude of '{place}', but {ConfigFileName} does not say 'use_dora'."
                );
            }
            pairs.Add(place, new LoraPair(a, b, alpha / (RankStabilized ? Math.Sqrt(rank) : rank), magnitude));

            SafetensorsEntry Side(string side) =>
                found.TryGetValue((place, side), out var entry)
                    ? entry
                    : throw new ModelFormatException(weights.Path, $"{side} of '{place}' is missing.");
        }
        return pairs;
    }

    /// <summary>A whole tensor of modules_to_save, by the model's name.</summary>
    private static bool TrySave(
        DecoderConfig config,
        SafetensorsSet weights,
        SafetensorsEntry entry,
        Dictionary<string, SafetensorsEntry> saved
    )
    {
        var name = entry
            .Name.Replace(".modules_to_save.default", "", StringComparison.Ordinal)
            .Replace(".modules_to_save", "", StringComparison.Ordinal);
        const string Prefix = "base_model.model.";
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
            name = name[Prefix.Length..];
        foreach (
            (var own, var shape) in DecoderShape
                .Tensors(config, withHead: true)
                .Append(("lm_head.weight", [config.VocabularySize, config.HiddenSize]))
        )
        {
            if (own != name && own != "model." + name)
                continue;
            Check(weights, entry, shape);
            saved[own] = entry;
            return true;
        }
        return false;
    }

    /// <summary>A pattern's keys are regular expressions that must match the end of a module's name, from a dot on, or the whole.</summary>
    private static List<(Regex Name, double Value)> Patterns(JsonFile config, string field)
    {
        List<(Regex, double)> patterns = [];
        if (config.Field(field) is not JsonElement values)
            return patterns;
        if (values.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(config.Path, $"'{field}' is not a JSON object.");
        foreach (var property in values.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Number || property.Value.GetDouble() is not (> 0 and < 1e6 and double value))
                throw new ModelFormatException(config.Path, $"'{field}.{property.Name}' is not a positive number.");
            try
            {
                patterns.Add((new Regex($@"^(.*\.)?({property.Name})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)), value));
            }
            catch (ArgumentException e)
            {
                throw new ModelFormatException(config.Path, $"'{field}.{property.Name}' is not a regular expression: {e.Message}", e);
            }
        }
        return patterns;
    }

    private static double? Value(IReadOnlyList<(Regex Name, double Value)> patterns, string place)
    {
        foreach ((var name, var value) in patterns)
        {
            if (name.IsMatch("model." + place))
                return value;
        }
        return null;
    }

    private static void Check(SafetensorsSet weights, SafetensorsEntry entry, long[] shape)
    {
        if (!entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new ModelFormatException(
                weights.Path,
                $"tensor '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}], but this model and rank need [{string.Join(", ", shape)}]; the adapter is for another model."
            );
        }
    }

    [GeneratedRegex(
        @"^(base_model\.model\.)?(model\.)?(?<place>layers\.\d+\.[A-Za-z_]+\.[A-Za-z_]+)\.(?<side>lora_A|lora_B|lora_magnitude_vector)(\.default)?(\.weight)?$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex KeyPattern();
}
