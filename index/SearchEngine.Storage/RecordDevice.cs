using System.Collections.Concurrent;
using FASTER.core;
using SearchEngine.Storage.Records;

namespace SearchEngine.Storage;

/// <summary>
/// The device under FASTER. It keeps a CRC-32C for every block of 4 KB and verifies every block it reads, never overwrites bytes
/// before a checkpoint's end (<see cref="ProtectBefore"/>), and forgets what a crashed run wrote after it. Without it a flipped
/// bit in a record's header or key would make FASTER follow a chain to an older value and return that.
/// Reads run on the caller's thread; writes on one thread of the device.
/// A failed write is final (<see cref="WriteFailure"/>): FASTER is told that it succeeded, because it would otherwise wait for ever; what
/// was to be written stays in memory (<see cref="UnwrittenBlocks"/>), so that reads go on, and the store refuses every later change. A
/// failed read gives zeros and is counted (<see cref="ReadFailures"/>).
/// </summary>
internal sealed partial class RecordDevice : StorageDeviceBase
{
    public const int BlockBytes = 4096;
    private const int CopyBytes = 1 << 20;
    private const int MaxInlineDepth = 16;

    [ThreadStatic]
    private static int t_readDepth;

    private readonly StorageDisk _disk;
    private readonly ConcurrentDictionary<int, RecordSegment> _segments = new();
    private readonly BlockingCollection<WriteRequest> _queue = new(new ConcurrentQueue<WriteRequest>());
    private readonly object _writeLock = new();
    private readonly byte[] _copy = new byte[CopyBytes + 2 * BlockBytes];
    private readonly Lock _startLock = new();
    private Thread? _writer;
    private Exception? _writeFailure;
    private StorageException? _readFailure;
    private long _readFailures;
    private long _protectedBefore;
    private int _disposed;

    public RecordDevice(string path, StorageDisk disk)
        : base(path, 512, -1) => _disk = disk;

    /// <summary>The first failed write, or null.</summary>
    public Exception? WriteFailure => Volatile.Read(ref _writeFailure);

    /// <summary>The number of reads that failed or found a damaged block.</summary>
    public long ReadFailures => Volatile.Read(ref _readFailures);

    /// <summary>The last failed read, or null.</summary>
    public StorageException? ReadFailure => Volatile.Read(ref _readFailure);

    /// <summary>Called once with the first write failure.</summary>
    public Action<Exception>? OnWriteFailure { get; set; }

    /// <summary>Whether the store, not FASTER, closes the device.</summary>
    public bool KeepOpen { get; init; }

    public string SegmentPath(int segment) => GetSegmentFilename(FileName, segment);

    public override void WriteAsync(
        IntPtr sourceAddress,
        int segmentId,
        ulong destinationAddress,
        uint numBytesToWrite,
        DeviceIOCompletionCallback callback,
        object context
    )
    {
        if (_writer is null)
            StartWriter();
        _queue.Add(new WriteRequest(sourceAddress, segmentId, (long)destinationAddress, numBytesToWrite, callback, context));
    }

    public override void ReadAsync(
        int segmentId,
        ulong sourceAddress,
        IntPtr destinationAddress,
        uint readLength,
        DeviceIOCompletionCallback callback,
        object context
    )
    {
        if (t_readDepth >= MaxInlineDepth)
        {
            // A chain of records with the same hash: each completion asks for the next. The stack must not grow with it.
            ThreadPool.UnsafeQueueUserWorkItem(_ => Complete(), null);
            return;
        }

        t_readDepth++;
        try
        {
            Complete();
        }
        finally
        {
            t_readDepth--;
        }

        void Complete()
        {
            Read(segmentId, (long)sourceAddress, destinationAddress, readLength);
            callback(0, readLength, context);
        }
    }

    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => callback(result);

    // FASTER truncates as soon as a checkpoint is taken; the store deletes segments itself, when no kept checkpoint needs them.
    public override void TruncateUntilAddressAsync(long toAddress, AsyncCallback callback, IAsyncResult result) => callback(result);

    public override void TruncateUntilAddress(long toAddress) { }

    public override long GetFileSize(int segment) => segmentSize > 0 ? segmentSize : GetSegment(segment).File?.Length ?? 0;

    public override bool TryComplete() => false;

    public override void Reset() { }

    /// <summary>Does nothing where <see cref="KeepOpen"/> is set: FASTER closes an index image before it is forced to the disk.</summary>
    public override void Dispose()
    {
        if (!KeepOpen)
            Close();
    }

    /// <summary>Ends the writing thread after what is queued and closes the files.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _queue.CompleteAdding();
        _writer?.Join();
        foreach (var segment in _segments.Values)
            segment.Dispose();
        _queue.Dispose();
    }

    private RecordSegment GetSegment(int segment) =>
        _segments.TryGetValue(segment, out var known)
            ? known
            : _segments.GetOrAdd(segment, id => new RecordSegment(SegmentPath(id), _disk));

    private void StartWriter()
    {
        lock (_startLock)
        {
            if (_writer is not null)
                return;
            var writer = new Thread(WriteLoop) { IsBackground = true, Name = "record device" };
            writer.Start();
            _writer = writer;
        }
    }

    private void WriteLoop()
    {
        foreach (var request in _queue.GetConsumingEnumerable())
        {
            try
            {
                if (_writeFailure is null)
                    Write(request);
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException or StorageException)
            {
                FailWrites(exception);
            }

            // Also what came in part: nobody knows how much of it is in the file.
            if (_writeFailure is not null)
                Keep(request);
            request.Callback(0, request.Bytes, request.Context);
        }
    }

    private void FailWrites(Exception exception)
    {
        if (Interlocked.CompareExchange(ref _writeFailure, exception, null) is null)
            OnWriteFailure?.Invoke(exception);
    }

    private void FailRead(StorageException exception)
    {
        Volatile.Write(ref _readFailure, exception);
        Interlocked.Increment(ref _readFailures);
    }

    private readonly record struct WriteRequest(
        IntPtr Source,
        int Segment,
        long Offset,
        uint Bytes,
        DeviceIOCompletionCallback Callback,
        object Context
    );
}
