namespace SearchEngine.Distributed.Snapshots;

/// <summary>A stream that hands what is written to it on in pieces of one size, the last one smaller. For one writer.</summary>
internal sealed class ChunkWriter(int chunkBytes, Func<int, ReadOnlyMemory<byte>, CancellationToken, Task> write) : Stream
{
    private readonly byte[] _chunk = new byte[chunkBytes];
    private int _filled;

    /// <summary>Chunks handed on so far.</summary>
    public int Chunks { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, _chunk.Length - _filled);
            buffer[..taken].CopyTo(_chunk.AsMemory(_filled));
            _filled += taken;
            buffer = buffer[taken..];
            if (_filled == _chunk.Length)
                await HandOnAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Hands on what is left.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken) => _filled > 0 ? HandOnAsync(cancellationToken) : Task.CompletedTask;

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task HandOnAsync(CancellationToken cancellationToken)
    {
        await write(Chunks, _chunk.AsMemory(0, _filled), cancellationToken).ConfigureAwait(false);
        Chunks++;
        _filled = 0;
    }
}
