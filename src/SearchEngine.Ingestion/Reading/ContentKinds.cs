namespace SearchEngine.Ingestion;

/// <summary>Chooses a reader by what a file begins with, for files whose name says nothing.</summary>
internal static class ContentKinds
{
    private const int SampleBytes = 4096;

    /// <summary>The reader of a file on the disk; null where none takes it.</summary>
    internal static IDocumentReader? ReaderOf(string path, IReadOnlyList<IDocumentReader> readers)
    {
        try
        {
            using var stream = DiskFile.OpenRead(path, bufferSize: 1);
            var sample = new byte[SampleBytes];
            return ReaderOf(sample[..stream.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false)], readers);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The reader of a content; null where none takes it.</summary>
    internal static IDocumentReader? ReaderOf(byte[] content, IReadOnlyList<IDocumentReader> readers)
    {
        var extension = ExtensionOf(content.AsSpan(0, Math.Min(content.Length, SampleBytes)));
        return extension is null ? null : readers.LastOrDefault(r => r.Extensions.Contains(extension));
    }

    private static string? ExtensionOf(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("%PDF-"u8))
        {
            return ".pdf";
        }

        if (start.StartsWith("{\\rtf"u8))
        {
            return ".rtf";
        }

        if (start.StartsWith("PK\u0003\u0004"u8))
        {
            return start.IndexOf("word/"u8) >= 0 ? ".docx"
                : start.IndexOf("ppt/"u8) >= 0 ? ".pptx"
                : start.IndexOf("xl/"u8) >= 0 ? ".xlsx"
                : start.IndexOf("application/epub"u8) >= 0 ? ".epub"
                : start.IndexOf("opendocument.text"u8) >= 0 ? ".odt"
                : ".zip";
        }

        if (start is [0x1F, 0x8B, ..])
        {
            return ".gz";
        }

        try
        {
            var text = TextDecoder.Decode(start.ToArray()).TrimStart();
            return text.Length == 0 ? null
                : text.StartsWith("From ", StringComparison.Ordinal) && text.Contains("\nSubject: ", StringComparison.Ordinal) ? ".mbox"
                : text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
                    ? ".html"
                : ".txt";
        }
        catch (SourceFormatException)
        {
            return null;
        }
    }
}
