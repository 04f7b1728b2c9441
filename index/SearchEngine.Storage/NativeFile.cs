using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SearchEngine.Storage;

/// <summary>The POSIX calls that .NET has no equal for: making directory names or only data durable, and reading a file that is locked.</summary>
internal static partial class NativeFile
{
    private const int ReadOnly = 0;

    /// <summary>Makes created, renamed and deleted names of a directory durable. Windows does so by itself.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(directory, ReadOnly);
        if (descriptor < 0)
            throw new StorageException($"Cannot open the directory '{directory}' to make it durable (error {Marshal.GetLastPInvokeError()}).", directory);
        try
        {
            if (Synchronize(descriptor) != 0)
                throw new StorageException($"Cannot make the directory '{directory}' durable (error {Marshal.GetLastPInvokeError()}).", directory);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Reads the start of a file whatever advisory locks lie on it; returns the bytes read, 0 where it cannot be read.</summary>
    public static int ReadStart(string path, Span<byte> content)
    {
        if (OperatingSystem.IsWindows()) return 0;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0) return 0;
        try
        {
            return (int)Math.Max(0, Read(descriptor, content, content.Length));
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Forces a file's data to the disk, and of its metadata only what is needed to read them (fdatasync). Linux only.</summary>
    public static void FlushData(SafeFileHandle handle, string path)
    {
        if (SynchronizeData(handle) != 0) throw new IOException($"'{path}' could not be forced to the disk (error {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SynchronizeData(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, Span<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
