namespace SearchEngine.Storage;

/// <summary>Reads the frames of one segment in order, through a buffer that grows to the largest entry.</summary>
internal sealed class WriteLogReader(WriteLogSegment segment, long address, long endAddress)
{
    private const int InitialBytes = 1 << 20;

    private byte[] _buffer = new byte[InitialBytes];
    private int _start;
    private int _count;

    /// <summary>The address of the next frame: after a failed <see cref="TryRead"/>, the address of the damage or of the end.</summary>
    public long Address { get; private set; } = address;

    /// <summary>The next entry, or false at the end address or at the first frame that is not whole and sound.</summary>
    public bool TryRead(out ReadOnlySpan<byte> entry, out long durableAddress)
    {
        entry = default;
        durableAddress = 0;
        if (Address >= endAddress || !Fill(WriteLogFrame.HeaderBytes))
            return false;
        var size = WriteLogFrame.ClaimedSize(_buffer.AsSpan(_start), Address);
        if (size < 0 || size > endAddress - Address || !Fill((int)size))
            return false;
        var frame = _buffer.AsSpan(_start, (int)size);
        if (!WriteLogFrame.TryRead(frame, Address, out var length, out durableAddress))
            return false;
        entry = frame.Slice(WriteLogFrame.HeaderBytes, length);
        _start += (int)size;
        _count -= (int)size;
        Address += size;
        return true;
    }

    private bool Fill(int bytes)
    {
        if (_count >= bytes)
            return true;
        if (bytes > _buffer.Length)
        {
            var larger = new byte[Math.Max(bytes, _buffer.Length * 2)];
            _buffer.AsSpan(_start, _count).CopyTo(larger);
            _buffer = larger;
        }
        else
        {
            _buffer.AsSpan(_start, _count).CopyTo(_buffer);
        }

        _start = 0;
        _count += segment.Read(_buffer.AsSpan(_count), Address + _count);
        return _count >= bytes;
    }
}
