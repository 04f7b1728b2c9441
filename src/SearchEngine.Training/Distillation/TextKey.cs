using System.Security.Cryptography;
using System.Text;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Names a text in a teacher's cache: the first 16 bytes of the SHA-256 of what the teacher reads, its prompt included, in UTF-8.
/// </summary>
internal static class TextKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 16;

    /// <summary>The key of a text.</summary>
    public static UInt128 Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
