using System.Text.Json;
using System.Text.RegularExpressions;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// A LoRA adapter in PEFT's folder layout: adapter_config.json and adapter_model.safetensors. Keys are
/// <c>base_model.model.layers.N.self_attn.q_proj.lora_A.weight</c>, with or without a second <c>model.</c>.
/// </summary>
internal sealed partial class PeftAdapter
{
    /// <summary>The configuration's name in an adapter folder.</summary>
    public const string ConfigFileName = "adapter_config.json";

    /// <summary>The weights' name in an adapter folder, without its end.</summary>
    public const string WeightsName = "adapter_model";

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

    /// <summary>The numerator of <see cref="Scale"/>.</summary>
    public double Alpha { get; private init; }

    /// <summary>Whether the scale is alpha / √rank (rsLoRA).</summary>
    public bool RankStabilized { get; private init; }

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

    /// <summary>Opens the weights and checks that every tensor has its place in models of this shape.</summary>
    /// <exception cref="ModelFormatException">The adapter's tensors do not fit the shape.</exception>
    public AdapterSession OpenFor(DecoderConfig config)
    {
        var weights = SafetensorsSet.Open(Folder, WeightsName);
        try
        {
            Dictionary<string, SafetensorsEntry> saved = new(StringComparer.Ordinal);
            return new AdapterSession(weights, Match(config, weights, saved), saved);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
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
