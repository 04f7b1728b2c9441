using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SearchEngine.Training;

/// <summary>
/// What makes a run the run it is: its step, the settings that data and weights depend on, and a hash of each data file and of the base. A
/// resumed run
/// must be the same; what may change between two parts of one run (rates, numbers of steps, dropout, precision, device) is not in it. Kept
/// as run.json
/// in the output folder, written with the first checkpoint.
/// </summary>
internal static class RunIdentity
{
    public const string FileName = "run.json";

    /// <summary>Settings that a resumed run may have changed.</summary>
    private static readonly string[] Changeable =
    [
        "output",
        "steps",
        "learningRate",
        "embeddingLearningRateScale",
        "warmupSteps",
        "decay",
        "beta1",
        "beta2",
        "epsilon",
        "weightDecay",
        "clipNorm",
        "device",
        "bf16",
        "gradientCheckpointing",
        "checkpointEvery",
        "logEvery",
        "timeLimitMinutes",
        "attentionDropout",
        "microBatchSize",
        "cache",
        "overwrite",
        "model",
        "newModel",
        "data",
        "lora",
        "pairs",
        "teachers",
    ];

    /// <summary>The identity as names and values.</summary>
    public static SortedDictionary<string, string> Of(TrainingConfig config)
    {
        var identity = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["step"] = config.GetType().Name[..^"Config".Length].ToLowerInvariant(),
        };
        foreach (var (name, value) in JsonNode.Parse(config.ToJson())!.AsObject())
        {
            if (!Changeable.Contains(name, StringComparer.Ordinal))
                identity[name] = value?.ToJsonString() ?? "null";
        }

        if (config.NewModel is { } shape)
        {
            identity["newModel"] = JsonSerializer
                .Serialize(shape with { Tokenizer = "" }, TrainingConfig.JsonOptions)
                .ReplaceLineEndings(" ");
        }
        if (config.Model is { } model)
            identity["base model"] = HashOfFolder(config.Resolve(model));
        for (var i = 0; i < config.Data.Count; i++)
            identity[$"data source {i + 1}"] = HashOfSource(config.Data[i], config);
        if (config is DistillConfig { Pairs: { } pairs })
        {
            identity["pairs"] = JsonSerializer.Serialize(pairs with { Data = [] }, TrainingConfig.JsonOptions).ReplaceLineEndings(" ");
            for (var i = 0; i < pairs.Data.Count; i++)
                identity[$"pairs source {i + 1}"] = HashOfSource(pairs.Data[i], config);
        }

        return identity;
    }

    /// <summary>Writes the identity of a run that begins.</summary>
    public static void Write(string output, SortedDictionary<string, string> identity) =>
        File.WriteAllText(Path.Combine(output, FileName), JsonSerializer.Serialize(identity, TrainingConfig.JsonOptions));

    /// <summary>
    /// Refuses to go on with a run that was another one. A folder from before identities were written has none to compare.
    /// </summary>
    /// <exception cref="TrainingException">The message names the first difference.</exception>
    public static void Verify(string output, SortedDictionary<string, string> identity)
    {
        var path = Path.Combine(output, FileName);
        if (!File.Exists(path))
            return;
        SortedDictionary<string, string> written;
        try
        {
            written = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (JsonException e)
        {
            throw new TrainingException(
                $"'{path}', which says what run the folder holds, is damaged ({e.Message}). Restore it, or delete it if you are sure that nothing has changed.",
                e
            );
        }

        foreach (var name in identity.Keys.Union(written.Keys).Order(StringComparer.Ordinal))
        {
            var (then, now) = (written.GetValueOrDefault(name, "none"), identity.GetValueOrDefault(name, "none"));
            if (then != now)
            {
                throw new TrainingException(
                    $"The run in '{output}' had another '{name}' ({Shorten(then)}, now {Shorten(now)}): going on would mix two runs. Restore it, or choose another 'output'."
                );
            }
        }
    }

    private static string HashOfSource(DataSource source, TrainingConfig config)
    {
        var path = config.Resolve(source.Path);
        var settings = JsonSerializer.Serialize(source with { Path = "", Name = null, License = null }, TrainingConfig.JsonOptions);
        return Hash(hash =>
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(settings));
            AppendFile(hash, path);
        });
    }

    /// <summary>All weights and the adapter's, if the folder holds one.</summary>
    private static string HashOfFolder(string folder) =>
        Hash(hash =>
        {
            if (!Directory.Exists(folder))
                return;
            foreach (
                var file in Directory
                    .EnumerateFiles(folder, "*.safetensors")
                    .Append(Path.Combine(folder, "config.json"))
                    .Order(StringComparer.Ordinal)
            )
            {
                AppendFile(hash, file);
            }
        });

    private static string Hash(Action<IncrementalHash> append)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        append(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void AppendFile(IncrementalHash hash, string path)
    {
        if (!File.Exists(path))
            return;
        using var stream = File.OpenRead(path);
        hash.AppendData(SHA256.HashData(stream));
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
