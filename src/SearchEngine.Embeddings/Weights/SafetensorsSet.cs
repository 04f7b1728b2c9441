using System.Collections.ObjectModel;
using System.Text.Json;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// The weights of a folder: one safetensors file, or the shards that an index file names. Thread-safe like
/// <see cref="SafetensorsFile"/>.
/// </summary>
internal sealed class SafetensorsSet : IDisposable
{
    private readonly List<SafetensorsFile> _files;
    private readonly Dictionary<string, SafetensorsFile> _fileOf;

    private SafetensorsSet(string path, List<SafetensorsFile> files, Dictionary<string, SafetensorsFile> fileOf)
    {
        Path = path;
        _files = files;
        _fileOf = fileOf;
        Stored = new ReadOnlyDictionary<string, SafetensorsEntry>(
            fileOf.ToDictionary(pair => pair.Key, pair => pair.Value.Entries[pair.Key], StringComparer.Ordinal)
        );
        Entries = QuantizedEntries.Join(path, Stored);
        Metadata = files.Count == 1 ? files[0].Metadata : ReadOnlyDictionary<string, string>.Empty;
    }

    /// <summary>The weights file, or the index file of the shards.</summary>
    public string Path { get; }

    /// <summary>The files underneath.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>The tensors of all files by the model's names; each quantized weight is one (<see cref="QuantizedEntry"/>).</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The tensors of all files by name, as they lie there.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Stored { get; }

    /// <summary>The header's text pairs of a single file; empty for shards.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>True if <paramref name="folder"/> holds <c>NAME.safetensors</c> or <c>NAME.safetensors.index.json</c>.</summary>
    public static bool Exists(string folder, string name = "model") =>
        File.Exists(SingleFile(folder, name)) || File.Exists(IndexFile(folder, name));

    /// <summary>Opens <c>NAME.safetensors</c>, or the shards of <c>NAME.safetensors.index.json</c>.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="name">"model", or "adapter_model" for a PEFT adapter.</param>
    /// <exception cref="ModelFormatException">There are no weights, a shard is missing, or a file is damaged.</exception>
    public static SafetensorsSet Open(string folder, string name = "model")
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var single = SingleFile(folder, name);
        if (File.Exists(single))
        {
            var file = SafetensorsFile.Open(single);
            return Make(single, [file], file.Entries.Keys.ToDictionary(key => key, _ => file, StringComparer.Ordinal));
        }
        var index = IndexFile(folder, name);
        if (File.Exists(index))
            return OpenShards(folder, index);
        if (!Directory.Exists(folder))
            throw new ModelFormatException(folder, "there is no such folder.");
        var pickled = Directory.EnumerateFiles(folder, "*.bin").Any() || Directory.EnumerateFiles(folder, "*.pt*").Any();
        var gguf = Directory.EnumerateFiles(folder, "*.gguf").Any();
        throw new ModelFormatException(
            folder,
            $"there is neither {name}.safetensors nor {name}.safetensors.index.json here."
                + (
                    pickled ? " " + ForeignFile.PickleAdvice
                    : gguf ? $" There is a .gguf file: {ForeignFile.GgufAdvice}"
                    : ""
                )
        );
    }

    /// <inheritdoc cref="SafetensorsFile.Bytes"/>
    public ReadOnlySpan<byte> Bytes(SafetensorsEntry entry) => FileOf(entry).Bytes(entry);

    /// <inheritdoc cref="SafetensorsFile.Pointer"/>
    public nint Pointer(SafetensorsEntry entry) => FileOf(entry).Pointer(entry);

    /// <summary>Unmaps all files.</summary>
    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    /// <summary>Opens a checkpoint for something that keeps it open, and closes it if that cannot be made.</summary>
    /// <inheritdoc cref="Open"/>
    public static T OpenFor<T>(string folder, Func<SafetensorsSet, T> make)
    {
        var weights = Open(folder);
        try
        {
            return make(weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Closes the files if they do not hold together.</summary>
    private static SafetensorsSet Make(string path, List<SafetensorsFile> files, Dictionary<string, SafetensorsFile> fileOf)
    {
        try
        {
            return new SafetensorsSet(path, files, fileOf);
        }
        catch
        {
            foreach (var file in files)
                file.Dispose();
            throw;
        }
    }

    private static string SingleFile(string folder, string name) => System.IO.Path.Combine(folder, name + ".safetensors");

    private static string IndexFile(string folder, string name) => SingleFile(folder, name) + ".index.json";

    private SafetensorsFile FileOf(SafetensorsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return _fileOf.TryGetValue(entry.Name, out var file)
            ? file
            : throw new ArgumentException($"Tensor '{entry.Name}' is not an entry of {Path}.", nameof(entry));
    }

    private static SafetensorsSet OpenShards(string folder, string index)
    {
        var shardOf = ReadWeightMap(index);
        Dictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);
        try
        {
            Dictionary<string, SafetensorsFile> fileOf = new(StringComparer.Ordinal);
            foreach ((var tensor, var shard) in shardOf)
            {
                if (!files.TryGetValue(shard, out var file))
                    files.Add(shard, file = OpenShard(folder, index, shard));
                if (!file.Entries.ContainsKey(tensor))
                {
                    throw new ModelFormatException(
                        file.Path,
                        $"the index puts tensor '{tensor}' into this shard, but it is not there; the shard belongs to another checkpoint or is damaged."
                    );
                }
                fileOf.Add(tensor, file);
            }
            return new SafetensorsSet(index, [.. files.Values], fileOf);
        }
        catch
        {
            foreach (var file in files.Values)
                file.Dispose();
            throw;
        }
    }

    private static SafetensorsFile OpenShard(string folder, string index, string shard)
    {
        if (shard != System.IO.Path.GetFileName(shard) || shard is "" or "." or ".." || shard.Contains('\\'))
            throw new ModelFormatException(index, $"the shard name '{shard}' is not a plain file name.");
        var path = System.IO.Path.Combine(folder, shard);
        if (!File.Exists(path))
        {
            throw new ModelFormatException(
                path,
                $"this shard of the checkpoint is missing ({System.IO.Path.GetFileName(index)} names it); fetch or copy it into the folder."
            );
        }
        return SafetensorsFile.Open(path);
    }

    private static Dictionary<string, string> ReadWeightMap(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(JsonFile.WithoutMark(File.ReadAllBytes(index)));
            if (
                document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object
            )
            {
                throw new ModelFormatException(index, "there is no object 'weight_map' in the index.");
            }
            Dictionary<string, string> shardOf = new(StringComparer.Ordinal);
            foreach (var property in map.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.String || !shardOf.TryAdd(property.Name, property.Value.GetString()!))
                    throw new ModelFormatException(index, $"'weight_map' has tensor '{property.Name}' twice or without a file name.");
            }
            if (shardOf.Count == 0)
                throw new ModelFormatException(index, "'weight_map' is empty.");
            return shardOf;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(index, $"the index is not valid JSON: {e.Message}", e);
        }
    }
}
