using System.Buffers.Binary;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Which nodes were saved since an image was written: an image and this list are the stored state that the list was made of. Little-endian:
/// magic "SEVC", format version i32, length of the image's tie i32, number of nodes i32, the tie, then per node its ordinal i32 and its
/// parent's i32 (-1 for none), then a checksum of all before u64.
/// </summary>
/// <param name="Tie">What the image was written with.</param>
/// <param name="Nodes">Ordinals and their parents'.</param>
internal sealed record ImageChanges(byte[] Tie, (int Ordinal, int Parent)[] Nodes)
{
    private const uint Magic = 0x43564553;
    private const int Version = 1;
    private const int FixedBytes = 16;
    private const int NodeBytes = 8;
    private const int SumBytes = 8;

    public byte[] ToBytes()
    {
        var bytes = new byte[FixedBytes + Tie.Length + NodeBytes * Nodes.Length + SumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Tie.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Nodes.Length);
        Tie.CopyTo(bytes.AsSpan(FixedBytes));
        var at = FixedBytes + Tie.Length;
        foreach ((var ordinal, var parent) in Nodes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), ordinal);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + sizeof(int)), parent);
            at += NodeBytes;
        }
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), MappedPages.SumOf(bytes.AsSpan(0, at)));
        return bytes;
    }

    /// <exception cref="VectorIndexException">The list is damaged or of an unknown version.</exception>
    public static ImageChanges Parse(ReadOnlySpan<byte> bytes)
    {
        if (
            bytes.Length < FixedBytes + SumBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[^SumBytes..]) != MappedPages.SumOf(bytes[..^SumBytes])
        )
        {
            throw new VectorIndexException("The list of changes since the image is damaged.", IndexHeader.Slot);
        }
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (version != Version)
        {
            throw new VectorIndexException(
                $"The list of changes since the image has format version {version}; this build reads version {Version}.",
                IndexHeader.Slot
            )
            {
                IsNewerVersion = version > Version,
            };
        }
        long tie = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (tie < 0 || count < 0 || FixedBytes + tie + NodeBytes * count + SumBytes != bytes.Length)
            throw new VectorIndexException("The list of changes since the image has a wrong length.", IndexHeader.Slot);
        var nodes = new (int, int)[count];
        var rest = bytes[(FixedBytes + (int)tie)..];
        for (var i = 0; i < nodes.Length; i++)
        {
            var node = rest[(NodeBytes * i)..];
            nodes[i] = (BinaryPrimitives.ReadInt32LittleEndian(node), BinaryPrimitives.ReadInt32LittleEndian(node[sizeof(int)..]));
            if ((uint)nodes[i].Item1 > VectorIndex.MaxOrdinal || nodes[i].Item2 < -1)
                throw new VectorIndexException("The list of changes since the image names what is no ordinal.", IndexHeader.Slot);
        }
        return new ImageChanges(bytes.Slice(FixedBytes, (int)tie).ToArray(), nodes);
    }
}
