using System.IO.Hashing;

namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>
/// 128 bits over every byte of a stretch of memory: XXH128 of pieces, on all processors, and of their hashes in order. Any change of the
/// bytes changes it but for one chance in 2^128; it does not withstand somebody who makes two contents of one hash on purpose.
/// </summary>
internal static unsafe class ContentHash
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = 16;

    private const int PieceBytes = 4 << 20;

    /// <summary>The hash of <paramref name="length"/> bytes.</summary>
    public static byte[] Of(byte* start, long length)
    {
        var pieces = (int)Math.Max(1, (length + PieceBytes - 1) / PieceBytes);
        var hashes = new byte[pieces * Length];
        if (pieces == 1)
            One(0);
        else
            Parallel.For(0, pieces, One);
        return XxHash128.Hash(hashes);

        void One(int piece)
        {
            var from = (long)piece * PieceBytes;

            // SAFETY: the caller vouches for length readable bytes at start; the piece stays within them.
            ReadOnlySpan<byte> bytes = new(start + from, (int)Math.Min(PieceBytes, length - from));
            XxHash128.Hash(bytes, hashes.AsSpan(piece * Length, Length));
        }
    }
}
