using System.IO.MemoryMappedFiles;

namespace SearchEngine.Lexical.Mapped;

/// <summary>
/// A file of the index in memory, read in place. Any thread may read while it is open; who closes it sees to it that nobody reads any more
/// (Lucene counts the readers of a segment and closes its files after the last). What comes later is told so as long as it does not come
/// in the very moment of closing.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    /// <summary>A page of the file brings so many bytes around it into memory with it at most, what was let go before too.</summary>
    private const long AroundBytes = 2 << 20;

    private readonly string _path;
    private readonly MemoryMappedViewAccessor? _view;

    // SAFETY: points to Length bytes of the view, which AcquirePointer keeps mapped until Dispose; null before and after.
    private byte* _bytes;

    /// <summary>Maps a whole file.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    internal MappedFile(string path)
    {
        _path = path;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        Length = stream.Length;
        // No system maps nothing.
        if (Length == 0)
            return;
        using var mapping = MemoryMappedFile.CreateFromFile(
            stream,
            null,
            0,
            MemoryMappedFileAccess.Read,
            HandleInheritability.None,
            leaveOpen: true
        );
        _view = mapping.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _bytes = pointer + _view.PointerOffset;
    }

    internal long Length { get; }

    /// <summary>The address of a byte, which is valid until the file is closed.</summary>
    /// <param name="position">Where it is; the caller sees to it that what it reads from there on lies in the file.</param>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    internal byte* At(long position)
    {
        var bytes = _bytes;
        if (bytes is null)
            ThrowIfClosed();
        // SAFETY: the caller reads within Length, and the file is open.
        return bytes + position;
    }

    /// <summary>
    /// Lets a part of the file go that has been read and is not soon read again: the process no longer holds its pages. Nothing changes for
    /// who reads them all the same.
    /// </summary>
    /// <returns>Bytes that were let go.</returns>
    internal long LetGo(long from, long to)
    {
        if (_view is null)
            return 0;
        var handle = _view.SafeMemoryMappedViewHandle;
        var isHeld = false;
        try
        {
            // What is unmapped meanwhile may be another's memory: the handle is held so that nothing is.
            handle.DangerousAddRef(ref isHeld);
            var bytes = _bytes;
            return bytes is null ? 0 : PageAdvice.LetGo(bytes + Math.Max(0, from - AroundBytes), bytes + to);
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
        finally
        {
            if (isHeld)
                handle.DangerousRelease();
        }
    }

    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    internal void ThrowIfClosed()
    {
        if (_bytes is null && Length > 0)
            throw new ObjectDisposedException(_path, "The index file was closed.");
    }

    /// <summary>Gives the memory back. A second time does nothing.</summary>
    public void Dispose()
    {
        if (_bytes is null)
            return;
        _bytes = null;
        _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
    }

    public override string ToString() => _path;
}
