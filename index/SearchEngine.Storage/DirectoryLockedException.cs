namespace SearchEngine.Storage;

/// <summary>Another handle, of this process or another, holds the lock on a directory.</summary>
internal sealed class DirectoryLockedException(string message) : IOException(message);
