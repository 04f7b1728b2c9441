namespace SearchEngine.Hosting;

/// <summary>Wrong use or a failure that the message explains in one line: what is wrong and what to do.</summary>
internal sealed class HostException(string message, Exception? innerException = null) : Exception(message, innerException);
