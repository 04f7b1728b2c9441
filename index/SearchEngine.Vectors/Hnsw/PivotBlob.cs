using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Pivots as they are stored in slot -2, little-endian: magic "SEVP", version u8, complete u8, two bytes of zero, dimension i32, pivots
/// i32, vectors in
/// the index when they were chosen i32, bits of a sketch i32, then the pivots' ordinals i32, their sketches in blocks (see
/// <see cref="SketchKernels"/>) u64, and the centre f32.
/// </summary>
internal static class PivotBlob
{
    public const int Slot = -2;
    private const uint Magic = 0x50564553;
    private const byte Version = 1;
    private const int FixedBytes = 24;

    public static byte[] Write(PivotSet pivots, OrdinalMap map)
    {
        int n = pivots.Nodes.Length,
            sketches = pivots.Sketches.Length * sizeof(ulong);
        var bytes = new byte[FixedBytes + sizeof(int) * n + sketches + sizeof(float) * pivots.Centre.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        (bytes[4], bytes[5]) = (Version, pivots.IsComplete ? (byte)1 : (byte)0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), pivots.Centre.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), n);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), pivots.ChosenAmong);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), PivotSet.Bits);
        var rest = bytes.AsSpan(FixedBytes);
        for (var i = 0; i < n; i++)
            BinaryPrimitives.WriteInt32LittleEndian(rest[(sizeof(int) * i)..], map.OrdinalOf(pivots.Nodes[i]));
        rest = rest[(sizeof(int) * n)..];
        for (var i = 0; i < pivots.Sketches.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(rest[(sizeof(ulong) * i)..], pivots.Sketches[i]);
        rest = rest[sketches..];
        for (var i = 0; i < pivots.Centre.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(rest[(sizeof(float) * i)..], pivots.Centre[i]);
        return bytes;
    }

    /// <summary>
    /// The pivots of an index whose nodes are ordinals; null when the blob is no such thing, and pivots must be chosen anew.
    /// </summary>
    public static PivotSet? Read(ReadOnlySpan<byte> bytes, int dimension, int slots)
    {
        if (
            bytes.Length < FixedBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || bytes[4] != Version
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != dimension
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]) != PivotSet.Bits
        )
        {
            return null;
        }
        var n = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        var blocks = ((long)n + SketchKernels.BlockSize - 1) / SketchKernels.BlockSize;
        var expected =
            FixedBytes + sizeof(int) * (long)n + blocks * SketchKernels.BlockWords * sizeof(ulong) + sizeof(float) * (long)dimension;
        if (n < 1 || bytes.Length != expected)
            return null;
        var nodes = new int[n];
        var sketches = GC.AllocateArray<ulong>((int)blocks * SketchKernels.BlockWords, pinned: true);
        var centre = new float[dimension];
        var rest = bytes[FixedBytes..];
        Fill(nodes, ref rest);
        Fill(sketches, ref rest);
        Fill(centre, ref rest);
        if (nodes.AsSpan().ContainsAnyExceptInRange(0, slots - 1))
            return null;
        return new PivotSet(nodes, sketches, centre, bytes[5] != 0, BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]));
    }

    private static void Fill<T>(T[] values, ref ReadOnlySpan<byte> from)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        from[..bytes.Length].CopyTo(bytes);
        from = from[bytes.Length..];
        if (!BitConverter.IsLittleEndian)
        {
            var size = bytes.Length / values.Length;
            for (var at = 0; at < bytes.Length; at += size)
                bytes.Slice(at, size).Reverse();
        }
    }
}
