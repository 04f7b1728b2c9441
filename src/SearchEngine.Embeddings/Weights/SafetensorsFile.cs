using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.IO.MemoryMappedFiles;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// A safetensors file, memory-mapped and read-only: eight bytes of header length (little-endian), a JSON header, then the tensors
/// without gaps. The header is checked completely on opening, so that every <see cref="SafetensorsEntry"/> handed out lies inside the
/// file; nothing else is read until it is asked for. Thread-safe, except that <see cref="Dispose"/> must come after the last use of a
/// span or pointer.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly nint _base;
    private readonly long _length;
    private bool _disposed;

    private unsafe SafetensorsFile(string path, SafetensorsHeader header)
    {
        Path = path;
        Entries = new ReadOnlyDictionary<string, SafetensorsEntry>(header.Entries);
        Metadata = new ReadOnlyDictionary<string, string>(header.Metadata);
        _length = header.FileLength;
        _map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        try
        {
            _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            if (_view.Capacity < header.FileLength)
                throw new ModelFormatException(path, "the file became shorter while it was being opened.");
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _base = (nint)(start + _view.PointerOffset);
        }
        catch
        {
            _view?.Dispose();
            _map.Dispose();
            throw;
        }
    }

    /// <summary>The file's path, as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The free-form text pairs of the header's <c>__metadata__</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens and maps a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is truncated or its header is not valid.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new SafetensorsFile(path, ReadHeader(path));
    }

    /// <summary>The bytes of a tensor, in the mapped file.</summary>
    /// <exception cref="NotSupportedException">The tensor has more than 2 GiB; use <see cref="Pointer"/>.</exception>
    public unsafe ReadOnlySpan<byte> Bytes(SafetensorsEntry entry)
    {
        var start = Pointer(entry);
        if (entry.Length > int.MaxValue)
        {
            throw new NotSupportedException(
                $"Tensor '{entry.Name}' has {entry.Length} bytes, more than a span can hold; read it through its pointer."
            );
        }

        // SAFETY: Pointer checked that the entry is this file's own, and the header check put it inside the mapping.
        return new ReadOnlySpan<byte>((void*)start, (int)entry.Length);
    }

    /// <summary>
    /// The address of a tensor's first byte in the mapped file; <see cref="SafetensorsEntry.Length"/> bytes may be read there until this
    /// object is disposed. It is not aligned if the file's writer did not align its header.
    /// </summary>
    public nint Pointer(SafetensorsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Entries.TryGetValue(entry.Name, out var own) || !ReferenceEquals(own, entry))
            throw new ArgumentException($"Tensor '{entry.Name}' is not an entry of {Path}.", nameof(entry));
        return checked((nint)(_base + entry.Offset));
    }

    /// <summary>The whole file, header and all: where it is mapped, and its length in bytes. Valid as <see cref="Pointer"/> is.</summary>
    public (nint Start, long Length) Content
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return (_base, _length);
        }
    }

    /// <summary>Unmaps the file. Spans and pointers taken from it must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    private static SafetensorsHeader ReadHeader(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        var fileLength = stream.Length;
        Span<byte> prefix = stackalloc byte[8];
        if (fileLength < 8)
        {
            throw new ModelFormatException(
                path,
                $"not a safetensors file: it has {fileLength} bytes, fewer than the eight of the header length."
            );
        }
        stream.ReadExactly(prefix);
        var start = new byte[Math.Min(fileLength, 256)];
        stream.Position = 0;
        stream.ReadExactly(start);
        ForeignFile.Refuse(path, start);
        stream.Position = prefix.Length;
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaximumLength)
        {
            throw new ModelFormatException(
                path,
                $"the header claims {headerLength} bytes, more than the format's {SafetensorsHeader.MaximumLength}; this is not a safetensors file, or it is damaged."
            );
        }
        if (headerLength > (ulong)(fileLength - 8))
        {
            throw new ModelFormatException(
                path,
                $"the header claims {headerLength} bytes but only {fileLength - 8} follow; the file is truncated: fetch or copy it again."
            );
        }
        var json = new byte[headerLength];
        stream.ReadExactly(json);
        return SafetensorsHeader.Parse(path, json, fileLength);
    }
}
