namespace SearchEngine.Distributed.Log;

/// <summary>What went wrong with a shared log, for programs that react to it.</summary>
public enum SharedLogError
{
    /// <summary>
    /// No server answered as the primary for as long as was waited for. An append may have happened or not: try again under the same id.
    /// </summary>
    Unavailable,

    /// <summary>The collection is not there, or was dropped.</summary>
    CollectionNotFound,

    /// <summary>A collection of that name exists already.</summary>
    CollectionExists,

    /// <summary>What was to be read has been trimmed: begin with a snapshot.</summary>
    Trimmed,

    /// <summary>The log is not the one that was read up to the cursor: what was made of it is to be thrown away.</summary>
    Forked,

    /// <summary>The server refused; the message says what.</summary>
    Refused,
}
