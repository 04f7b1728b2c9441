namespace SearchEngine.Storage;

/// <summary>The database directory is owned by another process, or was opened before by this one.</summary>
public sealed class DatabaseInUseException : StorageException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="directory">The database directory.</param>
    /// <param name="processId">The owner's process id, or null where it cannot be read.</param>
    /// <param name="innerException">The operating system's refusal.</param>
    public DatabaseInUseException(string directory, int? processId, Exception? innerException = null)
        : base(Describe(directory, processId), directory, innerException) => ProcessId = processId;

    /// <summary>The process that owns the directory, or null where its id cannot be read.</summary>
    public int? ProcessId { get; }

    private static string Describe(string directory, int? processId)
    {
        var owner =
            processId is null ? "another process"
            : processId == Environment.ProcessId ? $"this process ({processId})"
            : $"process {processId}";
        return $"The database '{directory}' is in use by {owner}. One process owns a database directory at a time: close it there first, or open a snapshot.";
    }
}
