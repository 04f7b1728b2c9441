namespace SearchEngine.Lexical;

/// <summary>
/// The index on disk cannot be used as asked: it is damaged, in use by another writer, of another schema, or the disk failed.
/// </summary>
public sealed class LexicalIndexException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="location">The index directory.</param>
    /// <param name="innerException">The cause, if another exception.</param>
    public LexicalIndexException(string message, string location, Exception? innerException = null)
        : base(message, innerException) => Location = location;

    /// <summary>The index directory.</summary>
    public string Location { get; }

    /// <summary>Whether a newer version of the library, or of Lucene, wrote the index.</summary>
    public bool IsNewerVersion { get; init; }
}
