using System.Text.RegularExpressions;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;
using UglyToad.PdfPig.Outline;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads the text of PDF files page by page; bookmarks give the headings. Words broken at line ends are joined.
/// A page that cannot be read is reported and passed over; pages that are only pictures have no text.
/// </summary>
public sealed partial class PdfReader : IDocumentReader
{
    /// <summary>Nesting of page contents that is followed; more only occurs in damaged or hostile files.</summary>
    private const int MaxStackDepth = 128;

    /// <inheritdoc />
    public string Name => "pdf";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".pdf"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        byte[] bytes = file.ReadAllBytes();
        if (bytes.Length == 0)
            throw new SourceFormatException("It is empty, not a PDF document.");
        using PdfDocument document = Open(bytes);
        List<(int Page, string[] Path)> headings = Headings(document);
        var sections = new List<SourceSection>();
        int failed = 0;
        string? firstError = null;
        for (int number = 1; number <= document.NumberOfPages; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Page page = document.GetPage(number);
                string text = Tidy(ContentOrderTextExtractor.GetText(page, addDoubleNewline: true));
                if (text.Length > 0)
                    sections.Add(new SourceSection(headings.LastOrDefault(h => h.Page <= number).Path ?? [], number, text));
            }
            catch (Exception e) when (IsParseError(e))
            {
                failed++;
                firstError ??= e.Message;
                warn($"Page {number} could not be read: {e.Message}", null);
            }
        }
        if (sections.Count == 0)
        {
            if (failed > 0)
                throw new SourceFormatException($"None of its {document.NumberOfPages} pages can be read: {firstError}");
            warn("It has no text; scanned pages need text recognition first.", null);
            yield break;
        }
        string title = HeadingTrail.OneLine(document.Information.Title ?? "");
        yield return new SourceDocument { Title = title.Length > 0 ? title : file.Name, Sections = sections };
    }

    private static PdfDocument Open(byte[] bytes)
    {
        try
        {
            return PdfDocument.Open(bytes, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, MaxStackDepth = MaxStackDepth });
        }
        catch (PdfDocumentEncryptedException e)
        {
            throw new SourceFormatException("It is encrypted and needs a password. Save it without one first.", e);
        }
        catch (Exception e) when (IsParseError(e))
        {
            throw new SourceFormatException($"It is damaged or not a PDF document: {e.Message}", e);
        }
    }

    // A damaged file can bring the parser to any exception; those of the process itself pass.
    private static bool IsParseError(Exception e) => e is not (OperationCanceledException or OutOfMemoryException);

    private static List<(int Page, string[] Path)> Headings(PdfDocument document)
    {
        var found = new List<(int, string[])>();
        try
        {
            if (document.TryGetBookmarks(out Bookmarks? bookmarks) && bookmarks is not null)
            {
                foreach (BookmarkNode root in bookmarks.Roots)
                    Collect(root, []);
            }
        }
        catch (Exception e) when (IsParseError(e))
        {
            // A damaged outline: the text is what matters.
            found.Clear();
        }
        return [.. found.OrderBy(h => h.Item1)];

        void Collect(BookmarkNode node, string[] path)
        {
            string[] own = [.. path, HeadingTrail.OneLine(node.Title)];
            if (node is DocumentBookmarkNode place)
                found.Add((place.PageNumber, own));
            if (own.Length < MaxStackDepth)
            {
                foreach (BookmarkNode child in node.Children)
                    Collect(child, own);
            }
        }
    }

    private static string Tidy(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\0", "", StringComparison.Ordinal);
        return BrokenWord().Replace(text, "").Trim();
    }

    [GeneratedRegex(@"(?<=\p{Ll})[-\u00ad][ \t]*\n{1,2}(?=\p{Ll})")]
    private static partial Regex BrokenWord();
}
