using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SearchEngine.Storage;

/// <summary>
/// The POSIX calls that .NET has no equal for: making directory names or only data durable, locking a directory, reading a file that is
/// locked, and telling whether two names are one file.
/// </summary>
internal static partial class NativeFile
{
    private const int ReadOnly = 0;
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NoWait = 4;
    private const int Release = 8;

    private static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    private static int WouldBlock => OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>Makes created, renamed and deleted names of a directory durable. Windows does so by itself.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(directory, ReadOnly);
        if (descriptor < 0)
        {
            throw new StorageException(
                $"Cannot open the directory '{directory}' to make it durable (error {Marshal.GetLastPInvokeError()}).",
                directory
            );
        }
        try
        {
            if (Synchronize(descriptor) != 0)
            {
                throw new StorageException(
                    $"Cannot make the directory '{directory}' durable (error {Marshal.GetLastPInvokeError()}).",
                    directory
                );
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Reads the start of a file whatever advisory locks lie on it; returns the bytes read, 0 where it cannot be read.</summary>
    public static int ReadStart(string path, Span<byte> content)
    {
        if (OperatingSystem.IsWindows())
            return 0;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            return 0;
        try
        {
            return (int)Math.Max(0, Read(descriptor, content, content.Length));
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>
    /// Locks a directory itself, whatever happens to the names in it; the lock goes with the handle and with the process. Null where the
    /// file system or the operating system cannot.
    /// </summary>
    /// <exception cref="DirectoryLockedException">Another handle holds it.</exception>
    public static SafeFileHandle? LockDirectory(string directory, bool exclusive)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var descriptor = Open(directory, ReadOnly | CloseOnExec);
        if (descriptor < 0)
            return null;
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Lock(descriptor, (exclusive ? Exclusive : Shared) | NoWait) == 0)
            return handle;
        var held = Marshal.GetLastPInvokeError() == WouldBlock;
        handle.Dispose();
        if (held)
            throw new DirectoryLockedException($"'{directory}' is locked.");
        return null;
    }

    /// <summary>
    /// Gives a directory's lock up at once. Closing the handle alone leaves it with whatever duplicate there is, and there is one while a
    /// program is started: the child has it from its making until it runs its own code.
    /// </summary>
    public static void UnlockDirectory(SafeFileHandle handle)
    {
        if (!handle.IsClosed)
            _ = Lock((int)handle.DangerousGetHandle(), Release);
    }

    /// <summary>
    /// What tells one file from every other: device and number. Null where it cannot be told (or nothing has the name). Linux only.
    /// </summary>
    public static (ulong Device, ulong Number)? IdentityOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return Status(CurrentDirectory, path, 0, NumberMask, out var status) == 0
                ? (((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Number)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Forces a file's data to the disk, and of its metadata only what is needed to read them (fdatasync). Linux only.</summary>
    public static void FlushData(SafeFileHandle handle, string path)
    {
        if (SynchronizeData(handle) != 0)
            throw new IOException($"'{path}' could not be forced to the disk (error {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>How many more files the process may open, and how many in all; null where that cannot be told.</summary>
    public static (long Left, long Limit)? Descriptors()
    {
        if (OperatingSystem.IsWindows())
            return null;
        var open = OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd";
        try
        {
            if (Limit(OperatingSystem.IsLinux() ? LinuxFiles : MacFiles, out var limit) != 0 || limit.Current > long.MaxValue)
                return null;
            return ((long)limit.Current - Directory.EnumerateFileSystemEntries(open).Count(), (long)limit.Current);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private const int LinuxFiles = 7;
    private const int MacFiles = 8;

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Largest;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int Limit(int resource, out ResourceLimit limit);

    private const int CurrentDirectory = -100;
    private const uint NumberMask = 0x100;

    /// <summary>The part of Linux's <c>struct statx</c> that is needed; its layout is the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int descriptor, int operation);

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
