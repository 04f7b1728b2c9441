using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>What packed weights are made of: a model's files, and the form that is made of them.</summary>
/// <param name="Folder">Base and adapters, which are merged.</param>
/// <param name="Config">The shape.</param>
/// <param name="Int8">Eight-bit linear maps.</param>
internal sealed unsafe record PackedSource(ModelFolder Folder, IModelConfig Config, bool Int8)
{
    /// <summary>
    /// Goes up with every change of what is made of a checkpoint: <see cref="PackedPanels"/>, <see cref="EightBit.Int8Panels"/>, rounding,
    /// merging, which rows are scaled, the sections' names. A test holds the bytes against this number.
    /// </summary>
    public const int Version = 1;

    /// <summary>The form, for people and as a part of the key: float panels are as wide as the kernel's vectors.</summary>
    public string Form => Int8 ? "int8" : $"float32 {FloatKernels.Best.Name}";

    /// <summary>The model's name, for people.</summary>
    public string Model => Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder.Path));

    /// <summary>About how much is made, and of how many tensors: nothing of weights that lie in their file as the kernels read them.</summary>
    /// <exception cref="ModelFormatException">There are no weights, or they are damaged.</exception>
    public (long Bytes, int Tensors) Size()
    {
        using var weights = SafetensorsSet.Open(Folder.BaseFolder);
        var made = weights.Entries.Values.Where(entry =>
            entry.Shape.Length == 2 && IsOfLayer(entry.Name) && !(Int8 && CpuLinears.IsPacked(entry))
        );
        return (made.Sum(entry => entry.ElementCount * (Int8 ? sizeof(byte) : sizeof(float))), weights.Entries.Count);
    }

    /// <summary>
    /// 32 hexadecimal digits over every byte of the weights and of what else goes into the packed form. Neither names nor times of files
    /// do: what is unpacked in a container has made-up times, and two trainings of one shape have files of one length.
    /// </summary>
    /// <exception cref="ModelFormatException">There are no weights, or they are damaged.</exception>
    public string Key()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, $"{Version}|{Form}|{Config.ModelType}|{Config.Identity}");
        if (Folder.Adapters.Count > 0)
            Append(hash, FloatKernels.Best.Name); // merging multiplies in float32
        Append(hash, Folder.BaseFolder, "model");
        foreach (var adapter in Folder.Adapters)
        {
            Append(hash, File.ReadAllBytes(Path.Combine(adapter, PeftAdapter.ConfigFileName)));
            Append(hash, adapter, PeftAdapter.WeightsName);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>Matrices of layers are linear maps; others are tables of tokens, positions and types.</summary>
    public static bool IsOfLayer(string name) =>
        name.Contains("layers.", StringComparison.Ordinal) || name.Contains("layer.", StringComparison.Ordinal);

    private static void Append(IncrementalHash hash, string folder, string name)
    {
        using var weights = SafetensorsSet.Open(folder, name);
        if (weights.Files.All(file => file.Path != weights.Path))
            Append(hash, File.ReadAllBytes(weights.Path)); // the index, which says what counts of each shard
        foreach (var file in weights.Files)
        {
            var (start, length) = file.Content;
            Append(hash, ContentHash.Of((byte*)start, length));
        }
    }

    private static void Append(IncrementalHash hash, string text) => Append(hash, Encoding.UTF8.GetBytes(text));

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
