namespace SearchEngine.Storage;

/// <summary>
/// A file of a store that is opened read-only: what is on the disk is read, what would be written stays in memory and is gone with the
/// object. Nothing on the disk is created or changed. Thread-safe.
/// </summary>
internal sealed class OverlayFile : StorageFile
{
    private const int BlockBytes = 64 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, byte[]> _written = [];
    private readonly StorageFile? _disk;
    private long _diskBytes;
    private long _length;

    private OverlayFile(string path)
        : base(path)
    {
        if (!File.Exists(path))
            return;
        _disk = new StorageFile(path, FileMode.Open, FileAccess.Read);
        _length = _diskBytes = _disk.Length;
    }

    public static StorageFile Open(string path) => new OverlayFile(path);

    public override long Length
    {
        get
        {
            lock (_lock)
                return _length;
        }
    }

    public override int Read(Span<byte> data, long offset)
    {
        lock (_lock)
        {
            var total = (int)Math.Clamp(_length - offset, 0, data.Length);
            for (var done = 0; done < total; )
            {
                var at = offset + done;
                var inBlock = (int)(at % BlockBytes);
                var part = data.Slice(done, Math.Min(total - done, BlockBytes - inBlock));
                if (_written.TryGetValue(at / BlockBytes, out var block))
                    block.AsSpan(inBlock, part.Length).CopyTo(part);
                else
                    ReadDisk(part, at);
                done += part.Length;
            }

            return total;
        }
    }

    public override void Write(ReadOnlySpan<byte> data, long offset)
    {
        lock (_lock)
        {
            for (var done = 0; done < data.Length; )
            {
                var at = offset + done;
                var inBlock = (int)(at % BlockBytes);
                var count = Math.Min(data.Length - done, BlockBytes - inBlock);
                data.Slice(done, count).CopyTo(BlockOf(at / BlockBytes).AsSpan(inBlock));
                done += count;
            }

            _length = Math.Max(_length, offset + data.Length);
        }
    }

    public override void Flush() { }

    public override void SetLength(long length)
    {
        lock (_lock)
        {
            if (length < _length)
            {
                _diskBytes = Math.Min(_diskBytes, length);
                foreach (var block in _written.Keys.Where(block => block * BlockBytes >= length).ToArray())
                    _written.Remove(block);
                if (_written.TryGetValue(length / BlockBytes, out var last))
                    last.AsSpan((int)(length % BlockBytes)).Clear();
            }

            _length = length;
        }
    }

    public override void Dispose()
    {
        _disk?.Dispose();
        base.Dispose();
    }

    private byte[] BlockOf(long number)
    {
        if (_written.TryGetValue(number, out var block))
            return block;
        block = new byte[BlockBytes];
        ReadDisk(block, number * BlockBytes);
        return _written[number] = block;
    }

    private void ReadDisk(Span<byte> data, long offset)
    {
        var count = (int)Math.Clamp(_diskBytes - offset, 0, data.Length);
        var read = count > 0 ? _disk!.Read(data[..count], offset) : 0;
        data[read..].Clear();
    }
}
