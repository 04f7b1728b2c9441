using System.Numerics;

namespace SearchEngine.Lexical;

/// <summary>
/// A set of ordinals as a bit set: ordinal o is in the set if bit (o mod 64) of <c>Words[o / 64]</c> is set.
/// Immutable by contract: do not change <see cref="Words"/> after construction. Safe for concurrent readers.
/// </summary>
public sealed class OrdinalBits
{
    /// <summary>Wraps <paramref name="words"/> (not copied) and counts its bits.</summary>
    /// <param name="words">At least <paramref name="length"/> bits.</param>
    /// <param name="length">Number of valid bits; bits from there on must be zero.</param>
    public OrdinalBits(ulong[] words, int length)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if ((long)words.Length * 64 < length)
            throw new ArgumentException($"{words.Length} words hold fewer than {length} bits.", nameof(words));
        Words = words;
        Length = length;
        foreach (var word in words)
            Count += BitOperations.PopCount(word);
    }

    /// <summary>The bits, lowest ordinal first.</summary>
    public ulong[] Words { get; }

    /// <summary>One more than the largest ordinal that can be in the set.</summary>
    public int Length { get; }

    /// <summary>Number of ordinals in the set.</summary>
    public int Count { get; }

    /// <summary>Whether <paramref name="ordinal"/> is in the set; false for any ordinal outside its range.</summary>
    public bool Contains(int ordinal) => (uint)ordinal < (uint)Length && (Words[ordinal >> 6] & (1UL << ordinal)) != 0;

    /// <summary>The ordinals that are in both sets.</summary>
    public OrdinalBits And(OrdinalBits other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var words = new ulong[Math.Min(Words.Length, other.Words.Length)];
        for (var i = 0; i < words.Length; i++)
            words[i] = Words[i] & other.Words[i];
        return new OrdinalBits(words, Math.Min(Length, other.Length));
    }

    /// <summary>A set of the given ordinals, each 0 or more.</summary>
    public static OrdinalBits Of(IEnumerable<int> ordinals)
    {
        ArgumentNullException.ThrowIfNull(ordinals);
        var builder = new OrdinalBitsBuilder();
        foreach (var ordinal in ordinals)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ordinal, nameof(ordinals));
            builder.Add(ordinal);
        }
        return builder.Build();
    }

    /// <summary>The ordinals in ascending order.</summary>
    public IEnumerable<int> Ordinals()
    {
        for (var i = 0; i < Words.Length; i++)
        {
            for (var word = Words[i]; word != 0; word &= word - 1)
                yield return (i << 6) + BitOperations.TrailingZeroCount(word);
        }
    }
}
