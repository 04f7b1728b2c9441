using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SearchEngine.DatabaseComparison.Data;

/// <summary>The fvecs format: per row an int32 with the number of components, then the components, little-endian.</summary>
internal static class VectorFile
{
    public static float[] Read(string path, out int dimension)
    {
        var bytes = File.ReadAllBytes(path);
        dimension = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var rowBytes = 4 * (dimension + 1);
        var values = new float[(long)bytes.Length / rowBytes * dimension];
        for (var i = 0; i < values.Length / dimension; i++)
            bytes.AsSpan(i * rowBytes + 4, 4 * dimension).CopyTo(MemoryMarshal.AsBytes(values.AsSpan(i * dimension, dimension)));
        return values;
    }

    /// <summary>Reads the first row alone.</summary>
    public static float[] ReadFirst(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> length = stackalloc byte[4];
        file.ReadExactly(length);
        var values = new float[BinaryPrimitives.ReadInt32LittleEndian(length)];
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public static void Write(string path, ReadOnlySpan<float> values, int dimension)
    {
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, dimension);
        for (var i = 0; i < values.Length; i += dimension)
        {
            file.Write(length);
            file.Write(MemoryMarshal.AsBytes(values.Slice(i, dimension)));
        }
    }
}
