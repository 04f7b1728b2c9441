using SearchEngine.Embeddings.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>Copies between tensors and the raw little-endian elements of checkpoint files, some megabytes at a time.</summary>
internal static class TensorBytes
{
    /// <summary>
    /// Elements of one copy: a fourth of a megabyte per million would be waste, a gigabyte would be a second copy of the weights.
    /// </summary>
    private const long ChunkElements = 4 << 20;

    /// <summary>The torch type of a float type of the file format, or null for a type that weights do not have.</summary>
    public static ScalarType? ToTorch(SafetensorsDataType type) =>
        type switch
        {
            SafetensorsDataType.Float32 => ScalarType.Float32,
            SafetensorsDataType.Float16 => ScalarType.Float16,
            SafetensorsDataType.BFloat16 => ScalarType.BFloat16,
            SafetensorsDataType.Float64 => ScalarType.Float64,
            _ => null,
        };

    /// <summary>The file format's type of a torch float type.</summary>
    public static SafetensorsDataType ToFile(ScalarType type) =>
        type switch
        {
            ScalarType.Float32 => SafetensorsDataType.Float32,
            ScalarType.Float16 => SafetensorsDataType.Float16,
            ScalarType.BFloat16 => SafetensorsDataType.BFloat16,
            _ => throw new ArgumentException($"Weights of type {type} are not written; float32, float16 and bfloat16 are.", nameof(type)),
        };

    /// <summary>Fills a contiguous tensor of any float type, on any device, from a checkpoint's; a quantized one by way of float32.</summary>
    /// <param name="target">A contiguous tensor, or a view of whole rows of one.</param>
    /// <param name="weights">The open file.</param>
    /// <param name="entry">A tensor of a float type, or a quantized weight, with as many elements as the target.</param>
    public static unsafe void Fill(Tensor target, SafetensorsSet weights, SafetensorsEntry entry)
    {
        if (entry is QuantizedEntry quantized)
        {
            using AlignedBuffer wide = new((nint)entry.ElementCount);
            QuantizedReader.Read(weights, quantized, wide.Start);
            Fill(target, (nint)wide.Start, ScalarType.Float32);
            return;
        }
        Fill(target, weights.Pointer(entry), ToTorch(entry.DataType)!.Value);
    }

    /// <summary>Fills a contiguous tensor of any float type, on any device, from elements in memory.</summary>
    /// <param name="target">A contiguous tensor, or a view of whole rows of one.</param>
    /// <param name="source">Address of the first element.</param>
    /// <param name="type">The elements' type.</param>
    public static unsafe void Fill(Tensor target, nint source, ScalarType type)
    {
        using var guard = no_grad();
        using var flat = target.view(-1);
        var elements = flat.shape[0];
        var size = (int)type.ElementSize();
        var direct = target.device_type == DeviceType.CPU && target.dtype == type;
        using var staging = direct ? null : empty([Math.Min(elements, ChunkElements)], type);
        for (long done = 0; done < elements; done += ChunkElements)
        {
            var count = Math.Min(ChunkElements, elements - done);
            using var place = flat.narrow(0, done, count);
            using var stage = staging?.narrow(0, 0, count);

            // SAFETY: the caller vouches for as many elements at source as the tensor has.
            new ReadOnlySpan<byte>((byte*)source + done * size, checked((int)(count * size))).CopyTo((stage ?? place).bytes);
            if (stage is not null)
                place.copy_(stage);
        }
    }

    /// <summary>Writes a tensor's elements, converted to <paramref name="type"/>, row-major.</summary>
    public static void Write(Tensor source, ScalarType type, Stream stream)
    {
        using var guard = no_grad();
        using var flat = source.reshape(-1);
        var elements = flat.shape[0];
        for (long done = 0; done < elements; done += ChunkElements)
        {
            using var scope = NewDisposeScope();
            var chunk = flat.narrow(0, done, Math.Min(ChunkElements, elements - done)).detach().to(CPU).to(type).contiguous();
            stream.Write(chunk.bytes);
        }
    }
}
