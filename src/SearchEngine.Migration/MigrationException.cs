namespace SearchEngine.Migration;

/// <summary>A foreign store cannot be read or taken over; the message says what is wrong and what to do.</summary>
public sealed class MigrationException : Exception
{
    /// <summary>Makes one with its message.</summary>
    public MigrationException(string message)
        : base(message) { }

    /// <summary>Makes one with its message and cause.</summary>
    public MigrationException(string message, Exception inner)
        : base(message, inner) { }
}
