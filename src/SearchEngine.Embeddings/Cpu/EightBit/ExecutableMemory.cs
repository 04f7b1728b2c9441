using System.Runtime.InteropServices;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// Memory for machine code that is made at run time: written first, then executable and no longer writable. It is never given back.
/// </summary>
internal static unsafe partial class ExecutableMemory
{
    private const int PosixRead = 1;
    private const int PosixWrite = 2;
    private const int PosixExecute = 4;
    private const int PosixPrivateAnonymous = 0x22; // Linux: MAP_PRIVATE | MAP_ANONYMOUS
    private const uint WindowsCommitReserve = 0x3000; // MEM_COMMIT | MEM_RESERVE
    private const uint WindowsReadWrite = 4; // PAGE_READWRITE
    private const uint WindowsExecuteRead = 0x20; // PAGE_EXECUTE_READ

    /// <summary>Puts code into memory from which it can be run; null where the system does not let programs do that, or is another.</summary>
    public static byte* TryPlace(ReadOnlySpan<byte> code)
    {
        var size = (nuint)code.Length;
        if (OperatingSystem.IsWindows())
        {
            var place = (byte*)VirtualAlloc(0, size, WindowsCommitReserve, WindowsReadWrite);
            if (place is null)
                return null;
            code.CopyTo(new Span<byte>(place, code.Length));
            return VirtualProtect((nint)place, size, WindowsExecuteRead, out _) ? place : null;
        }
        if (OperatingSystem.IsLinux())
        {
            var place = Map(0, size, PosixRead | PosixWrite, PosixPrivateAnonymous, -1, 0);
            if (place == -1)
                return null;
            code.CopyTo(new Span<byte>((byte*)place, code.Length));
            if (Protect(place, size, PosixRead | PosixExecute) == 0)
                return (byte*)place;
            _ = Unmap(place, size);
        }
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint size, uint allocation, uint protection);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualProtect(nint address, nuint size, uint protection, out uint before);
}
