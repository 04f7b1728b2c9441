namespace SearchEngine.Storage;

/// <summary>A file, or something in it, was written by a newer version of this library.</summary>
public sealed class UnsupportedFormatVersionException : StorageException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="version">The file's format version.</param>
    /// <param name="supported">The newest version this library reads.</param>
    public UnsupportedFormatVersionException(string path, int version, int supported)
        : this($"'{path}'", path, version, supported) { }

    private UnsupportedFormatVersionException(string what, string? path, int version, int supported)
        : base(
            $"{what} has format version {version}; this library reads up to version {supported}. Open it with a newer version of the library.",
            path
        )
    {
        Version = version;
        SupportedVersion = supported;
    }

    /// <summary>The format version found.</summary>
    public int Version { get; }

    /// <summary>The newest format version this library reads.</summary>
    public int SupportedVersion { get; }

    /// <summary>For what lies in a file and carries a version of its own: an entry, a record.</summary>
    /// <param name="what">Begins the message: "A write log entry".</param>
    /// <param name="version">Its format version.</param>
    /// <param name="supported">The newest version this library reads.</param>
    public static UnsupportedFormatVersionException OfContent(string what, int version, int supported) =>
        new(what, null, version, supported);
}
