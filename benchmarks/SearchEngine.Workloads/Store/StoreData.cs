using System.Buffers.Binary;

namespace SearchEngine.Workloads.Store;

/// <summary>The records of the store benchmarks: 600 bytes and a vector of 384 dimensions each.</summary>
internal static class StoreData
{
    public const int RecordBytes = 600;
    public const int Dimensions = 384;
    public const int VectorBytes = Dimensions * sizeof(float);
    public const int PairBytes = sizeof(int) + RecordBytes + VectorBytes;

    private static readonly byte[] Pool = CreatePool();

    /// <summary>Key, record and vector of a number in one entry.</summary>
    public static void Write(Span<byte> pair, int number, int version)
    {
        BinaryPrimitives.WriteInt32LittleEndian(pair, number);
        Record(number, version).CopyTo(pair[sizeof(int)..]);
        Vector(number, version).CopyTo(pair[(sizeof(int) + RecordBytes)..]);
    }

    public static ReadOnlySpan<byte> Record(int number, int version) => Pool.AsSpan(Start(number, version), RecordBytes);

    public static ReadOnlySpan<byte> Vector(int number, int version) => Pool.AsSpan(Start(number, version) + RecordBytes, VectorBytes);

    private static int Start(int number, int version) =>
        (int)(((uint)number * 2654435761u + (uint)version * 40503u) % (uint)(Pool.Length - RecordBytes - VectorBytes));

    private static byte[] CreatePool()
    {
        var pool = new byte[1 << 20];
        new Random(1).NextBytes(pool);
        return pool;
    }
}
