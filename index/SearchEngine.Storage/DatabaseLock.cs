using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SearchEngine.Storage;

/// <summary>
/// Ownership of a database directory by one process, or reading of it by several. The operating system holds the lock, so it is
/// released when the process ends, however it ends. The lock file carries the owner's process id for the message that others get.
/// </summary>
public sealed class DatabaseLock : IDisposable
{
    /// <summary>The lock file's name inside the directory.</summary>
    public const string FileName = "LOCK";

    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, creating the directory where needed.</summary>
    /// <exception cref="DatabaseInUseException">Another process, or an earlier call in this one, holds it.</exception>
    /// <exception cref="StorageException">The lock file cannot be made or written.</exception>
    public static DatabaseLock Acquire(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        var file = Open(directory, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DatabaseLock(file);
        }
        catch (IOException exception)
        {
            file.Dispose();
            throw Refused(directory, exception);
        }
    }

    /// <summary>
    /// Keeps owners out while the directory is read; other readers are let in. Writes nothing. Null where there is no lock file: a
    /// snapshot or a copy, which nobody owns.
    /// </summary>
    /// <exception cref="DatabaseInUseException">A process owns the directory.</exception>
    public static DatabaseLock? AcquireForReading(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return File.Exists(System.IO.Path.Combine(directory, FileName)) ? new DatabaseLock(Open(directory, FileMode.Open, FileAccess.Read, FileShare.Read)) : null;
    }

    /// <summary>Releases the lock. The file stays: deleting it would let two processes hold locks on two files of one name.</summary>
    public void Dispose()
    {
        _file.Dispose();
    }

    private static FileStream Open(string directory, FileMode mode, FileAccess access, FileShare share)
    {
        var path = System.IO.Path.Combine(directory, FileName);
        try
        {
            return new FileStream(path, mode, access, share);
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

    /// <summary>Whether the lock is what stands in the way: EWOULDBLOCK of Linux and macOS, a sharing or lock violation of Windows.</summary>
    private static bool IsHeld(IOException exception) =>
        OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) is 32 or 33 : exception.HResult is 11 or 35;

    private static StorageException Refused(string directory, Exception exception) =>
        new($"The database '{directory}' cannot be locked: {exception.Message}", System.IO.Path.Combine(directory, FileName), exception);

    /// <summary>The process that owns the directory; null where it cannot be read, or where the last owner is gone (then readers hold the lock).</summary>
    private static int? ReadOwner(string path)
    {
        Span<byte> content = stackalloc byte[16];
        var length = NativeFile.ReadStart(path, content);
        return int.TryParse(Encoding.ASCII.GetString(content[..length]), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && IsRunning(id) ? id : null;
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
