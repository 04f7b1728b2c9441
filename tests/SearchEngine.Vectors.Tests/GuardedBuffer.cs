using System.Runtime.InteropServices;

namespace SearchEngine.Vectors.Tests;

/// <summary>Memory that ends at an inaccessible page (on Linux): reading past the end ends the test process.</summary>
internal sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int Page = 4096;
    private readonly byte* _mapping;
    private readonly nuint _length;

    public GuardedBuffer(int bytes)
    {
        // The kernels that need it load aligned to nothing, so the end may lie anywhere.
        _length = (nuint)((bytes + Page - 1) / Page * Page + Page);
        if (OperatingSystem.IsLinux())
        {
            _mapping = (byte*)mmap(null, _length, 3, 0x22, -1, 0);
            if ((nint)_mapping == -1 || mprotect(_mapping + _length - Page, Page, 0) != 0)
                throw new InvalidOperationException("mmap failed");
        }
        else
        {
            _mapping = (byte*)NativeMemory.AllocZeroed(_length);
        }
        Pointer = _mapping + _length - Page - bytes;
    }

    public byte* Pointer { get; }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            _ = munmap(_mapping, _length);
        else
            NativeMemory.Free(_mapping);
    }

    [LibraryImport("libc")]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);
}
