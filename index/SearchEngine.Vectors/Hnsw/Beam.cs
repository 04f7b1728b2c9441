using System.Runtime.CompilerServices;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// The candidates of a search: a sorted array of bounded size. An entry is one word, the distance in sortable form above, the id below,
/// and in the lowest bit whether it has been expanded, so that an insertion is one binary search and one move. At the beam widths in use
/// this beats two heaps.
/// </summary>
/// <remarks>
/// A beam may have room for more than its <see cref="Width"/>: what lies behind takes no part in the walk until the beam is widened, and
/// is there
/// then, so that a wider walk continues a narrower one. What the beam holds within its width does not depend on the room behind it.
/// </remarks>
internal unsafe struct Beam
{
    private readonly ulong* _entries;
    private int _held;

    public Beam(ulong* entries, int capacity)
        : this(entries, capacity, capacity) { }

    /// <param name="entries">Room for the entries.</param>
    /// <param name="width">Entries that a walk expands.</param>
    /// <param name="capacity">Entries kept for a wider beam.</param>
    public Beam(ulong* entries, int width, int capacity)
    {
        _entries = entries;
        Width = width;
        Capacity = capacity;
    }

    /// <summary>Entries that take part in the walk, at most <see cref="Capacity"/>.</summary>
    public int Width { get; private set; }

    public int Capacity { get; }

    /// <summary>Entries within the width.</summary>
    public readonly int Count => Math.Min(_held, Width);

    /// <summary>Every entry before this one is expanded.</summary>
    public int Cursor { get; private set; }

    public readonly bool IsFull => _held >= Width;

    public readonly float Worst => DistanceOf(_entries[Count - 1]);

    public readonly ulong this[int index] => _entries[index];

    public readonly int Id(int index) => (int)((uint)_entries[index] >> 1);

    public readonly float Distance(int index) => DistanceOf(_entries[index]);

    /// <summary>Whether a node is in the beam.</summary>
    public readonly bool Holds(int id)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Id(i) == id)
                return true;
        }
        return false;
    }

    /// <summary>A distance at or above this cannot enter.</summary>
    public readonly float Limit => _held == Capacity ? DistanceOf(_entries[_held - 1]) : float.PositiveInfinity;

    /// <summary>Lets what lies behind take part.</summary>
    public void Widen(int width) => Width = Math.Min(Math.Max(Width, width), Capacity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pack(float distance, int id)
    {
        var bits = BitConverter.SingleToUInt32Bits(distance);
        bits ^= (uint)((int)bits >> 31) | 0x80000000u;
        return (ulong)bits << 32 | (uint)id << 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float DistanceOf(ulong entry)
    {
        var bits = (uint)(entry >> 32);
        bits ^= (uint)(~(int)bits >> 31) | 0x80000000u;
        return BitConverter.UInt32BitsToSingle(bits);
    }

    /// <summary>
    /// Inserts in order, behind equal distances, dropping the worst when full. Returns the position, or -1 if it was no better than the
    /// worst.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Insert(float distance, int id)
    {
        var entry = Pack(distance, id);
        var entries = _entries;
        var count = _held;
        if (count == Capacity)
        {
            if (entry >> 32 >= entries[count - 1] >> 32)
                return -1;
            count--;
        }
        // Everything of the same distance compares below this: what comes later lies behind, whatever room there is.
        var behind = entry | uint.MaxValue;
        int low = 0,
            length = count;
        while (length > 0)
        {
            var half = length >> 1;
            var above = entries[low + half] <= behind;
            low = above ? low + half + 1 : low;
            length = above ? length - half - 1 : half;
        }
        Buffer.MemoryCopy(entries + low, entries + low + 1, (long)(count - low) * sizeof(ulong), (long)(count - low) * sizeof(ulong));
        entries[low] = entry;
        _held = count + 1;
        if (low < Cursor)
            Cursor = low;
        return low;
    }

    /// <summary>Takes the nearest entry that is not expanded and marks it; -1 when there is none, or it is farther than a bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Expand(float bound = float.PositiveInfinity)
    {
        int i = Cursor,
            count = Count;
        var entries = _entries;
        while (i < count && (entries[i] & 1) != 0)
            i++;
        if (i >= count || DistanceOf(entries[i]) > bound)
        {
            Cursor = i;
            return -1;
        }
        entries[i] |= 1;
        Cursor = i + 1;
        return (int)((uint)entries[i] >> 1);
    }

    /// <summary>The id that <see cref="Expand"/> would take now, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PeekNext()
    {
        int i = Cursor,
            count = Count;
        while (i < count && (_entries[i] & 1) != 0)
            i++;
        return i < count ? (int)((uint)_entries[i] >> 1) : -1;
    }

    public void Clear() => (_held, Cursor) = (0, 0);
}
