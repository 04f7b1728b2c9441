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

/// <summary>
/// The fvecs and ivecs formats of the TEXMEX data sets: per row an int32 with the number of components, then the components, little-endian.
/// </summary>
internal static class VectorFile
{
    /// <summary>Reads a file into memory.</summary>
    public static VectorSet ReadFloats(string path)
    {
        VectorSet? all = null;
        foreach (var block in ReadBlocks(path, int.MaxValue))
            all = block;
        return all!;
    }

    /// <summary>Reads a file in blocks of at most so many rows (fewer at the end), each a set of its own.</summary>
    public static IEnumerable<VectorSet> ReadBlocks(string path, int rows)
    {
        (var dimension, var count) = Shape(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        for (var start = 0; start < count; start += rows)
        {
            var n = Math.Min(rows, count - start);
            var values = new float[(long)n * dimension];
            for (var i = 0; i < n; i++)
            {
                file.Seek(sizeof(int), SeekOrigin.Current);
                file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(i * dimension, dimension)));
            }
            yield return new VectorSet(values, dimension);
            if (count - start <= rows)
                break;
        }
    }

    /// <summary>Dimension and number of rows of a file.</summary>
    public static (int Dimension, int Count) Shape(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[sizeof(int)];
        var dimension =
            file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length
                ? BinaryPrimitives.ReadInt32LittleEndian(bytes)
                : 0;
        if (dimension <= 0 || file.Length % (4L + 4L * dimension) != 0)
            throw new InvalidDataException($"{path} is not a file of equally long vectors in the fvecs or ivecs format.");
        return (dimension, (int)(file.Length / (4L + 4L * dimension)));
    }

    public static int[][] ReadIntegers(string path)
    {
        (var dimension, var count) = Shape(path);
        var bytes = File.ReadAllBytes(path);
        var rows = new int[count][];
        for (var i = 0; i < count; i++)
            rows[i] = MemoryMarshal.Cast<byte, int>(bytes.AsSpan((int)(i * (4L + 4 * dimension)) + 4, 4 * dimension)).ToArray();
        return rows;
    }

    public static void Write(string path, VectorSet set)
    {
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        for (var i = 0; i < set.Count; i++)
        {
            WriteLength(file, set.Dimension);
            file.Write(MemoryMarshal.AsBytes(set.Row(i)));
        }
    }

    public static void Write(string path, int[][] rows)
    {
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        foreach (var row in rows)
        {
            WriteLength(file, row.Length);
            file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    private static void WriteLength(Stream file, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        file.Write(bytes);
    }
}
