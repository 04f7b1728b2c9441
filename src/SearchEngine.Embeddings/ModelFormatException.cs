namespace SearchEngine.Embeddings;

/// <summary>
/// A file of a model folder (weights, tokenizer or configuration) is damaged, contradicts another file, or asks for something that is
/// not supported. The message says what is wrong and what to do about it.
/// </summary>
public sealed class ModelFormatException : IOException
{
    /// <summary>Creates the exception for <paramref name="path"/>; the path is put in front of the message.</summary>
    /// <param name="path">The file or folder at fault.</param>
    /// <param name="message">What is wrong with it, and what to do.</param>
    /// <param name="innerException">The failure underneath, if there was one.</param>
    public ModelFormatException(string path, string message, Exception? innerException = null)
        : base($"{path}: {message}", innerException) => Path = path;

    /// <summary>The file or folder at fault.</summary>
    public string Path { get; }
}
