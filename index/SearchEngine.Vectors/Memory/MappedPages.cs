using System.IO.Hashing;
using System.IO.MemoryMappedFiles;

namespace SearchEngine.Vectors.Memory;

/// <summary>
/// A file mapped into memory for reading in place, changes private to the process (copy on write). Each page of <see cref="PageBytes"/> is
/// held against
/// its checksum at its first use, or by <see cref="CheckAll"/>, whichever comes first: before anything can change it, so that what was read
/// once is known to be sound. Thread-safe.
/// </summary>
internal sealed unsafe class MappedPages : IDisposable
{
    /// <summary>Bytes under one checksum; also what every system maps files by.</summary>
    public const int PageBytes = 1 << 16;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Lock _checking = new();
    private ulong[] _sums = [];
    private int[] _sound = [];
    private volatile bool _allSound;

    /// <summary>Maps a whole file.</summary>
    public MappedPages(string path)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.RandomAccess);
        try
        {
            Length = _file.Length;
            if (Length == 0)
                throw new VectorIndexException($"The image {path} is damaged: it is empty.");
            _mapping = MemoryMappedFile.CreateFromFile(
                _file,
                null,
                0,
                MemoryMappedFileAccess.CopyOnWrite,
                HandleInheritability.None,
                leaveOpen: true
            );
            _view = _mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.CopyOnWrite);
            byte* pointer = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            Pointer = pointer + _view.PointerOffset;
        }
        catch
        {
            _view?.Dispose();
            _mapping?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    public byte* Pointer { get; }

    public long Length { get; }

    /// <summary>Whether every page was checked.</summary>
    public bool AreAllSound => _allSound;

    /// <summary>How many pages were checked so far: what an opening reads.</summary>
    public int SoundPages => _sound.Sum(bits => System.Numerics.BitOperations.PopCount((uint)bits));

    /// <summary>The checksum of a page; what is missing of the last one counts as zeros.</summary>
    public static ulong SumOf(ReadOnlySpan<byte> page) => XxHash3.HashToUInt64(page);

    /// <summary>Sets the checksums of the pages from the first on. Call before use.</summary>
    public void Expect(ulong[] sums)
    {
        if ((long)sums.Length * PageBytes > Length)
            throw new VectorIndexException($"The image {_path} is damaged: it has fewer pages than checksums.");
        _sums = sums;
        _sound = new int[(sums.Length + 31) / 32];
    }

    /// <summary>Checks the pages that some bytes lie on, unless that was done. Bytes outside the mapping are nothing of its own.</summary>
    /// <exception cref="VectorIndexException">A page differs from what was written.</exception>
    public void Check(byte* address, int bytes)
    {
        if (address < Pointer || address >= Pointer + Length)
            return;
        var last = (int)((address + bytes - 1 - Pointer) / PageBytes);
        for (var page = (int)((address - Pointer) / PageBytes); page <= last; page++)
        {
            if ((Volatile.Read(ref _sound[page >> 5]) >> page & 1) == 0)
                CheckPage(page);
        }
    }

    /// <summary>
    /// Checks every page not yet used. They are read from the file, not through the mapping, so that the process does not come to hold them:
    /// what nobody used nobody changed.
    /// </summary>
    /// <exception cref="VectorIndexException">A page differs from what was written.</exception>
    public void CheckAll(CancellationToken cancellationToken)
    {
        var buffer = new byte[PageBytes];
        for (var page = 0; page < _sums.Length; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((Volatile.Read(ref _sound[page >> 5]) >> page & 1) != 0)
                continue;
            var read = 0;
            for (int n; read < PageBytes; read += n)
            {
                n = RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(read), (long)page * PageBytes + read);
                if (n == 0)
                    break;
            }
            MarkIfSound(page, buffer.AsSpan(0, read));
        }
        _allSound = true;
    }

    // Nobody changes a page before it is marked: whoever would is waiting here.
    private void CheckPage(int page) => MarkIfSound(page, new ReadOnlySpan<byte>(Pointer + (long)page * PageBytes, PageBytes));

    private void MarkIfSound(int page, ReadOnlySpan<byte> content)
    {
        lock (_checking)
        {
            if ((_sound[page >> 5] >> page & 1) != 0)
                return;
            if (SumOf(content) != _sums[page])
            {
                throw new VectorIndexException(
                    $"The image {_path} is damaged at byte {(long)page * PageBytes:N0}: remove it, and the index is read from its store."
                );
            }
            Volatile.Write(ref _sound[page >> 5], _sound[page >> 5] | 1 << page);
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
        _file.Dispose();
    }
}
