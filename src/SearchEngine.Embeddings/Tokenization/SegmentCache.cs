using System.Runtime.InteropServices;

namespace SearchEngine.Embeddings;

/// <summary>
/// Remembers the ids of short pieces of text (words), since most words of a text have been met before. Direct-mapped and of fixed size:
/// a new word takes the place of the one with the same hash. Thread-safe without locks: a slot is one reference to an immutable entry.
/// </summary>
internal sealed class SegmentCache
{
    /// <summary>Longer segments are rarely met again.</summary>
    public const int MaximumKeyBytes = 64;

    private const int SlotBits = 15;

    private readonly Entry?[] _slots = new Entry?[1 << SlotBits];

    /// <summary>The ids of <paramref name="key"/>, or false.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<int> ids)
    {
        var entry = Volatile.Read(ref _slots[Slot(key)]);
        if (entry is not null && key.SequenceEqual(entry.Key))
        {
            ids = entry.Ids;
            return true;
        }
        ids = default;
        return false;
    }

    /// <summary>Remembers the ids of <paramref name="key"/>, unless it is too long.</summary>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<int> ids)
    {
        if (key.Length <= MaximumKeyBytes)
            Volatile.Write(ref _slots[Slot(key)], new Entry(key.ToArray(), ids.ToArray()));
    }

    private static int Slot(ReadOnlySpan<byte> key)
    {
        var hash = (ulong)key.Length * 0x9E3779B97F4A7C15UL;
        while (key.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(key)) * 0xFF51AFD7ED558CCDUL;
            hash ^= hash >> 32;
            key = key[8..];
        }
        ulong tail = 0;
        foreach (var b in key)
            tail = (tail << 8) | b;
        hash = (hash ^ tail) * 0xC4CEB9FE1A85EC53UL;
        return (int)(hash >> (64 - SlotBits));
    }

    private sealed record Entry(byte[] Key, int[] Ids);
}
