using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>
/// BERT's normalisation: control characters out and white space to spaces, spaces around Han characters, accents off, lower case; each
/// as the options say. Thread-safe.
/// </summary>
/// <param name="clean">Takes out control characters, and makes every white space a space.</param>
/// <param name="separateHan">Puts spaces around Han characters.</param>
/// <param name="stripAccents">Decomposes, and takes the marks off.</param>
/// <param name="lowercase">Lower case, character by character.</param>
internal sealed class BertTextNormalizer(bool clean, bool separateHan, bool stripAccents, bool lowercase) : TextNormalizer
{
    private static readonly LowercaseTextNormalizer Lowercase = new();

    /// <inheritdoc/>
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text))
            return NormalizeAscii(text);
        StringBuilder result = new(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean && IsRemoved(rune))
                continue;
            if (clean && (rune.Value is '\t' or '\n' or '\r' || Rune.IsWhiteSpace(rune)))
                result.Append(' ');
            else if (separateHan && IsHan(rune.Value))
                result.Append(' ').Append(rune.ToString()).Append(' ');
            else
                Append(result, rune);
        }
        text = result.ToString();
        if (stripAccents)
            text = WithoutAccents(UnicodeNormalizer.Normalize(text, UnicodeForm.Nfd));
        return lowercase ? Lowercase.Normalize(text) : text;
    }

    private ReadOnlySpan<char> NormalizeAscii(ReadOnlySpan<char> text)
    {
        var result = new char[text.Length];
        var count = 0;
        foreach (var c in text)
        {
            if (clean && c is < ' ' or '\u007f')
            {
                if (c is '\t' or '\n' or '\r')
                    result[count++] = ' ';
                else if (!clean)
                    result[count++] = c;
                continue;
            }
            result[count++] = lowercase && c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
        }
        return result.AsSpan(0, count);
    }

    private static string WithoutAccents(ReadOnlySpan<char> text)
    {
        StringBuilder result = new(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                Append(result, rune);
        }
        return result.ToString();
    }

    /// <summary>Zero, the replacement character, and everything of the categories C but the three white spaces among them.</summary>
    private static bool IsRemoved(Rune rune) =>
        rune.Value is 0 or 0xFFFD
        || (
            rune.Value is not ('\t' or '\n' or '\r')
            && Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.PrivateUse
                    or UnicodeCategory.Surrogate
                    or UnicodeCategory.OtherNotAssigned
        );

    /// <summary>The blocks that BERT's multilingual vocabulary takes as one word each: Han, not kana or hangul.</summary>
    private static bool IsHan(int code) =>
        code
            is (>= 0x4E00 and <= 0x9FFF)
                or (>= 0x3400 and <= 0x4DBF)
                or (>= 0x20000 and <= 0x2A6DF)
                or (>= 0x2A700 and <= 0x2B73F)
                or (>= 0x2B740 and <= 0x2B81F)
                or (>= 0x2B920 and <= 0x2CEAF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x2F800 and <= 0x2FA1F);

    private static void Append(StringBuilder result, Rune rune)
    {
        Span<char> chars = stackalloc char[2];
        result.Append(chars[..rune.EncodeToUtf16(chars)]);
    }
}
