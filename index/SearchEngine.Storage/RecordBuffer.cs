namespace SearchEngine.Storage;

/// <summary>What one read or write of FASTER fills: a reusable buffer with the value's bytes. One per operation, kept per thread.</summary>
internal sealed class RecordBuffer
{
    /// <summary>Larger buffers are not kept.</summary>
    private const int MaxKeptBytes = 2 << 20;

    [ThreadStatic]
    private static RecordBuffer? t_free;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public bool HeaderOnly { get; set; }

    public long Address { get; private set; }

    public bool CompletedFound { get; set; }

    /// <summary>Whether the read went to the disk: then <see cref="Address"/> is not to be relied on.</summary>
    public bool WasPending { get; set; }

    public Span<byte> Span => _bytes.AsSpan(0, Length);

    public static RecordBuffer Rent()
    {
        var buffer = t_free ?? new RecordBuffer();
        t_free = null;
        buffer.HeaderOnly = false;
        return buffer;
    }

    public void Return()
    {
        if (_bytes.Length <= MaxKeptBytes)
            t_free = this;
    }

    public Span<byte> Resize(int length)
    {
        if (_bytes.Length < length)
            _bytes = new byte[Math.Max(length, Math.Min(MaxKeptBytes, _bytes.Length * 2))];
        Length = length;
        return Span;
    }

    /// <summary>Takes the value that FASTER found.</summary>
    public void Accept(ReadOnlySpan<byte> value, long address)
    {
        var part = HeaderOnly && value.Length > RecordCodec.HeaderBytes ? value[..RecordCodec.HeaderBytes] : value;
        part.CopyTo(Resize(part.Length));
        Address = address;
    }
}
