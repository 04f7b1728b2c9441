namespace SearchEngine.Ingestion;

/// <summary>A file cannot be read as its format; the message says why, in one sentence fit for a report.</summary>
public sealed class SourceFormatException : Exception
{
    /// <summary>Makes the exception.</summary>
    public SourceFormatException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
