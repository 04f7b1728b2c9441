using UglyToad.PdfPig.Content;

namespace SearchEngine.Ingestion;

/// <summary>Pages of a PDF that are pictures, and the text that was recognized on them.</summary>
internal static class PdfPictures
{
    /// <summary>Letters of a page number, a stamp or a scanner's mark: a page that a picture fills and that has no more is a picture.</summary>
    private const int MaxStampLetters = 120;

    /// <summary>The share of the page that its largest picture takes.</summary>
    private const double MinShare = 0.6;

    internal static bool IsPicture(Page page, List<PdfLine> lines)
    {
        if (page.NumberOfImages == 0)
        {
            return false;
        }

        var letters = lines.Sum(line => line.Text.Count(char.IsLetterOrDigit));
        return letters == 0 || (letters <= MaxStampLetters && LargestShare(page) >= MinShare);
    }

    /// <summary>Recognized text as lines; blank lines part blocks.</summary>
    internal static List<PdfLine> Lines(string text)
    {
        var lines = new List<PdfLine>();
        var startsBlock = true;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.Length > 0)
            {
                lines.Add(new PdfLine(PdfGlyphs.Plain(line), startsBlock));
            }

            startsBlock = line.Length == 0;
        }

        return lines;
    }

    private static double LargestShare(Page page)
    {
        try
        {
            var area = page.Width * page.Height;
            return area <= 0 ? 0 : page.GetImages().Select(i => i.BoundingBox.Area / area).DefaultIfEmpty(0).Max();
        }
        catch (Exception e) when (ReaderFaults.IsOfFile(e))
        {
            // A damaged picture: the text of the page is what matters.
            return 0;
        }
    }
}
