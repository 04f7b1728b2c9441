using FASTER.core;

namespace SearchEngine.Storage.Records;

/// <summary>
/// FASTER's log of one record store with its hash index, the device below it, the files of its checkpoints, and the sessions in which
/// operations run. It knows whether it can be used and stops all operations for a moment (<see cref="AtRest"/>); what a record is, is not
/// its business. Thread-safe.
/// </summary>
internal sealed class RecordLog : IDisposable
{
    /// <summary>The name of the data files, before their number.</summary>
    public const string DeviceName = "records.log";

    /// <summary>The address of the first record of an empty log (FASTER leaves a cache line free).</summary>
    public const long FirstAddress = 64;

    /// <summary>
    /// Values are never changed in place, so the mutable part of the log only delays writing; a small one spreads the writing
    /// and leaves a checkpoint little to do.
    /// </summary>
    private const double MutableFraction = 0.25;

    private const int LeastPages = 4;

    private readonly RecordSessions _sessions;

    /// <summary>One closes the gate at a time.</summary>
    private readonly Lock _restLock = new();

    private volatile bool _disposed;

    public RecordLog(string directory, RecordStoreOptions options, int pageBytes, long segmentBytes)
    {
        Directory = directory;
        Options = options;
        PageBytes = pageBytes;
        SegmentBytes = segmentBytes;
        Device = new RecordDevice(Path.Combine(directory, DeviceName), options.Files);
        Catalog = new CheckpointCatalog(directory, options.Files);
        Store = new FasterKV<SpanByte, SpanByte>(
            new FasterKVSettings<SpanByte, SpanByte>
            {
                IndexSize = options.IndexBytes,
                LogDevice = Device,
                PageSize = pageBytes,
                SegmentSize = segmentBytes,
                MemorySize = Math.Max(options.LogMemoryBytes, LeastPages * (long)pageBytes),
                MutableFraction = MutableFraction,
                ConcurrencyControlMode = ConcurrencyControlMode.None,
                EqualityComparer = new RecordKeyComparer(),
                CheckpointManager = Catalog,
                RemoveOutdatedCheckpoints = false,
                ReadCopyOptions = ReadCopyOptions.None,
            }
        );
        _sessions = new RecordSessions(Store, options.ReadsPerSession);
    }

    public string Directory { get; }

    public RecordStoreOptions Options { get; }

    public int PageBytes { get; }

    public long SegmentBytes { get; }

    public RecordDevice Device { get; }

    public CheckpointCatalog Catalog { get; }

    public FasterKV<SpanByte, SpanByte> Store { get; }

    public long BeginAddress => Store.Log.BeginAddress;

    public long TailAddress => Store.Log.TailAddress;

    /// <summary>Whether a file holds records or their checksums.</summary>
    public static bool IsDataFile(string path) => Path.GetFileName(path.AsSpan()).StartsWith(DeviceName, StringComparison.Ordinal);

    /// <summary>Takes a session for one operation; waits while all operations are stopped.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public RecordSessions.Lease Rent()
    {
        ThrowIfClosed();
        var lease = _sessions.Rent();
        if (!_disposed)
            return lease;
        lease.Dispose();
        throw new ObjectDisposedException(nameof(RecordStore));
    }

    /// <summary>Runs with no operation under way: none begins until it is done. It must be short and must not use a session.</summary>
    public T AtRest<T>(Func<T> run)
    {
        lock (_restLock)
        {
            _sessions.CloseGate();
            try
            {
                return run();
            }
            finally
            {
                _sessions.OpenGate();
            }
        }
    }

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_disposed, typeof(RecordStore));

    /// <summary>Reads go on after a failed write (what was not written is kept in memory), changes do not.</summary>
    public void ThrowIfUnchangeable()
    {
        ThrowIfClosed();
        ThrowIfWriteFailed();
    }

    public void ThrowIfReadOnly()
    {
        if (Options.ReadOnly)
            throw new StorageException($"The record store in '{Directory}' was opened read-only.", Directory);
    }

    public void ThrowIfWriteFailed()
    {
        if (Device.WriteFailure is { } failure)
        {
            throw new StorageException(
                $"The record store in '{Directory}' could not write and takes no more changes until it is opened again from its last checkpoint: {failure.Message}",
                Directory,
                failure
            );
        }
    }

    /// <summary>The error of a read or scan that FASTER or the device gave up.</summary>
    public StorageException Unreadable(Exception? cause) =>
        Device.ReadFailure switch
        {
            StorageCorruptionException damage => new StorageCorruptionException(
                $"The records in '{Directory}' cannot be read. {damage.Message}",
                damage.Path,
                damage.Address,
                innerException: damage
            ),
            { } failure => new StorageException($"The records in '{Directory}' cannot be read. {failure.Message}", failure.Path, failure),
            null => new StorageException($"The records in '{Directory}' cannot be read. {cause?.Message}", Directory, cause),
        };

    /// <summary>The end of the page that an address lies in: a scan from disk that ends inside one gets the last record in part only,
    /// and records do not cross pages.</summary>
    public long EndOfPage(long address) => (address + PageBytes - 1) / PageBytes * PageBytes;

    /// <summary>Closes the files after the running operations.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        AtRest(() =>
        {
            if (_disposed)
                return true;
            _disposed = true;
            _sessions.Dispose();
            Store.Dispose();
            Device.Close();
            Catalog.Dispose();
            return true;
        });
    }
}
