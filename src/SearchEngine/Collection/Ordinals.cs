using System.Numerics;
using SearchEngine.Lexical;

namespace SearchEngine;

/// <summary>Bit arrays over ordinals.</summary>
internal static class Ordinals
{
    /// <summary>The ordinals whose bit is set, ascending.</summary>
    public static IEnumerable<int> Enumerate(ulong[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
                yield return i * 64 + BitOperations.TrailingZeroCount(word);
        }
    }

    /// <summary>The same bits as the keyword index takes them.</summary>
    public static OrdinalBits BitsOf(ulong[] words) => new(words, words.Length * 64);

    public static void Set(ulong[] words, int ordinal) => words[ordinal / 64] |= 1UL << (ordinal % 64);

    public static int Count(ulong[] words)
    {
        var count = 0;
        foreach (var word in words)
            count += BitOperations.PopCount(word);
        return count;
    }
}
