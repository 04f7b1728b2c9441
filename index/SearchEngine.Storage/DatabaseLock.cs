using System.Globalization;
using System.Text;

namespace SearchEngine.Storage;

/// <summary>
/// Ownership of a database directory by one process. The operating system holds the lock, so it is released when the process
/// ends, however it ends. The lock file carries the owner's process id for the message that others get.
/// </summary>
public sealed class DatabaseLock : IDisposable
{
    /// <summary>The lock file's name inside the directory.</summary>
    public const string FileName = "LOCK";

    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, creating the directory where needed.</summary>
    /// <exception cref="DatabaseInUseException">Another process, or an earlier call in this one, holds it.</exception>
    public static DatabaseLock Acquire(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        var path = System.IO.Path.Combine(directory, FileName);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new DatabaseInUseException(directory, ReadOwner(path), exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StorageException($"The database '{directory}' cannot be locked: {exception.Message}", path, exception);
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return new DatabaseLock(file);
    }

    /// <summary>Releases the lock. The file stays: deleting it would let two processes hold locks on two files of one name.</summary>
    public void Dispose()
    {
        _file.Dispose();
    }

    private static int? ReadOwner(string path)
    {
        Span<byte> content = stackalloc byte[16];
        var length = NativeFile.ReadStart(path, content);
        return int.TryParse(Encoding.ASCII.GetString(content[..length]), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
