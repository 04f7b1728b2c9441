using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SearchEngine.Workloads.Ann;

/// <summary>Vectors of one dimension, row-major.</summary>
internal sealed record VectorSet(float[] Values, int Dimension)
{
    public int Count => Values.Length / Dimension;

    public ReadOnlySpan<float> Row(int i) => Values.AsSpan(i * Dimension, Dimension);

    public ReadOnlyMemory<float> Rows(int from, int count) => Values.AsMemory(from * Dimension, count * Dimension);
}

/// <summary>The fvecs and ivecs formats of the TEXMEX data sets: per row an int32 with the number of components, then the components, little-endian.</summary>
internal static class VectorFile
{
    public static VectorSet ReadFloats(string path)
    {
        (byte[] bytes, int dimension, int count) = Read(path);
        float[] values = new float[(long)dimension * count];
        for (int i = 0; i < count; i++)
            MemoryMarshal.Cast<byte, float>(bytes.AsSpan((int)(i * (4L + 4 * dimension)) + 4, 4 * dimension)).CopyTo(values.AsSpan(i * dimension));
        return new VectorSet(values, dimension);
    }

    public static int[][] ReadIntegers(string path)
    {
        (byte[] bytes, int dimension, int count) = Read(path);
        int[][] rows = new int[count][];
        for (int i = 0; i < count; i++)
            rows[i] = MemoryMarshal.Cast<byte, int>(bytes.AsSpan((int)(i * (4L + 4 * dimension)) + 4, 4 * dimension)).ToArray();
        return rows;
    }

    public static void Write(string path, VectorSet set)
    {
        using FileStream file = File.Create(path);
        for (int i = 0; i < set.Count; i++)
        {
            WriteLength(file, set.Dimension);
            file.Write(MemoryMarshal.AsBytes(set.Row(i)));
        }
    }

    public static void Write(string path, int[][] rows)
    {
        using FileStream file = File.Create(path);
        foreach (int[] row in rows)
        {
            WriteLength(file, row.Length);
            file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    private static (byte[] Bytes, int Dimension, int Count) Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int dimension = bytes.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
        if (dimension <= 0 || bytes.Length % (4L + 4L * dimension) != 0)
            throw new InvalidDataException($"{path} is not a file of equally long vectors in the fvecs or ivecs format.");
        return (bytes, dimension, (int)(bytes.Length / (4L + 4L * dimension)));
    }

    private static void WriteLength(Stream file, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        file.Write(bytes);
    }
}
