namespace SearchEngine.Ingestion;

/// <summary>Tells how many bytes are read, and refuses to give more than a limit. Owns the stream below.</summary>
internal sealed class CountingStream(Stream inner, Action<int> read, long limit = long.MaxValue) : Stream
{
    private long _total;

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

    public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Counted(int bytes)
    {
        _total += bytes;
        if (_total > limit)
        {
            throw new SourceFormatException($"Unpacked it has more than {limit:N0} bytes, the limit for packed files.");
        }

        read(bytes);
        return bytes;
    }
}
