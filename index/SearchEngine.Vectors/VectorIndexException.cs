namespace SearchEngine.Vectors;

/// <summary>An index image that cannot be used: damaged, of another format version, or built with other options.</summary>
public sealed class VectorIndexException : Exception
{
    /// <summary>Creates the exception.</summary>
    public VectorIndexException(string message, int? slot = null, Exception? innerException = null)
        : base(message, innerException) => Slot = slot;

    /// <summary>The slot whose blob is at fault, where one is: -1 for the header, otherwise an ordinal.</summary>
    public int? Slot { get; }

    /// <summary>Whether a newer version of the library wrote the image.</summary>
    public bool IsNewerVersion { get; init; }
}
