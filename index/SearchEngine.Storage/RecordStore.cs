using System.Collections.Concurrent;
using System.Numerics;
using FASTER.core;

namespace SearchEngine.Storage;

/// <summary>
/// Records of a collection in FASTER's hybrid log: a hash index in memory, recent records in memory, older ones on disk. A key is a
/// space (what kind of record) and bytes; a value is bytes, of any length up to 1 GB. All operations are thread-safe and synchronous;
/// a read from disk is waited for. Every value is under a checksum of its own and every block on disk under another: an operation
/// that meets damage throws <see cref="StorageCorruptionException"/> and never gives a wrong answer.
/// Changes are durable with the next checkpoint only; whoever needs each one to be keeps a <see cref="WriteLog"/>.
/// After a failed write (a full disk) every operation throws <see cref="StorageException"/>: open the store again from its last checkpoint.
/// </summary>
public sealed partial class RecordStore : IDisposable
{
    /// <summary>The largest value in bytes.</summary>
    public const int MaxValueBytes = 1 << 30;

    /// <summary>The longest key in bytes.</summary>
    public const int MaxKeyBytes = RecordCodec.MaxKeyBytes;

    private const string DeviceName = "records.log";
    private const int StripeCount = 1024;

    private readonly string _directory;
    private readonly RecordStoreOptions _options;
    private readonly int _pageBytes;
    private readonly long _segmentBytes;
    private readonly RecordDevice _device;
    private readonly CheckpointCatalog _catalog;
    private readonly FasterKV<SpanByte, SpanByte> _store;
    private readonly RecordSessions _sessions;
    private readonly Lock[] _stripes = new Lock[StripeCount];
    private readonly long[] _longValues = new long[256];
    private readonly SemaphoreSlim _maintenance = new(1, 1);
    private readonly ReaderWriterLockSlim _scans = new(LockRecursionPolicy.SupportsRecursion);
    private long _sequence;
    private Guid _indexToken;
    private uint _indexMetadataSum;
    private long _indexImageTail;
    private volatile bool _disposed;

    private RecordStore(string directory, RecordStoreOptions options, int pageBytes, long segmentBytes)
    {
        _directory = directory;
        _options = options;
        _pageBytes = pageBytes;
        _segmentBytes = segmentBytes;
        for (var i = 0; i < _stripes.Length; i++) _stripes[i] = new Lock();
        _device = new RecordDevice(System.IO.Path.Combine(directory, DeviceName), options.Files);
        _catalog = new CheckpointCatalog(directory, options.Files);
        _store = new FasterKV<SpanByte, SpanByte>(new FasterKVSettings<SpanByte, SpanByte>
        {
            IndexSize = options.IndexBytes,
            LogDevice = _device,
            PageSize = pageBytes,
            SegmentSize = segmentBytes,
            MemorySize = Math.Max(options.LogMemoryBytes, 4L * pageBytes),
            MutableFraction = MutableFraction,
            ConcurrencyControlMode = ConcurrencyControlMode.None,
            EqualityComparer = new RecordKeyComparer(),
            CheckpointManager = _catalog,
            RemoveOutdatedCheckpoints = false,
            ReadCopyOptions = ReadCopyOptions.None,
        });
        _sessions = new RecordSessions(_store, options.ReadsPerSession);
    }

    /// <summary>
    /// Values are never changed in place, so the mutable part of the log only delays writing; a small one spreads the writing
    /// and leaves a checkpoint little to do.
    /// </summary>
    private const double MutableFraction = 0.25;

    /// <summary>
    /// Creates an empty store. Files of an earlier one in the directory are deleted: call it only where no <see cref="CheckpointManifest"/>
    /// names a checkpoint there (a first checkpoint that a crash interrupted leaves such files).
    /// </summary>
    /// <exception cref="StorageException">The directory cannot be written.</exception>
    public static RecordStore Create(string directory, RecordStoreOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.ReadOnly) throw new ArgumentException("A store cannot be created read-only.", nameof(options));
        var full = System.IO.Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(full);
            foreach (var path in Directory.EnumerateFiles(full))
            {
                if (CheckpointCatalog.IsOurs(path) || System.IO.Path.GetFileName(path).StartsWith(DeviceName, StringComparison.Ordinal)) File.Delete(path);
            }

            return new RecordStore(full, options, options.PageBytes, options.EffectiveSegmentBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"A record store cannot be created in '{full}': {exception.Message}", full, exception);
        }
    }

    /// <summary>Closes the files. Changes since the last checkpoint are not kept.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _maintenance.Wait();
        try
        {
            if (_disposed) return;
            lock (_freezeLock)
            {
                _sessions.CloseGate();
                _disposed = true;
                _sessions.Dispose();
                _store.Dispose();
                _device.Close();
                _catalog.Dispose();
                _sessions.OpenGate();
            }
        }
        finally
        {
            _maintenance.Release();
        }
    }

    private RecordSessions.Lease Rent()
    {
        ThrowIfUnusable();
        var lease = _sessions.Rent();
        if (!_disposed) return lease;
        lease.Dispose();
        throw new ObjectDisposedException(nameof(RecordStore));
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_device.WriteFailure is { } failure) throw WriteFailed(failure);
    }

    private void ThrowIfReadOnly()
    {
        if (_options.ReadOnly) throw new StorageException($"The record store in '{_directory}' was opened read-only.", _directory);
    }

    private StorageException WriteFailed(Exception failure) => new(
        $"The record store in '{_directory}' could not write and must be opened again from its last checkpoint: {failure.Message}", _directory, failure);

    private Lock StripeOf(ReadOnlySpan<byte> key) => _stripes[RecordKeyComparer.Hash(key) & (StripeCount - 1)];
}
