namespace SearchEngine.Storage;

/// <summary>A file was written by a newer version of this library.</summary>
public sealed class UnsupportedFormatVersionException : StorageException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="version">The file's format version.</param>
    /// <param name="supported">The newest version this library reads.</param>
    public UnsupportedFormatVersionException(string path, int version, int supported)
        : base($"'{path}' has format version {version}; this library reads up to version {supported}. Open it with a newer version of the library.", path)
    {
        Version = version;
        SupportedVersion = supported;
    }

    /// <summary>The file's format version.</summary>
    public int Version { get; }

    /// <summary>The newest format version this library reads.</summary>
    public int SupportedVersion { get; }
}
