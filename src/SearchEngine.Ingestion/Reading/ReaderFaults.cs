namespace SearchEngine.Ingestion;

/// <summary>
/// What an exception out of a reader means. Parsers of damaged files come to any exception; it costs the file, and no other. Only what is
/// about the process or the database passes: cancelling, memory at its end, a database that refuses.
/// </summary>
internal static class ReaderFaults
{
    internal static bool IsOfFile(Exception e) => e is not (OperationCanceledException or OutOfMemoryException or SearchDatabaseException);

    /// <summary>In a sentence; exceptions that readers do not mean to throw are named, so that they can be reported.</summary>
    internal static string Describe(Exception e, IDocumentReader reader) =>
        e is SourceFormatException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException
            ? e.Message
            : $"It cannot be read as {reader.Name} ({e.GetType().Name}: {e.Message})";
}
