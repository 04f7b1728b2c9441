namespace SearchEngine.Storage;

/// <summary>
/// The block that a thread read and verified last. FASTER reads a record twice, first its header to know its length; the second time its
/// first block is here. It counts during one read operation only (<see cref="Begin"/> to <see cref="End"/>): what such an operation
/// reads was written before it began, so the block cannot be an older state of it. Later operations may find the block extended.
/// </summary>
internal sealed class LastBlock
{
    [ThreadStatic]
    private static LastBlock? t_last;

    private readonly byte[] _bytes = new byte[RecordDevice.BlockBytes];
    private RecordDevice? _device;
    private int _segment;
    private long _start;
    private bool _active;

    public static LastBlock OfThread => t_last ??= new LastBlock();

    public Span<byte> Bytes => _bytes;

    /// <summary>The calling thread begins a read of one record.</summary>
    public void Begin()
    {
        _device = null;
        _active = true;
    }

    public void End()
    {
        _device = null;
        _active = false;
    }

    public bool Holds(RecordDevice device, int segment, long start) =>
        ReferenceEquals(_device, device) && _segment == segment && _start == start;

    public void Clear() => _device = null;

    public void Set(RecordDevice device, int segment, long start)
    {
        if (!_active)
            return;
        _device = device;
        _segment = segment;
        _start = start;
    }
}
