namespace SearchEngine.Distributed.Log;

/// <summary>A shared log could not do what it was asked for.</summary>
public sealed class SharedLogException(SharedLogError error, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What went wrong.</summary>
    public SharedLogError Error { get; } = error;
}
