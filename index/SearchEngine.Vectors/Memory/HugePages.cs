using System.Runtime.InteropServices;

namespace SearchEngine.Vectors.Memory;

/// <summary>
/// Asks Linux for huge pages behind large tables: random reads over many megabytes otherwise miss the address cache on nearly every row.
/// </summary>
internal static unsafe partial class HugePages
{
    public const int Size = 2 << 20;
    private const int AdviseHugePage = 14;
    private const int AdviseCollapse = 25;

    /// <summary>Advises a region; what the system does not give is done without.</summary>
    public static void Advise(void* start, nuint length, bool alreadyTouched)
    {
        if (!OperatingSystem.IsLinux() || length < Size)
            return;
        _ = madvise(start, length, AdviseHugePage);
        if (alreadyTouched)
            _ = madvise(start, length, AdviseCollapse);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int madvise(void* address, nuint length, int advice);
}
