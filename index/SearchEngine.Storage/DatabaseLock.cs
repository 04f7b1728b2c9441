using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SearchEngine.Storage;

/// <summary>
/// Ownership of a database directory by one process, or reading of it by several. The operating system holds the lock, so it is
/// released when the process ends, however it ends. It lies on the directory itself, where the system can do that (Linux, macOS: no file
/// that is deleted, no link to the directory lets a second process in), and on the lock file in it, which also carries the owner's process
/// id for the message that others get.
/// </summary>
public sealed class DatabaseLock : IDisposable
{
    /// <summary>The lock file's name inside the directory.</summary>
    public const string FileName = "LOCK";

    private readonly SafeFileHandle? _directory;
    private readonly FileStream? _file;

    private DatabaseLock(SafeFileHandle? directory, FileStream? file)
    {
        _directory = directory;
        _file = file;
    }

    /// <summary>Takes the lock, creating the directory where needed.</summary>
    /// <exception cref="DatabaseInUseException">Another process, or an earlier call in this one, holds it.</exception>
    /// <exception cref="StorageException">The lock file cannot be made or written.</exception>
    public static DatabaseLock Acquire(string directory) => Acquire(directory, StorageDisk.Real);

    internal static DatabaseLock Acquire(string directory, StorageDisk disk)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        try
        {
            disk.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(directory, exception);
        }

        var held = LockDirectory(directory, exclusive: true);
        FileStream? file = null;
        try
        {
            file = Open(directory, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DatabaseLock(held, file);
        }
        catch (IOException exception) when (IsFull(exception))
        {
            // The locks are what counts; the number that others would read has no room.
            return new DatabaseLock(held, file);
        }
        catch (Exception exception)
        {
            file?.Dispose();
            held?.Dispose();
            if (exception is not IOException)
                throw;
            throw Refused(directory, exception);
        }
    }

    /// <summary>
    /// Keeps owners out while the directory is read; other readers are let in. Writes nothing. Null where there is nothing to lock: a
    /// system that cannot lock a directory, and a snapshot or copy in it without a lock file.
    /// </summary>
    /// <exception cref="DatabaseInUseException">A process owns the directory.</exception>
    public static DatabaseLock? AcquireForReading(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            return null;
        var held = LockDirectory(directory, exclusive: false);
        try
        {
            var file = File.Exists(System.IO.Path.Combine(directory, FileName))
                ? Open(directory, FileMode.Open, FileAccess.Read, FileShare.Read)
                : null;
            return held is null && file is null ? null : new DatabaseLock(held, file);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Releases the lock. The file stays: deleting it would let two processes hold locks on two files of one name.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        if (_directory is null)
            return;
        NativeFile.UnlockDirectory(_directory);
        _directory.Dispose();
    }

    private static SafeFileHandle? LockDirectory(string directory, bool exclusive)
    {
        try
        {
            return NativeFile.LockDirectory(directory, exclusive);
        }
        catch (DirectoryLockedException exception)
        {
            throw new DatabaseInUseException(directory, ReadOwner(System.IO.Path.Combine(directory, FileName)), exception);
        }
    }

    private static FileStream Open(string directory, FileMode mode, FileAccess access, FileShare share)
    {
        var path = System.IO.Path.Combine(directory, FileName);
        try
        {
            return new FileStream(path, mode, access, share, bufferSize: 0);
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            throw new DatabaseInUseException(directory, ReadOwner(path), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(directory, exception);
        }
    }

    /// <summary>
    /// Whether the lock is what stands in the way: EWOULDBLOCK of Linux and macOS, a sharing or lock violation of Windows.
    /// </summary>
    private static bool IsHeld(IOException exception) =>
        OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) is 32 or 33 : exception.HResult is 11 or 35;

    private static bool IsFull(IOException exception) => StorageErrors.IsFull(exception);

    private static StorageException Refused(string directory, Exception exception) =>
        new($"The database '{directory}' cannot be locked: {exception.Message}", System.IO.Path.Combine(directory, FileName), exception);

    /// <summary>
    /// The process that owns the directory; null where it cannot be read, or where the last owner is gone (then readers hold the lock).
    /// </summary>
    private static int? ReadOwner(string path)
    {
        Span<byte> content = stackalloc byte[16];
        var length = NativeFile.ReadStart(path, content);
        return
            int.TryParse(Encoding.ASCII.GetString(content[..length]), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && IsRunning(id)
            ? id
            : null;
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
