using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace SearchEngine.Embeddings.Weights;

/// <summary>Writes float32 elements in the types that weights have in files.</summary>
internal static class WeightWriter
{
    private const int ChunkElements = 1 << 20;

    /// <summary>Writes elements rounded to the nearest of the type (ties to even).</summary>
    /// <param name="source">The elements.</param>
    /// <param name="count">How many.</param>
    /// <param name="type">float32, float16 or bfloat16.</param>
    /// <param name="stream">Takes count × element size bytes, little-endian.</param>
    public static unsafe void Write(float* source, long count, SafetensorsDataType type, Stream stream)
    {
        var chunk = new ushort[Math.Min(count, type == SafetensorsDataType.Float32 ? 0 : ChunkElements)];
        for (long done = 0; done < count; done += ChunkElements)
        {
            // SAFETY: the caller vouches for count readable elements; the span stays within them.
            ReadOnlySpan<float> from = new(source + done, (int)Math.Min(ChunkElements, count - done));
            switch (type)
            {
                case SafetensorsDataType.Float32:
                    stream.Write(MemoryMarshal.AsBytes(from));
                    continue;
                case SafetensorsDataType.Float16:
                    TensorPrimitives.ConvertToHalf(from, MemoryMarshal.Cast<ushort, Half>(chunk.AsSpan()));
                    break;
                case SafetensorsDataType.BFloat16:
                    for (var i = 0; i < from.Length; i++)
                        chunk[i] = ToBFloat16(from[i]);
                    break;
                default:
                    throw new ArgumentException(
                        $"Weights of type {type.FormatName()} are not written; F32, F16 and BF16 are.",
                        nameof(type)
                    );
            }
            stream.Write(MemoryMarshal.AsBytes(chunk.AsSpan(0, from.Length)));
        }
    }

    /// <summary>The upper half, rounded to even by the lower; what is not a number stays one.</summary>
    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
