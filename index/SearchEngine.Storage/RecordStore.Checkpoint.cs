using System.Diagnostics;
using FASTER.core;

namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
    /// <summary>
    /// Makes everything that was changed before the call durable (later changes may be in it or not, each whole or not at all) and
    /// names that state. Readers and writers stop for the moment in which the end of the log is fixed, not while the disk writes;
    /// only records that are not yet on disk are written. Keep the result, then call <see cref="RemoveCheckpointsExcept"/>.
    /// Cancellation works until the checkpoint begins.
    /// </summary>
    /// <exception cref="StorageException">The disk refused; earlier checkpoints are untouched.</exception>
    public async Task<RecordCheckpoint> CheckpointAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        await _maintenance.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfUnusable();
            return await Task.Run(TakeCheckpointAsync, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FasterException)
        {
            _catalog.AbandonImages();
            throw new StorageException($"A checkpoint of the record store in '{_directory}' failed: {exception.Message}", _directory, exception);
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
        ThrowIfReadOnly();
        if (keep.Length == 0) throw new ArgumentException("At least one checkpoint must be kept.", nameof(keep));
        _maintenance.Wait();
        _scans.EnterWriteLock();
        try
        {
            ThrowIfUnusable();
            var indexTokens = keep.Select(checkpoint => checkpoint.IndexToken).Append(_indexToken).ToHashSet();
            _catalog.DeleteExcept(keep.Select(checkpoint => checkpoint.Token).ToHashSet(), indexTokens);
            var needed = Math.Min(keep.Min(checkpoint => checkpoint.BeginAddress), _store.Log.BeginAddress);
            _device.DeleteBefore(needed, _segmentBytes);
            NativeFile.FlushDirectory(_directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Old checkpoints in '{_directory}' cannot be removed: {exception.Message}", _directory, exception);
        }
        finally
        {
            _scans.ExitWriteLock();
            _maintenance.Release();
        }
    }

    private async Task<RecordCheckpoint> TakeCheckpointAsync()
    {
        // A short log needs no image: recovery reads it faster than that.
        if (_store.Log.TailAddress - Math.Max(_indexImageTail, _store.Log.BeginAddress) >= _options.EffectiveIndexImageBytes)
            await TakeIndexImageAsync().ConfigureAwait(false);

        var (token, completion, sequence) = FixEnd();
        await completion.ConfigureAwait(false);
        if (_device.WriteFailure is { } failure) throw WriteFailed(failure);

        var metadata = _catalog.TakeMetadata(token);
        var info = default(HybridLogRecoveryInfo);
        using (var reader = new StreamReader(new MemoryStream(metadata))) info.Initialize(reader);
        if (info.startLogicalAddress != info.finalLogicalAddress)
            throw new StorageException($"A checkpoint of '{_directory}' was not taken at one moment ({info.startLogicalAddress} to {info.finalLogicalAddress}).", _directory);

        // FASTER waits for the flush only where the checkpoint itself began it, not where a scan just before did.
        _store.Log.ShiftReadOnlyAddress(info.finalLogicalAddress, wait: true);
        if (_device.WriteFailure is { } late) throw WriteFailed(late);
        var tailBlockSum = _device.ProtectBefore(info.finalLogicalAddress);
        var metadataSum = _catalog.WriteMetadata(_catalog.LogMetadataPath(token), metadata);
        return new RecordCheckpoint
        {
            Token = token,
            IndexToken = _indexToken,
            BeginAddress = info.beginAddress,
            TailAddress = info.finalLogicalAddress,
            TailBlockSum = tailBlockSum,
            MetadataSum = metadataSum,
            IndexMetadataSum = _indexMetadataSum,
            IndexTailAddress = _indexImageTail,
            Sequence = sequence,
            PageBytes = _pageBytes,
            SegmentBytes = _segmentBytes,
            LongValues = LongValueCounts(),
            CompactedBytes = Volatile.Read(ref _liveBytes),
            CompactedKeys = Volatile.Read(ref _liveKeys),
        };
    }

    /// <summary>Fixes the end of the log with no operation running, so that FASTER finds no record of the next version before it.</summary>
    private (Guid Token, Task Completion, long Sequence) FixEnd()
    {
        lock (_freezeLock)
        {
            _sessions.CloseGate();
            try
            {
                var sequence = Volatile.Read(ref _sequence);
                var token = Guid.Empty;
                Initiate(() => _store.TryInitiateHybridLogCheckpoint(out token, CheckpointType.FoldOver));

                // Runs on this thread up to the wait for the disk: no other thread is needed while the gate is closed.
                var completion = _store.CompleteCheckpointAsync().AsTask();
                var spin = new SpinWait();
                while (_store.SystemState.Phase is not (Phase.WAIT_FLUSH or Phase.PERSISTENCE_CALLBACK or Phase.REST) && !completion.IsCompleted) spin.SpinOnce();
                return (token, completion, sequence);
            }
            finally
            {
                _sessions.OpenGate();
            }
        }
    }

    private async Task TakeIndexImageAsync()
    {
        var token = Guid.Empty;
        Initiate(() => _store.TryInitiateIndexCheckpoint(out token));
        var tail = _store.Log.TailAddress;
        await _store.CompleteCheckpointAsync().ConfigureAwait(false);
        var metadata = _catalog.TakeMetadata(token);
        _catalog.FinishImage(token);
        _indexMetadataSum = _catalog.WriteMetadata(_catalog.IndexMetadataPath(token), metadata);
        _indexToken = token;
        _indexImageTail = tail;
    }

    /// <summary>
    /// FASTER says that a checkpoint is over a moment before it takes the next (a session may have made the last step). Nobody else
    /// begins one, so the moment passes.
    /// </summary>
    private void Initiate(Func<bool> initiate)
    {
        var since = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (!initiate())
        {
            if (Stopwatch.GetElapsedTime(since) > InitiateTimeout) throw new StorageException($"A checkpoint of '{_directory}' does not end.", _directory);
            spin.SpinOnce();
        }
    }

    private static readonly TimeSpan InitiateTimeout = TimeSpan.FromSeconds(10);

    private Dictionary<byte, long> LongValueCounts()
    {
        var counts = new Dictionary<byte, long>();
        for (var space = 0; space < _longValues.Length; space++)
        {
            var count = Volatile.Read(ref _longValues[space]);
            if (count > 0) counts[(byte)space] = count;
        }

        return counts;
    }
}
