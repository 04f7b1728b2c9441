namespace SearchEngine.TestDisks;

/// <summary>The system's own errors, as .NET gives them.</summary>
internal static class DiskErrors
{
    private const int NoSpace = 28;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static IOException Full() => new("No space left on device.", OperatingSystem.IsWindows() ? WindowsDiskFull : NoSpace);
}
