using System.Runtime.InteropServices;

namespace SearchEngine.Lexical.Mapped;

/// <summary>What Linux is told of mapped pages. Elsewhere nothing is told, and the system decides by itself.</summary>
internal static unsafe partial class PageAdvice
{
    private const int DontNeed = 4;

    /// <summary>
    /// Takes whole pages between two addresses of a file that is mapped for reading out of the process' memory. They stay in the system's
    /// cache of files, from where whoever reads them again has them. Who calls sees to it that they are mapped.
    /// </summary>
    /// <returns>Bytes that were let go.</returns>
    public static long LetGo(byte* from, byte* to)
    {
        var page = (nuint)Environment.SystemPageSize;
        var first = ((nuint)from + page - 1) / page * page;
        var end = (nuint)to / page * page;
        return OperatingSystem.IsLinux() && first < end && madvise((void*)first, end - first, DontNeed) == 0 ? (long)(end - first) : 0;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int madvise(void* address, nuint length, int advice);
}
