using System.Runtime.InteropServices;

namespace SearchEngine.Distributed.Silo;

/// <summary>Bytes as the array that Orleans sends.</summary>
internal static class WholeArray
{
    /// <summary>The array itself where the bytes are all of one, else a copy.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array) && array.Offset == 0 && array.Count == array.Array!.Length
            ? array.Array
            : bytes.ToArray();
}
