using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>Takes all marks out of a text that is decomposed already.</summary>
internal sealed class StripAccentsTextNormalizer : TextNormalizer
{
    /// <inheritdoc/>
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text))
            return text;
        StringBuilder result = new(text.Length);
        Span<char> chars = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (
                Rune.GetUnicodeCategory(rune)
                is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark)
            )
            {
                result.Append(chars[..rune.EncodeToUtf16(chars)]);
            }
        }
        return result.ToString();
    }
}
