using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// A hash that tells whether two models make comparable document vectors: weights, adapters, shape, tokenizer, pooling, attention,
/// normalisation, dimensions and document prompt go in; device, data type, query prompt, maximum length and the path do not.
/// </summary>
internal static class ModelFingerprint
{
    /// <summary>Tensors up to this many bytes are hashed whole; of larger ones, evenly spread samples of as many bytes together.</summary>
    private const long WholeTensorBytes = 256 << 10;

    private const int SampleBytes = 1 << 14;

    /// <summary>64 hexadecimal digits.</summary>
    /// <param name="weightFiles">Folder and name ("model", "adapter_model") of every weights file, in order.</param>
    /// <param name="description">All else that vectors depend on, as text.</param>
    public static string Compute(IEnumerable<(string Folder, string Name)> weightFiles, string description)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, description);
        foreach ((var folder, var name) in weightFiles)
        {
            using var weights = SafetensorsSet.Open(folder, name);
            foreach (var entry in weights.Stored.Values.OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                Append(hash, $"{entry.Name} {entry.Describe()}");
                AppendTensor(hash, weights.Pointer(entry), entry.Length);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static unsafe void AppendTensor(IncrementalHash hash, nint start, long length)
    {
        if (length <= WholeTensorBytes)
        {
            // SAFETY: the safetensors header check put the tensor's bytes inside the mapping.
            hash.AppendData(new ReadOnlySpan<byte>((void*)start, (int)length));
            return;
        }
        const int Samples = (int)(WholeTensorBytes / SampleBytes);
        for (var i = 0; i < Samples; i++)
        {
            var offset = (length - SampleBytes) / (Samples - 1) * i;

            // SAFETY: offset + SampleBytes does not pass the tensor's length.
            hash.AppendData(new ReadOnlySpan<byte>((byte*)start + offset, SampleBytes));
        }
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
