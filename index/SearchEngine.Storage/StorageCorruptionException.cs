namespace SearchEngine.Storage;

/// <summary>
/// Stored bytes that are not what was written: a checksum does not match, a file is missing or cut, an address is impossible.
/// The message names the file, and where known the space, key and address. Nothing was changed on disk.
/// </summary>
public sealed class StorageCorruptionException : StorageException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is damaged.</param>
    /// <param name="path">The damaged file or its directory.</param>
    /// <param name="address">The logical address of the damage, or null.</param>
    /// <param name="space">The record space, or null where no record is concerned.</param>
    /// <param name="key">The record's key, or null where no record is concerned.</param>
    /// <param name="innerException">The cause, or null.</param>
    public StorageCorruptionException(
        string message,
        string? path = null,
        long? address = null,
        byte? space = null,
        byte[]? key = null,
        Exception? innerException = null
    )
        : base(message, path, innerException)
    {
        Address = address;
        Space = space;
        Key = key;
    }

    /// <summary>The logical address of the damage (in bytes of the log or record log), or null.</summary>
    public long? Address { get; }

    /// <summary>The record space, or null.</summary>
    public byte? Space { get; }

    /// <summary>The record key, or null.</summary>
    public byte[]? Key { get; }
}
