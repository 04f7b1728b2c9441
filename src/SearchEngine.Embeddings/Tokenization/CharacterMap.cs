using System.Buffers.Binary;

namespace SearchEngine.Embeddings;

/// <summary>
/// SentencePiece's compiled normalisation rules (precompiled_charsmap): a double-array trie of UTF-8 texts (Darts-clone: a unit holds a
/// label in its low byte, a leaf flag in bit 8 and an offset above) with the texts they become. Immutable and thread-safe.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
    }

    /// <summary>Reads the rules, or null where there are none.</summary>
    /// <param name="path">The file that holds them, for messages.</param>
    /// <exception cref="ModelFormatException">They are damaged.</exception>
    public static CharacterMap? Read(string path, byte[] map)
    {
        if (map.Length == 0)
            return null;
        var size = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : uint.MaxValue;
        if (size > map.Length - 4 || size % 4 != 0 || size == 0 || map[^1] != 0)
            throw new ModelFormatException(path, "the precompiled_charsmap of the normalizer is damaged.");
        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + 4 * i));
        return new CharacterMap(units, map[(4 + (int)size)..]);
    }

    /// <summary>Finds a rule for the start of a text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="longest">True for the longest rule, false for the shortest.</param>
    /// <param name="length">The bytes that the rule covers.</param>
    /// <returns>The rule for <see cref="Replacement"/>, or -1.</returns>
    public int Find(ReadOnlySpan<byte> text, bool longest, out int length)
    {
        length = 0;
        var value = -1;
        var position = Offset(_units[0]);
        for (var i = 0; i < text.Length; i++)
        {
            position ^= text[i];
            if (position >= (uint)_units.Length)
                break;
            var unit = _units[position];
            if ((unit & 0x800000FF) != text[i])
                break;
            position ^= Offset(unit);
            if ((unit & 0x100) != 0 && position < (uint)_units.Length)
            {
                var leaf = (int)(_units[position] & 0x7FFFFFFF);
                if (leaf < _replacements.Length)
                {
                    value = leaf;
                    length = i + 1;
                    if (!longest)
                        break;
                }
            }
        }
        return value;
    }

    /// <summary>What the text of a rule becomes, in UTF-8.</summary>
    public ReadOnlySpan<byte> Replacement(int rule)
    {
        ReadOnlySpan<byte> rest = _replacements.AsSpan(rule);
        return rest[..rest.IndexOf((byte)0)];
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
