using System.Buffers.Binary;

namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>
/// Writes sections one after the other into a safetensors file whose header comes last, into room that was left for it: how long sections
/// are is known only when they are there. A failure of the disk is no exception: nothing more is written, and <see cref="Complete"/> says
/// so. Not thread-safe.
/// </summary>
internal sealed unsafe class PackedWriter : IDisposable
{
    /// <summary>What sections begin at, a cache line and a vector of 512 bits, and are filled up to with zeros.</summary>
    public const int Alignment = 64;

    private const int PieceBytes = 1 << 24;

    private readonly string _path;
    private readonly long _maximumBytes;
    private readonly int _headerRoom;
    private readonly List<PackedSection> _sections = [];
    private readonly FileStream? _stream;

    /// <param name="path">The file to make; it is there when <see cref="Complete"/> has said so.</param>
    /// <param name="tensors">About how many tensors the sections are made of: room is left for six sections each.</param>
    /// <param name="maximumBytes">What the file may take.</param>
    public PackedWriter(string path, int tensors, long maximumBytes)
    {
        _path = path;
        _maximumBytes = maximumBytes;
        _headerRoom = (int)Filled(4096 + 6 * 192L * tensors) - sizeof(ulong);
        TemporaryPath = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            _stream = new FileStream(TemporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            _stream.Position = sizeof(ulong) + _headerRoom;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HasFailed = true;
        }
    }

    /// <summary>The name of the file until it is complete.</summary>
    public string TemporaryPath { get; }

    /// <summary>Whether nothing more is written.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>A length with what fills it up.</summary>
    public static long Filled(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Writes a section.</summary>
    /// <param name="name">Its name, which no other has.</param>
    /// <param name="start">Its bytes.</param>
    /// <param name="bytes">How many.</param>
    public void Write(string name, void* start, long bytes)
    {
        if (HasFailed)
            return;
        try
        {
            if (_stream!.Position + Filled(bytes) > _maximumBytes)
                throw new IOException("The file is larger than the cache may be.");
            using AlignedBuffer copy = new();
            if (bytes != Filled(bytes))
            {
                copy.Reserve((nint)(Filled(bytes) / sizeof(float)));
                new Span<byte>(copy.Start + (Filled(bytes) - Alignment) / sizeof(float), Alignment).Clear();
                Buffer.MemoryCopy(start, copy.Start, Filled(bytes), bytes);
                start = copy.Start;
                bytes = Filled(bytes);
            }
            for (long done = 0; done < bytes; done += PieceBytes)
            {
                // SAFETY: the caller vouches for the section's bytes; the piece stays within them.
                _stream.Write(new ReadOnlySpan<byte>((byte*)start + done, (int)Math.Min(PieceBytes, bytes - done)));
            }
            _sections.Add(new PackedSection(name, bytes, Convert.ToHexStringLower(ContentHash.Of((byte*)start, bytes))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HasFailed = true;
        }
    }

    /// <summary>
    /// Writes the header and gives the file its name. It is not flushed to the disk: whoever opens it verifies every byte, so that one a
    /// power failure has spoiled is made anew.
    /// </summary>
    /// <param name="header">Text pairs of the header, made of the sections.</param>
    /// <returns>Whether the file is there.</returns>
    public bool Complete(Func<IReadOnlyList<PackedSection>, IReadOnlyDictionary<string, string>> header)
    {
        if (HasFailed)
            return false;
        try
        {
            var json = SafetensorsWriter
                .Header(
                    _sections.Select(section => (section.Name, SafetensorsDataType.UInt8, new[] { section.Bytes }, section.Bytes)),
                    header(_sections)
                )
                .ToArray();
            if (json.Length > _headerRoom)
                return false;
            var whole = new byte[sizeof(ulong) + _headerRoom];
            BinaryPrimitives.WriteUInt64LittleEndian(whole, (ulong)_headerRoom);
            whole.AsSpan(sizeof(ulong)).Fill((byte)' ');
            json.CopyTo(whole.AsSpan(sizeof(ulong)));
            _stream!.Position = 0;
            _stream.Write(whole);
            _stream.Dispose();
            File.Move(TemporaryPath, _path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes what did not become complete.</summary>
    public void Dispose()
    {
        try
        {
            _stream?.Dispose();
            File.Delete(TemporaryPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is removed as a leftover later.
        }
    }
}
