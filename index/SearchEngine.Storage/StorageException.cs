namespace SearchEngine.Storage;

/// <summary>A failure of the durable store: an input/output error, a damaged file, or a directory that cannot be used.</summary>
public class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="path">The file or directory concerned, or null.</param>
    /// <param name="innerException">The cause, or null.</param>
    public StorageException(string message, string? path = null, Exception? innerException = null)
        : base(message, innerException) => Path = path;

    /// <summary>The file or directory concerned, or null where none is.</summary>
    public string? Path { get; }
}
