using System.Text;
using UglyToad.PdfPig.Content;

namespace SearchEngine.Ingestion;

/// <summary>
/// What the glyphs of a page say: ligatures as letters, and the codes of fonts that do not name their glyphs. Those are in practice TeX's
/// (bitmaps above all), in one of its two encodings; where these say different things of one code, what occurs within text was taken.
/// </summary>
internal static class PdfGlyphs
{
    /// <summary>The page's letters in the order of its content, with text instead of bare codes; an accent and the letter below it are one.</summary>
    internal static List<Letter> Letters(Page page)
    {
        var letters = new List<Letter>(page.Letters.Count);
        foreach (var letter in page.Letters.Where(l => !string.IsNullOrEmpty(l.Value)))
        {
            if (letters.Count > 0 && IsAccentOver(letters[^1], letter))
            {
                letters[^1] = With(letter, Composed(letter.Value, letters[^1].Value[0]));
            }
            else
            {
                letters.Add(With(letter, OfCode(letter.Value)));
            }
        }

        return letters;
    }

    /// <summary>Ligatures as letters, spaces of all widths as spaces, control characters as nothing.</summary>
    internal static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\ufb00' => plain.Append("ff"),
                '\ufb01' => plain.Append("fi"),
                '\ufb02' => plain.Append("fl"),
                '\ufb03' => plain.Append("ffi"),
                '\ufb04' => plain.Append("ffl"),
                '\ufb05' or '\ufb06' => plain.Append("st"),
                '\u0132' => plain.Append("IJ"),
                '\u0133' => plain.Append("ij"),
                '\r' => plain.Append('\n'),
                '\u00a0' or '\u2002' or '\u2003' or '\u2009' => plain.Append(' '),
                _ when (char.IsControl(c) && c is not ('\n' or '\t')) || c is '\ufffe' or '\uffff' => plain,
                _ => plain.Append(c),
            };
        }

        return plain.ToString();
    }

    /// <summary>
    /// TeX's codes: 0B to 0F of its old text encoding (OT1), the others of the newer one (T1, "Cork"). Carriage return is left alone: other
    /// programs write it between lines.
    /// </summary>
    private static string OfCode(string value) =>
        value is not [< ' ']
            ? value
            : value[0] switch
            {
                '\u000b' or '\u001b' => "ff",
                '\u000c' or '\u001c' => "fi",
                '\u001d' => "fl",
                '\u000e' or '\u001e' => "ffi",
                '\u000f' or '\u001f' => "ffl",
                '\u0010' => "\u201c",
                '\u0011' => "\u201d",
                '\u0012' => "\u201e",
                '\u0015' => "\u2013",
                '\u0016' => "\u2014",
                _ => value,
            };

    private static bool IsAccentOver(Letter accent, Letter letter)
    {
        var size = Math.Max(1, Math.Min(PdfPageText.SizeOf(letter), PdfPageText.SizeOf(accent)));
        return accent.Value is "\u00b4" or "`" or "\u00a8" or "\u02c6" or "\u02dc" or "\u02c7" or "\u00b8" or "\u02da" or "^" or "~"
            && char.IsLetter(letter.Value[0])
            && Math.Abs(letter.StartBaseLine.X - accent.StartBaseLine.X) < size * 0.4
            && Math.Abs(letter.StartBaseLine.Y - accent.StartBaseLine.Y) < size * 0.55
            && letter.StartBaseLine.X < accent.EndBaseLine.X - (size * 0.1);
    }

    private static string Composed(string letter, char accent)
    {
        var mark = accent switch
        {
            '\u00b4' => '\u0301',
            '`' => '\u0300',
            '\u00a8' => '\u0308',
            '\u02c6' or '^' => '\u0302',
            '\u02dc' or '~' => '\u0303',
            '\u02c7' => '\u030c',
            '\u02da' => '\u030a',
            _ => '\u0327',
        };
        // The dotless letters that TeX puts below accents.
        var plain = letter[0] switch
        {
            '\u0131' => "i",
            '\u0237' => "j",
            _ => letter,
        };
        return TextComposition.Compose(plain + mark);
    }

    private static Letter With(Letter letter, string text) =>
        text == letter.Value
            ? letter
            : new Letter(
                text,
                letter.BoundingBox,
                letter.GlyphRectangleLoose,
                letter.StartBaseLine,
                letter.EndBaseLine,
                letter.Width,
                letter.FontSize,
                letter.FontDetails,
                letter.RenderingMode,
                letter.StrokeColor,
                letter.FillColor,
                letter.PointSize,
                letter.TextSequence
            );
}
