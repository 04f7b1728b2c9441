using System.Numerics;
using System.Numerics.Tensors;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>Reads checkpoint tensors as float32 without libtorch.</summary>
internal static class WeightReader
{
    private const int ChunkElements = 1 << 24;

    /// <summary>Converts a tensor of any float type of the format, or a quantized weight.</summary>
    /// <param name="weights">The open file.</param>
    /// <param name="entry">The tensor.</param>
    /// <param name="target">Room for all its elements.</param>
    /// <exception cref="ModelFormatException">The tensor is of another type.</exception>
    public static unsafe void Read(SafetensorsSet weights, SafetensorsEntry entry, float* target)
    {
        if (entry is QuantizedEntry quantized)
        {
            QuantizedReader.Read(weights, quantized, target);
            return;
        }
        var source = (byte*)weights.Pointer(entry);
        var size = entry.DataType.ElementSize();
        for (long done = 0; done < entry.ElementCount; done += ChunkElements)
        {
            var count = (int)Math.Min(ChunkElements, entry.ElementCount - done);
            Convert(weights, entry, source + done * size, new Span<float>(target + done, count));
        }
    }

    /// <summary>Converts some elements of a tensor of any float type.</summary>
    /// <param name="weights">The open file.</param>
    /// <param name="entry">The tensor.</param>
    /// <param name="from">The first of them; as many as <paramref name="to"/> has lie there.</param>
    /// <param name="to">Gets them.</param>
    /// <exception cref="ModelFormatException">The tensor is of another type.</exception>
    public static unsafe void Convert(SafetensorsSet weights, SafetensorsEntry entry, byte* from, Span<float> to)
    {
        // SAFETY: the caller vouches for the elements; the header check put the entry's bytes inside the mapping.
        switch (entry.DataType)
        {
            case SafetensorsDataType.Float32:
                new ReadOnlySpan<byte>(from, to.Length * sizeof(float)).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(to));
                break;
            case SafetensorsDataType.Float16:
                TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(from, to.Length), to);
                break;
            case SafetensorsDataType.BFloat16:
                WidenBFloat16(new ReadOnlySpan<ushort>(from, to.Length), to);
                break;
            case SafetensorsDataType.Float64:
                TensorPrimitives.ConvertSaturating(new ReadOnlySpan<double>(from, to.Length), to);
                break;
            default:
                throw new ModelFormatException(
                    weights.Path,
                    $"tensor '{entry.Name}' is of type {entry.DataType.FormatName()}; F32, F16 and BF16 are supported."
                );
        }
    }

    /// <summary>Reads a tensor into a new array.</summary>
    public static unsafe float[] ReadArray(SafetensorsSet weights, SafetensorsEntry entry)
    {
        var values = new float[entry.ElementCount];
        fixed (float* target = values)
            Read(weights, entry, target);
        return values;
    }

    /// <summary>A bfloat16 is the upper half of a float32.</summary>
    private static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var i = 0;
        for (; i + Vector<ushort>.Count <= source.Length; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            Vector.AsVectorSingle(low << 16).CopyTo(target[i..]);
            Vector.AsVectorSingle(high << 16).CopyTo(target[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }
}
