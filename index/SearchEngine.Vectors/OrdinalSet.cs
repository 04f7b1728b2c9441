using System.Numerics;

namespace SearchEngine.Vectors;

/// <summary>
/// A set of ordinals as a bit set: one bit per ordinal below its capacity. One thread may change it at a time; others may read meanwhile
/// and see each
/// ordinal in or out.
/// </summary>
public sealed class OrdinalSet
{
    private readonly ulong[] _words;
    private int _count;

    /// <summary>Creates an empty set for ordinals 0 to <paramref name="capacity"/> - 1.</summary>
    public OrdinalSet(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _words = new ulong[(int)(((long)capacity + 63) >> 6)];
    }

    /// <summary>
    /// Takes over a bit set (bit i of word i / 64 is ordinal i) of <paramref name="length"/> bits. The array is owned by the set from now
    /// on.
    /// </summary>
    /// <exception cref="ArgumentException">The words do not cover the length, or bits past the length are set.</exception>
    public OrdinalSet(ulong[] words, int length)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if ((long)words.Length * 64 < length)
        {
            throw new ArgumentException(
                $"{words.Length} words hold {words.Length * 64L} bits, fewer than the length {length}.",
                nameof(words)
            );
        }
        var full = length >> 6;
        var tail = (length & 63) == 0 ? 0 : words[full] & ~((1UL << (length & 63)) - 1);
        for (var i = full + ((length & 63) == 0 ? 0 : 1); i < words.Length; i++)
            tail |= words[i];
        if (tail != 0)
            throw new ArgumentException($"Bits at or past the length {length} are set.", nameof(words));
        Capacity = length;
        _words = words;
        foreach (var word in words)
            _count += BitOperations.PopCount(word);
    }

    /// <summary>Ordinals below this can be in the set.</summary>
    public int Capacity { get; }

    /// <summary>How many ordinals are in the set.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The bits: bit i of word i / 64 is ordinal i.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    /// <summary>Whether <paramref name="ordinal"/> is in the set; false for any ordinal outside the capacity.</summary>
    public bool Contains(int ordinal) => (uint)ordinal < (uint)Capacity && (_words[ordinal >> 6] >> (ordinal & 63) & 1) != 0;

    /// <summary>Adds <paramref name="ordinal"/>; false if it was there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is not below the capacity.</exception>
    public bool Add(int ordinal)
    {
        if ((uint)ordinal >= (uint)Capacity)
            throw new ArgumentOutOfRangeException(nameof(ordinal), ordinal, $"The set holds ordinals 0 to {Capacity - 1}.");
        ref var word = ref _words[ordinal >> 6];
        var bit = 1UL << (ordinal & 63);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        _count++;
        return true;
    }

    /// <summary>Removes <paramref name="ordinal"/>; false if it was not there.</summary>
    public bool Remove(int ordinal)
    {
        if (!Contains(ordinal))
            return false;
        _words[ordinal >> 6] &= ~(1UL << (ordinal & 63));
        _count--;
        return true;
    }

    /// <summary>A copy that holds ordinals up to a larger capacity.</summary>
    internal OrdinalSet WithCapacity(int capacity)
    {
        var copy = new OrdinalSet(capacity);
        _words.CopyTo(copy._words, 0);
        copy._count = _count;
        return copy;
    }
}
