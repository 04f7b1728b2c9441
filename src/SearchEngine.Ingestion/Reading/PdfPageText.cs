using System.Text;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis;
using UglyToad.PdfPig.DocumentLayoutAnalysis.PageSegmenter;
using UglyToad.PdfPig.DocumentLayoutAnalysis.ReadingOrderDetector;
using UglyToad.PdfPig.DocumentLayoutAnalysis.WordExtractor;

namespace SearchEngine.Ingestion;

/// <summary>
/// The lines of a page. Programs that set text write it in reading order, so the order of the page's content is kept, and the letters'
/// places only say where words and lines end. Where that order jumps about, or runs across columns, the layout is analyzed instead.
/// </summary>
internal static class PdfPageText
{
    /// <summary>A gap of this part of the letter size parts words (a space is about a quarter).</summary>
    private const double WordGap = 0.16;

    /// <summary>A baseline that moves by this part of the letter size is another line; less is a superscript or an accent.</summary>
    private const double LineShift = 0.55;

    /// <summary>Lines further apart than this many letter sizes are of different blocks.</summary>
    private const double BlockGap = 1.9;

    /// <summary>Share of jumps upward beyond which the order of the content says nothing.</summary>
    private const double MaxJumps = 0.2;

    /// <summary>Text of a column rather than of a table's cell; tables are read row by row.</summary>
    private const int MinColumnLength = 25;

    /// <summary>Letters beyond which a page is no text for people; analyzing its layout would take minutes.</summary>
    private const int MaxAnalyzedLetters = 30_000;

    internal static List<PdfLine> Lines(Page page)
    {
        var letters = page.Letters.Where(l => !string.IsNullOrEmpty(l.Value)).ToList();
        var lines = InContentOrder(letters, out var jumps, out var across);
        var isDisordered = lines.Count > 4 && (jumps > lines.Count * MaxJumps || across > lines.Count * MaxJumps);
        return isDisordered && letters.Count <= MaxAnalyzedLetters ? Analyzed(letters) : lines;
    }

    /// <summary>Ligatures as letters, private and control characters as nothing.</summary>
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
                // The old encoding of TeX's fonts, where the font does not say what its characters are.
                '\u000b' => plain.Append("ff"),
                '\u000e' => plain.Append("ffi"),
                '\u000f' => plain.Append("ffl"),
                '\r' => plain.Append('\n'),
                '\u00a0' or '\u2002' or '\u2003' or '\u2009' => plain.Append(' '),
                _ when (char.IsControl(c) && c is not ('\n' or '\t')) || c is '\ufffe' or '\uffff' => plain,
                _ => plain.Append(c),
            };
        }

        return plain.ToString();
    }

    private static List<PdfLine> InContentOrder(List<Letter> letters, out int jumps, out int across)
    {
        var lines = new List<PdfLine>();
        var text = new StringBuilder();
        var startsBlock = true;
        Letter? previous = null;
        (jumps, across) = (0, 0);
        foreach (var letter in letters)
        {
            if (previous is not null)
            {
                var size = Math.Max(1, Math.Min(SizeOf(letter), SizeOf(previous)));
                var largest = Math.Max(SizeOf(letter), SizeOf(previous));
                var dx = letter.StartBaseLine.X - previous.EndBaseLine.X;
                var dy = letter.StartBaseLine.Y - previous.EndBaseLine.Y;
                var isTurned =
                    Math.Abs(letter.EndBaseLine.Y - letter.StartBaseLine.Y) > Math.Abs(letter.EndBaseLine.X - letter.StartBaseLine.X);
                if (isTurned)
                {
                    (dx, dy) = (Math.Abs(dy), dx);
                }

                if (Math.Abs(dy) > largest * LineShift || dx < -size * 1.5)
                {
                    lines.Add(new PdfLine(Plain(text.ToString()).Trim(), startsBlock));
                    text.Clear();
                    startsBlock = Math.Abs(dy) > largest * BlockGap || dy > largest;
                    jumps += dy > largest * 2 && dx < -size * 20 ? 1 : 0;
                }
                else if (dx > size * 6 && text.Length > MinColumnLength)
                {
                    // Far to the right on the same line: the next cell, or the other column.
                    across++;
                    text.Append("  ");
                }
                else if (dx > size * WordGap && text.Length > 0 && !char.IsWhiteSpace(text[^1]) && !string.IsNullOrWhiteSpace(letter.Value))
                {
                    text.Append(' ');
                }
                else if (IsAccentOver(previous, letter, size) && text.Length > 0)
                {
                    text.Length -= previous.Value.Length;
                    text.Append(Composed(letter.Value, previous.Value[0]));
                    previous = letter;
                    continue;
                }
                else if (
                    char.IsDigit(letter.Value[0])
                    && char.IsLetter(previous.Value[^1])
                    && SizeOf(letter) < SizeOf(previous) * 0.8
                    && dy > size * 0.15
                    && text.Length > 1
                    && char.IsLetter(text[^2])
                )
                {
                    // The mark of a note behind a word.
                    text.Append(' ');
                }
            }

            text.Append(letter.Value);
            previous = letter;
        }

        lines.Add(new PdfLine(Plain(text.ToString()).Trim(), startsBlock));
        lines.RemoveAll(l => l.Text.Length == 0);
        return lines;
    }

    private static double SizeOf(Letter letter) => letter.PointSize > 0 ? letter.PointSize : Math.Max(1, letter.BoundingBox.Height);

    private static bool IsAccentOver(Letter accent, Letter letter, double size) =>
        accent.Value is "\u00b4" or "`" or "\u00a8" or "\u02c6" or "\u02dc" or "\u02c7" or "\u00b8" or "\u02da" or "^" or "~"
        && char.IsLetter(letter.Value[0])
        && Math.Abs(letter.StartBaseLine.X - accent.StartBaseLine.X) < size * 0.4
        && letter.StartBaseLine.X < accent.EndBaseLine.X - (size * 0.1);

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

    private static List<PdfLine> Analyzed(List<Letter> letters)
    {
        var words = NearestNeighbourWordExtractor.Instance.GetWords(DuplicateOverlappingTextProcessor.Get(letters)).ToList();
        var blocks = DocstrumBoundingBoxes.Instance.GetBlocks(words);
        var lines = new List<PdfLine>();
        foreach (var block in UnsupervisedReadingOrderDetector.Instance.Get(blocks))
        {
            var isFirst = true;
            foreach (var text in block.TextLines.Select(line => Plain(line.Text).Trim()).Where(text => text.Length > 0))
            {
                lines.Add(new PdfLine(text, isFirst));
                isFirst = false;
            }
        }

        return lines;
    }
}
