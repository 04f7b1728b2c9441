using System.Globalization;

namespace SearchEngine.Embeddings;

/// <summary>
/// The classes by which pre-tokenizers cut text, by code point: letters (\p{L}), numbers (\p{N}), white space (\s) and line breaks. A
/// lone surrogate is none of them. Thread-safe.
/// </summary>
internal static class CharacterClasses
{
    public const byte Letter = 1,
        Number = 2,
        Space = 4,
        LineBreak = 8;

    private static readonly byte[] Table = BuildTable();

    /// <summary>The class of the character at <paramref name="index"/>, and how many chars it takes; class 0 past the end.</summary>
    public static byte At(ReadOnlySpan<char> text, int index, out int length)
    {
        if ((uint)index >= (uint)text.Length)
        {
            length = 0;
            return 0;
        }
        var c = text[index];
        length = 1;
        if (!char.IsHighSurrogate(c) || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]))
            return Table[c];
        length = 2;
        return Classify(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[index + 1])));
    }

    /// <summary>The class of a character of the basic plane.</summary>
    public static byte Of(char c) => Table[c];

    private static byte[] BuildTable()
    {
        var table = new byte[0x10000];
        for (var c = 0; c < table.Length; c++)
        {
            table[c] = Classify(CharUnicodeInfo.GetUnicodeCategory((char)c));
            if (char.IsWhiteSpace((char)c))
                table[c] = Space;
        }
        table['\r'] = table['\n'] = Space | LineBreak;
        return table;
    }

    private static byte Classify(UnicodeCategory category) =>
        category switch
        {
            UnicodeCategory.UppercaseLetter
            or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter => Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Number,
            _ => 0,
        };
}
