using SearchEngine.Storage;

namespace SearchEngine.Maintenance;

/// <summary>
/// A file of the storage layer as a stream to write; what is passed over by seeking is zero. The file stays open after it. Not thread-safe.
/// </summary>
internal sealed class StorageFileStream(StorageFile file) : Stream
{
    private long _position;

    public override bool CanRead => false;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => file.Length;

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        file.Write(buffer, _position);
        _position += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        _position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => file.Length + offset,
        };

    public override void Flush()
    {
        // The owner of the file makes it durable.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is for writing.");

    public override void SetLength(long value) => file.SetLength(value);
}
