namespace SearchEngine.Storage;

/// <summary>What a failure of the system means.</summary>
internal static class StorageErrors
{
    private const int PosixNoSpace = 28;
    private const int LinuxQuota = 122;
    private const int MacQuota = 69;
    private const int WindowsHandleDiskFull = 39;
    private const int WindowsDiskFull = 112;
    private const int PosixProcessFiles = 24;
    private const int PosixSystemFiles = 23;
    private const int WindowsFiles = 4;

    /// <summary>Whether the disk, or the user's share of it, is full, anywhere down the causes.</summary>
    public static bool IsFull(Exception? exception) =>
        Any(
            exception,
            e =>
                e is IOException
                && (
                    OperatingSystem.IsWindows()
                        ? (e.HResult & 0xFFFF) is WindowsDiskFull or WindowsHandleDiskFull
                        : e.HResult == PosixNoSpace || e.HResult == (OperatingSystem.IsMacOS() ? MacQuota : LinuxQuota)
                )
        );

    /// <summary>Whether the process, or the system, has no file descriptors left.</summary>
    public static bool IsOutOfDescriptors(Exception? exception) =>
        Any(
            exception,
            e =>
                OperatingSystem.IsWindows()
                    ? e is IOException && (e.HResult & 0xFFFF) == WindowsFiles
                    : e is IOException && e.HResult is PosixProcessFiles or PosixSystemFiles
        );

    private static bool Any(Exception? exception, Func<Exception, bool> matches)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (matches(exception))
                return true;
        }

        return false;
    }
}
