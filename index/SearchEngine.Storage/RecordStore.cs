using System.Buffers;
using FASTER.core;
using SearchEngine.Storage.Records;

namespace SearchEngine.Storage;

/// <summary>
/// Records of a collection in FASTER's hybrid log: a hash index in memory, recent records in memory, older ones on disk. A key is a
/// space (what kind of record) and bytes; a value is bytes, of any length up to 1 GB. All operations are thread-safe and synchronous;
/// a read from disk is waited for. Every value is under a checksum of its own and every block on disk under another: an operation
/// that meets damage throws <see cref="StorageCorruptionException"/> and never gives a wrong answer.
/// Changes are durable with the next checkpoint only; whoever needs each one to be keeps a <see cref="WriteLog"/>.
/// After a failed write (a full disk) changes throw <see cref="StorageException"/> until the store is opened again from its last
/// checkpoint;
/// reads and scans go on with everything that was changed before.
/// </summary>
public sealed class RecordStore : IDisposable
{
    /// <summary>The largest value in bytes.</summary>
    public const int MaxValueBytes = 1 << 30;

    /// <summary>The longest key in bytes.</summary>
    public const int MaxKeyBytes = RecordCodec.MaxKeyBytes;

    /// <summary>The share of dead records that <see cref="Reclaim"/> leaves: an old record's death is waited for rather than copying
    /// it.</summary>
    private const double ReclaimTo = 1.4;

    private readonly RecordLog _log;
    private readonly RecordReader _reader;
    private readonly RecordWriter _writer;
    private readonly RecordScanner _scanner;
    private readonly RecordSpaceMeter _space;
    private readonly RecordCompactor _compactor;
    private readonly RecordCheckpointer _checkpointer;

    /// <summary>One checkpoint, step of a compaction or removal of files at a time.</summary>
    private readonly SemaphoreSlim _maintenance = new(1, 1);

    private RecordStore(RecordLog log)
    {
        _log = log;
        _reader = new RecordReader(log);
        _writer = new RecordWriter(log, _reader);
        _scanner = new RecordScanner(log, _reader, _writer);
        _space = new RecordSpaceMeter(log, _reader, _writer, _scanner);
        _compactor = new RecordCompactor(log, _scanner, _writer, _maintenance);
        _checkpointer = new RecordCheckpointer(log, _writer, _space);
    }

    /// <summary>The store's size at this moment. Counts the index's entries and, after many changes, samples the log: takes
    /// milliseconds.</summary>
    public RecordStoreStatistics Statistics => _space.Measure();

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
        if (options.ReadOnly)
            throw new ArgumentException("A store cannot be created read-only.", nameof(options));
        var full = Path.GetFullPath(directory);
        try
        {
            options.Files.CreateDirectory(full);
            foreach (var path in Directory.EnumerateFiles(full))
            {
                if (CheckpointCatalog.IsOurs(path) || RecordLog.IsDataFile(path))
                    options.Files.Delete(path);
            }

            return new RecordStore(new RecordLog(full, options, options.PageBytes, options.EffectiveSegmentBytes));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"A record store cannot be created in '{full}': {exception.Message}", full, exception);
        }
    }

    /// <summary>
    /// Opens the store in the state of a checkpoint. What was written after it is discarded: replay the write log.
    /// </summary>
    /// <param name="directory">The store's directory.</param>
    /// <param name="options">Memory may differ from the last time; page and segment size are the checkpoint's.</param>
    /// <param name="checkpoint">What <see cref="CheckpointAsync(CancellationToken)"/> returned.</param>
    /// <exception cref="StorageCorruptionException">Files of the checkpoint are damaged or missing. Data that is not read at opening is
    /// verified when it is read.</exception>
    public static RecordStore Recover(string directory, RecordStoreOptions options, RecordCheckpoint checkpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(checkpoint);
        options.Validate();
        var full = Path.GetFullPath(directory);
        RecordStore? store = null;
        try
        {
            if (!Directory.Exists(full))
                throw new StorageCorruptionException($"The record directory '{full}' is missing.", full);
            if (!options.ReadOnly)
            {
                AtomicFile.DeleteTemporaries(full, options.Files);
                options.Files.FlushDirectory(full);
            }

            store = new RecordStore(new RecordLog(full, options, checkpoint.PageBytes, checkpoint.SegmentBytes));
            store._checkpointer.Restore(checkpoint);
            return store;
        }
        catch (Exception exception)
        {
            store?.Dispose();
            if (exception is not (IOException or UnauthorizedAccessException or FasterException))
                throw;
            throw new StorageException($"The record store in '{full}' cannot be opened: {exception.Message}", full, exception);
        }
    }

    /// <summary>Sets the value of a key.</summary>
    /// <param name="space">The kind of record.</param>
    /// <param name="key">1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <exception cref="StorageException">The disk refused a write, now or earlier.</exception>
    public void Upsert(byte space, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxValueBytes);
        _writer.Change(space, key, value, deleted: false);
    }

    /// <summary>Removes a key. Returns false where there was none.</summary>
    /// <exception cref="StorageException">The disk refused a write, now or earlier.</exception>
    public bool Delete(byte space, ReadOnlySpan<byte> key) => _writer.Change(space, key, default, deleted: true);

    /// <summary>Appends the value of a key to <paramref name="value"/>; returns false where there is none.</summary>
    /// <exception cref="StorageCorruptionException">The value or what leads to it is damaged.</exception>
    public bool TryRead(byte space, ReadOnlySpan<byte> key, IBufferWriter<byte> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _reader.TryRead(space, key, ref value, static (ref writer, found) => writer.Write(found));
    }

    /// <summary>
    /// Gives the value of a key to <paramref name="action"/>; returns false where there is none. The value comes in a buffer that the
    /// calling thread keeps: nothing is allocated for values up to 1 MB. The action may use the store.
    /// </summary>
    /// <exception cref="StorageCorruptionException">The value or what leads to it is damaged.</exception>
    public bool TryRead<TState>(byte space, ReadOnlySpan<byte> key, ref TState state, ReadAction<TState> action)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(action);
        return _reader.TryRead(space, key, ref state, action);
    }

    /// <summary>Whether a key has a value.</summary>
    public bool Contains(byte space, ReadOnlySpan<byte> key) => _reader.Contains(space, key);

    /// <summary>
    /// Visits every live record of a space once, in no useful order, while other threads read and write: a record that is there during
    /// the whole scan is visited with a value it had during it; one that is written or deleted meanwhile may or may not be.
    /// Reads the whole log once, of all spaces. Waits for a running <see cref="Compact"/> step; compaction waits for it.
    /// </summary>
    /// <exception cref="StorageCorruptionException">A record is damaged; the scan ends there.</exception>
    public void Scan(byte space, RecordVisitor visitor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        _scanner.Scan(space, visitor, cancellationToken);
    }

    /// <summary>
    /// Gives the space of old versions and deleted records back: copies the live records of the whole log to its end and moves its begin.
    /// The files go with <see cref="RemoveCheckpointsExcept"/> after the next checkpoint, when no kept checkpoint needs them, so a
    /// crash at any moment loses nothing. Readers and writers go on meanwhile.
    /// </summary>
    /// <exception cref="StorageCorruptionException">A record is damaged; nothing was given up.</exception>
    public void Compact(CancellationToken cancellationToken = default)
    {
        var live = _compactor.CompactWhile(() => true, cancellationToken);
        _space.Note(Math.Max(1, live), _log.Store.EntryCount);
    }

    /// <summary>As <see cref="Compact"/> for the first <paramref name="bytes"/> of the log: the oldest part, where most is dead.</summary>
    public void CompactFirst(long bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        _log.ThrowIfUnchangeable();
        var until = _log.BeginAddress + bytes;
        _compactor.CompactWhile(() => _log.BeginAddress < until, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Compact"/>, from the oldest record on and only until the log is no longer than 1.4 times its live part (see
    /// <see cref="RecordStoreStatistics.LiveBytesEstimate"/>): copies least, and needs least room meanwhile.
    /// Call it when <see cref="RecordStoreStatistics.CompactionAdvised"/>.
    /// </summary>
    /// <exception cref="StorageCorruptionException">A record is damaged; nothing was given up.</exception>
    public void Reclaim(CancellationToken cancellationToken = default)
    {
        var live = Statistics.LiveBytesEstimate;
        _compactor.CompactWhile(() => _log.TailAddress - _log.BeginAddress > ReclaimTo * live, cancellationToken);
    }

    /// <summary>
    /// Makes everything that was changed before the call durable (later changes may be in it or not, each whole or not at all) and
    /// names that state. Readers and writers stop for the moment in which the end of the log is fixed, not while the disk writes;
    /// only records that are not yet on disk are written. Keep the result, then call <see cref="RemoveCheckpointsExcept"/>.
    /// Cancellation works until the checkpoint begins.
    /// </summary>
    /// <exception cref="StorageException">The disk refused; earlier checkpoints are untouched.</exception>
    public Task<RecordCheckpoint> CheckpointAsync(CancellationToken cancellationToken = default) =>
        CheckpointAsync(closing: false, cancellationToken);

    /// <summary>Whether a closing checkpoint would spare the next opening a part of the log.</summary>
    internal bool IsClosingImageDue => _checkpointer.IsImageDue(closing: true);

    /// <summary>As the other; a closing one spends more so that the next opening reads less.</summary>
    internal async Task<RecordCheckpoint> CheckpointAsync(bool closing, CancellationToken cancellationToken)
    {
        _log.ThrowIfReadOnly();
        await _maintenance.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _log.ThrowIfUnchangeable();
            return await Task.Run(() => _checkpointer.TakeAsync(closing), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FasterException)
        {
            _log.Catalog.AbandonImages();
            throw Failed("A checkpoint failed", exception);
        }
        finally
        {
            _maintenance.Release();
        }
    }

    /// <summary>
    /// Deletes the files of all other checkpoints, and the data files that none of the kept ones needs. Call it after the kept ones
    /// are named in a manifest on disk.
    /// </summary>
    /// <exception cref="StorageException">A file cannot be deleted.</exception>
    public void RemoveCheckpointsExcept(params RecordCheckpoint[] keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        _log.ThrowIfReadOnly();
        if (keep.Length == 0)
            throw new ArgumentException("At least one checkpoint must be kept.", nameof(keep));
        _maintenance.Wait();
        try
        {
            _log.ThrowIfUnchangeable();
            _scanner.Alone(() =>
            {
                _checkpointer.RemoveExcept(keep);
                return true;
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed("Old checkpoints cannot be removed", exception);
        }
        finally
        {
            _maintenance.Release();
        }
    }

    /// <summary>
    /// Copies the files of a checkpoint into another directory, forced to the disk there. Readers and writers go on: what a checkpoint
    /// holds is never written again. Every block is checked as it is copied. No checkpoint may be removed meanwhile.
    /// </summary>
    /// <param name="checkpoint">The newest checkpoint, or one that was kept.</param>
    /// <param name="directory">The target; made where needed.</param>
    /// <param name="cancellationToken">Leaves an unfinished copy.</param>
    /// <exception cref="StorageCorruptionException">A block is damaged.</exception>
    /// <exception cref="StorageException">A file cannot be read or written.</exception>
    public void CopyCheckpoint(RecordCheckpoint checkpoint, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _log.ThrowIfClosed();
        try
        {
            RecordCheckpointCopy.Copy(_log, checkpoint, directory, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed($"A checkpoint cannot be copied to '{directory}'", exception);
        }
    }

    /// <summary>Closes the files. Changes since the last checkpoint are not kept.</summary>
    public void Dispose()
    {
        _maintenance.Wait();
        try
        {
            _log.Dispose();
        }
        finally
        {
            _maintenance.Release();
        }
    }

    private StorageException Failed(string what, Exception cause) =>
        new($"The record store in '{_log.Directory}': {what}: {cause.Message}", _log.Directory, cause);
}
