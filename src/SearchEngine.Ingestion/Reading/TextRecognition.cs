namespace SearchEngine.Ingestion;

/// <summary>
/// Recognizes the text of pages that are pictures (OCR): scanned PDF pages, and image files. The library brings none; it calls what it is given.
/// Called from several threads at once, one page at a time on each.
/// </summary>
/// <param name="Name">Names the method and its version: when it changes, files that may hold pictures are read anew.</param>
/// <param name="Read">
/// The text of a page of a file on the disk, pages from 1 (an image has one); empty where there is none. What it throws is told of the
/// page, and the rest of the file goes on.
/// </param>
public sealed record TextRecognition(string Name, Func<string, int, CancellationToken, string> Read)
{
    /// <summary>How long a command may take for a page by default: a dense page on a slow machine.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(2);

    /// <summary>Recognition by a program that is called as <c>PROGRAM FILE PAGE</c> and writes the text to its standard output, as UTF-8.</summary>
    /// <param name="program">The program: its path, or its name if it is on the path.</param>
    /// <param name="limit">How long it may take for a page; then it is ended. Null for <see cref="DefaultLimit"/>.</param>
    public static TextRecognition ByCommand(string program, TimeSpan? limit = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        return new TextRecognition(
            Path.GetFileName(program),
            (path, page, cancellationToken) => RecognitionCommand.Run(program, path, page, limit ?? DefaultLimit, cancellationToken)
        );
    }
}
