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
        var letters = PdfGlyphs.Letters(page);
        var lines = InContentOrder(letters, out var jumps, out var across);
        var isDisordered = lines.Count > 4 && (jumps > lines.Count * MaxJumps || across > lines.Count * MaxJumps);
        return isDisordered && letters.Count <= MaxAnalyzedLetters ? Analyzed(letters) : lines;
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
                    lines.Add(new PdfLine(PdfGlyphs.Plain(text.ToString()).Trim(), startsBlock));
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
                else if (
                    (IsRaisedNumber(letter, previous, dy) && EndsWithWord(text))
                    || (IsRaisedNumber(previous, letter, -dy) && IsNumber(text))
                )
                {
                    text.Append(' ');
                }
            }

            text.Append(letter.Value);
            previous = letter;
        }

        lines.Add(new PdfLine(PdfGlyphs.Plain(text.ToString()).Trim(), startsBlock));
        lines.RemoveAll(l => l.Text.Length == 0);
        return lines;
    }

    /// <summary>A small raised number beside a letter; next to a word it is the mark of a note, or the start of the line that is the note.</summary>
    private static bool IsRaisedNumber(Letter number, Letter letter, double rise) =>
        char.IsDigit(number.Value[0])
        && char.IsLetter(letter.Value[^1])
        && SizeOf(number) < SizeOf(letter) * 0.95
        && rise > SizeOf(number) * 0.15;

    private static bool EndsWithWord(StringBuilder text) => text.Length > 1 && char.IsLetter(text[^1]) && char.IsLetter(text[^2]);

    private static bool IsNumber(StringBuilder text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsDigit(text[i]))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    internal static double SizeOf(Letter letter) => letter.PointSize > 0 ? letter.PointSize : Math.Max(1, letter.BoundingBox.Height);

    private static List<PdfLine> Analyzed(List<Letter> letters)
    {
        var words = NearestNeighbourWordExtractor.Instance.GetWords(DuplicateOverlappingTextProcessor.Get(letters)).ToList();
        var blocks = DocstrumBoundingBoxes.Instance.GetBlocks(words);
        var lines = new List<PdfLine>();
        foreach (var block in UnsupervisedReadingOrderDetector.Instance.Get(blocks))
        {
            var isFirst = true;
            foreach (var text in block.TextLines.Select(line => PdfGlyphs.Plain(line.Text).Trim()).Where(text => text.Length > 0))
            {
                lines.Add(new PdfLine(text, isFirst));
                isFirst = false;
            }
        }

        return lines;
    }
}
