using System.Numerics;
using System.Numerics.Tensors;

namespace SearchEngine.Embeddings;

/// <summary>Reads checkpoint tensors as float32 without libtorch.</summary>
internal static class WeightReader
{
    private const int ChunkElements = 1 << 24;

    /// <summary>Converts a tensor of any float type of the format.</summary>
    /// <param name="weights">The open file.</param>
    /// <param name="entry">The tensor.</param>
    /// <param name="target">Room for all its elements.</param>
    /// <exception cref="ModelFormatException">The tensor is of another type.</exception>
    public static unsafe void Read(SafetensorsSet weights, SafetensorsEntry entry, float* target)
    {
        var source = (byte*)weights.Pointer(entry);
        var size = entry.DataType.ElementSize();
        for (long done = 0; done < entry.ElementCount; done += ChunkElements)
        {
            var count = (int)Math.Min(ChunkElements, entry.ElementCount - done);
            var from = source + done * size;
            Span<float> to = new(target + done, count);

            // SAFETY: the header check put the entry's bytes inside the mapping; the caller vouches for the target.
            switch (entry.DataType)
            {
                case SafetensorsDataType.Float32:
                    new ReadOnlySpan<byte>(from, count * sizeof(float)).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(to));
                    break;
                case SafetensorsDataType.Float16:
                    TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(from, count), to);
                    break;
                case SafetensorsDataType.BFloat16:
                    WidenBFloat16(new ReadOnlySpan<ushort>(from, count), to);
                    break;
                case SafetensorsDataType.Float64:
                    TensorPrimitives.ConvertSaturating(new ReadOnlySpan<double>(from, count), to);
                    break;
                default:
                    throw new ModelFormatException(
                        weights.Path,
                        $"tensor '{entry.Name}' is of type {entry.DataType.FormatName()}; F32, F16 and BF16 are supported."
                    );
            }
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
