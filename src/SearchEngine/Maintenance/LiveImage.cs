using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SearchEngine.Moments;
using SearchEngine.Storage;

namespace SearchEngine.Maintenance;

/// <summary>
/// What of a moment is stored in the record store with a checkpoint: the live bitmap, the dead that readers hold up, the log address.
/// </summary>
internal static class LiveImage
{
    /// <summary>Words of one stored piece of the live bitmap: 64 KiB.</summary>
    public const int PieceWords = 8192;

    private static ReadOnlySpan<byte> OnlyKey => [0];

    /// <summary>Writes the live bitmap; returns how many pieces it has.</summary>
    public static int SaveLive(RecordStore records, LiveSnapshot live)
    {
        var words = live.ToWords();
        Span<byte> key = stackalloc byte[4];
        var piece = 0;
        for (var start = 0; start < words.Length; start += PieceWords, piece++)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, piece);
            records.Upsert(RecordSpaces.Live, key, MemoryMarshal.AsBytes(words.AsSpan(start, Math.Min(PieceWords, words.Length - start))));
        }

        return piece;
    }

    /// <exception cref="StorageCorruptionException">A piece is missing or has a wrong length.</exception>
    public static LiveSnapshot LoadLive(RecordStore records, int pieces)
    {
        var words = new ulong[pieces * PieceWords];
        var key = new byte[4];
        var buffer = new ArrayBufferWriter<byte>(PieceWords * 8);
        for (var piece = 0; piece < pieces; piece++)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, piece);
            buffer.ResetWrittenCount();
            if (!records.TryRead(RecordSpaces.Live, key, buffer) || buffer.WrittenCount % 8 != 0 || buffer.WrittenCount > PieceWords * 8)
                throw new StorageCorruptionException($"Piece {piece} of the live bitmap is missing or has a wrong length.");
            MemoryMarshal.Cast<byte, ulong>(buffer.WrittenSpan).CopyTo(words.AsSpan(piece * PieceWords));
        }

        return LiveSnapshot.Of(words);
    }

    /// <summary>Writes the ordinals of the dead.</summary>
    public static void SaveRetired(RecordStore records, int[] ordinals)
    {
        if (ordinals.Length > 0)
            records.Upsert(RecordSpaces.Retired, OnlyKey, MemoryMarshal.AsBytes<int>(ordinals));
        else
            records.Delete(RecordSpaces.Retired, OnlyKey);
    }

    /// <exception cref="StorageCorruptionException">There are not as many as the manifest says.</exception>
    public static int[] LoadRetired(RecordStore records, int count)
    {
        if (count == 0)
            return [];
        var buffer = new ArrayBufferWriter<byte>(count * sizeof(int));
        if (!records.TryRead(RecordSpaces.Retired, OnlyKey, buffer) || buffer.WrittenCount != count * sizeof(int))
            throw new StorageCorruptionException($"The list of {count} dead records is missing or has a wrong length.");
        return MemoryMarshal.Cast<byte, int>(buffer.WrittenSpan).ToArray();
    }

    /// <summary>Each view carries the address that its checkpoint is of; verification holds them against each other.</summary>
    public static void SaveAddress(RecordStore store, long address)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(value, address);
        store.Upsert(RecordSpaces.Address, OnlyKey, value);
    }

    /// <summary>The address that a store carries; null where a version wrote it that did not write one.</summary>
    public static long? LoadAddress(RecordStore store)
    {
        Span<byte> value = stackalloc byte[8];
        return store.Read(RecordSpaces.Address, OnlyKey, value) == value.Length ? BinaryPrimitives.ReadInt64LittleEndian(value) : null;
    }
}
