using System.Runtime.InteropServices;

namespace SearchEngine.Embeddings;

/// <summary>
/// A tensor to be written by <see cref="SafetensorsWriter"/>: its description, and a callback that puts its bytes on a stream.
/// </summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DataType">The element type.</param>
/// <param name="Shape">The extents, outermost first; empty for a scalar.</param>
/// <param name="WriteTo">Writes exactly product(shape) × element size bytes, little-endian, row-major.</param>
internal sealed record SafetensorsTensor(string Name, SafetensorsDataType DataType, long[] Shape, Action<Stream> WriteTo)
{
    /// <summary>Where its first byte goes in the file: at a multiple of this power of two, up to 64.</summary>
    public int Alignment { get; init; } = DataType.ElementSize();

    /// <summary>A tensor whose bytes are in memory.</summary>
    public static SafetensorsTensor FromBytes(string name, SafetensorsDataType dataType, long[] shape, ReadOnlyMemory<byte> bytes) =>
        new(name, dataType, shape, stream => stream.Write(bytes.Span));

    /// <summary>A float32 tensor.</summary>
    public static SafetensorsTensor FromFloats(string name, long[] shape, float[] values) =>
        new(name, SafetensorsDataType.Float32, shape, stream => stream.Write(MemoryMarshal.AsBytes<float>(values)));

    /// <summary>
    /// A tensor in unmanaged memory, row-major without gaps, of any size; the memory must stay valid until the file is written.
    /// </summary>
    public static unsafe SafetensorsTensor FromPointer(
        string name,
        SafetensorsDataType dataType,
        long[] shape,
        nint start,
        long byteCount
    ) =>
        new(
            name,
            dataType,
            shape,
            stream =>
            {
                const int Chunk = 1 << 24;
                for (long done = 0; done < byteCount; done += Chunk)
                {
                    // SAFETY: the caller vouches for byteCount readable bytes at start; the chunk stays within them.
                    stream.Write(new ReadOnlySpan<byte>((byte*)start + done, (int)Math.Min(Chunk, byteCount - done)));
                }
            }
        );
}
