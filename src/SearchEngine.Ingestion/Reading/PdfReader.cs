using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Exceptions;
using UglyToad.PdfPig.Outline;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads the text of PDF files page by page; bookmarks give the headings. Words broken at line ends are joined, ligatures become letters,
/// dot leaders go, lines that pages repeat at their top or bottom are read once, and a sentence that runs over the end of a page stands on its first.
/// A page that cannot be read is reported and passed over; so is a page that is a picture without text.
/// </summary>
public sealed class PdfReader : IDocumentReader
{
    /// <summary>Nesting of page contents that is followed; more only occurs in damaged or hostile files.</summary>
    private const int MaxStackDepth = 128;

    /// <summary>Numbers of pages that one warning lists.</summary>
    private const int MaxListed = 20;

    /// <inheritdoc />
    public string Name => "pdf";

    /// <inheritdoc />
    public int Version => 5;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".pdf"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var bytes = file.ReadAllBytes();
        if (bytes.Length == 0)
        {
            throw new SourceFormatException("It is empty, not a PDF document.");
        }

        using var document = Open(bytes);
        using var recognizer = new PageRecognizer(file, bytes);
        var pages = new List<PdfPage>();
        var pictures = new List<int>();
        var failed = 0;
        string? firstError = null;
        for (var number = 1; number <= document.NumberOfPages; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var page = document.GetPage(number);
                var lines = PdfPageText.Lines(page);
                if (PdfPictures.IsPicture(page, lines))
                {
                    if (recognizer.Read(number, warn, cancellationToken) is { } text)
                    {
                        lines = PdfPictures.Lines(text);
                    }
                    else if (file.Recognition is null)
                    {
                        pictures.Add(number);
                    }
                }

                pages.Add(new PdfPage(number, lines));
            }
            catch (Exception e) when (IsParseError(e))
            {
                failed++;
                firstError ??= e.Message;
                warn($"Page {number} could not be read: {e.Message}", null);
            }
        }

        if (pages.TrueForAll(p => p.Lines.Count == 0))
        {
            if (failed > 0)
            {
                throw new SourceFormatException($"None of its {document.NumberOfPages} pages can be read: {firstError}");
            }

            warn(
                file.Recognition is null
                    ? "It has no text; scanned pages need text recognition (OCR)."
                    : "It has no text, and none was recognized.",
                null
            );
            yield break;
        }

        if (pictures.Count > 0)
        {
            var listed = string.Join(", ", pictures.Take(MaxListed)) + (pictures.Count > MaxListed ? ", …" : "");
            warn($"{pictures.Count} of its pages are pictures without text ({listed}); they need text recognition (OCR).", null);
        }

        var headings = Headings(document);
        yield return new SourceDocument
        {
            Title = TitleRules.CleanProperty(document.Information.Title) ?? file.Name,
            Sections = PdfSections.Of(pages, headings),
        };
    }

    private static PdfDocument Open(byte[] bytes)
    {
        try
        {
            return PdfDocument.Open(
                bytes,
                new ParsingOptions
                {
                    UseLenientParsing = true,
                    SkipMissingFonts = true,
                    MaxStackDepth = MaxStackDepth,
                }
            );
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

    private static List<PdfHeading> Headings(PdfDocument document)
    {
        var found = new List<PdfHeading>();
        try
        {
            if (document.TryGetBookmarks(out var bookmarks) && bookmarks is not null)
            {
                foreach (var root in bookmarks.Roots)
                {
                    Collect(root, []);
                }
            }
        }
        catch (Exception e) when (IsParseError(e))
        {
            // A damaged outline: the text is what matters.
            found.Clear();
        }

        return [.. found.OrderBy(h => h.Page)];

        void Collect(BookmarkNode node, string[] path)
        {
            var title = HeadingTrail.OneLine(PdfGlyphs.Plain(node.Title));
            var own = title.Length == 0 ? path : [.. path, title];
            if (node is DocumentBookmarkNode place && title.Length > 0)
            {
                found.Add(new PdfHeading(place.PageNumber, own));
            }

            if (own.Length < MaxStackDepth)
            {
                foreach (var child in node.Children)
                {
                    Collect(child, own);
                }
            }
        }
    }
}
