using System.Globalization;
using System.Text;

namespace SearchEngine.Lexical.Analysis;

/// <summary>What characters are to words.</summary>
internal static class Characters
{
    internal const char SoftHyphen = '\u00AD';

    /// <summary>Letters, digits and the marks on them.</summary>
    internal static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.LetterNumber;

    /// <summary>Hyphens that people type and that programs put in their place; dashes between words are not among them.</summary>
    internal static bool IsHyphen(char c) => c is '-' or '\u2010' or '\u2011' or '\uFE63' or '\uFF0D';

    internal static bool IsApostrophe(char c) => c is '\'' or '\u2019' or '\u2018' or '\u02BC' or '\uFF07' or '`' or '\u00B4' or '\u2032';

    /// <summary>The type of tokens of a script without spaces between words; null for all other scripts.</summary>
    internal static string? Script(Rune rune) =>
        rune.Value switch
        {
            >= 0x3040 and <= 0x309F => TokenTypes.Hiragana,
            (>= 0x30A0 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0xFF66 and <= 0xFF9F) => TokenTypes.Katakana,
            (>= 0x1100 and <= 0x11FF) or (>= 0x3130 and <= 0x318F) or (>= 0xAC00 and <= 0xD7AF) => TokenTypes.Hangul,
            (>= 0x4E00 and <= 0x9FFF)
            or (>= 0x3400 and <= 0x4DBF)
            or (>= 0xF900 and <= 0xFAFF)
            or (>= 0x20000 and <= 0x3FFFF)
            or 0x3005
            or 0x3007 => TokenTypes.Han,
            _ => null,
        };

    /// <summary>The rune at a place; a lone surrogate reads as U+FFFD, which is no part of a word.</summary>
    internal static Rune At(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out _);
        return rune;
    }
}
