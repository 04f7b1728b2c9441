using System.Diagnostics;
using FASTER.core;

namespace SearchEngine.Storage.Records;

/// <summary>
/// Makes states of the store durable and takes it back to one. A checkpoint stops operations for the moment in which the end of the log
/// is fixed; the disk is waited for beside them. One at a time (the caller sees to it).
/// </summary>
internal sealed class RecordCheckpointer(RecordLog log, RecordWriter writer, RecordSpaceMeter space)
{
    /// <summary>FASTER's hash buckets are of a cache line.</summary>
    private const int IndexBucketBytes = 64;

    private static readonly TimeSpan InitiateTimeout = TimeSpan.FromSeconds(10);

    // The newest image of the hash index: it serves several checkpoints.
    private Guid _indexToken;
    private uint _indexMetadataSum;
    private long _indexImageTail;

    public async Task<RecordCheckpoint> TakeAsync(bool closing)
    {
        if (IsImageDue(closing))
            await TakeIndexImageAsync().ConfigureAwait(false);

        var (token, completion, sequence) = FixEnd();
        await completion.ConfigureAwait(false);
        log.ThrowIfWriteFailed();

        var metadata = log.Catalog.TakeMetadata(token);
        var info = default(HybridLogRecoveryInfo);
        using (var text = new StreamReader(new MemoryStream(metadata)))
            info.Initialize(text);
        if (info.startLogicalAddress != info.finalLogicalAddress)
        {
            throw new StorageException(
                $"A checkpoint of '{log.Directory}' was not taken at one moment ({info.startLogicalAddress} to {info.finalLogicalAddress}).",
                log.Directory
            );
        }

        // FASTER waits for the flush only where the checkpoint itself began it, not where a scan just before did.
        log.Store.Log.ShiftReadOnlyAddress(info.finalLogicalAddress, wait: true);
        log.ThrowIfWriteFailed();
        var tailBlockSum = log.Device.ProtectBefore(info.finalLogicalAddress);
        var metadataSum = log.Catalog.WriteMetadata(log.Catalog.LogMetadataPath(token), metadata);
        var (liveBytes, liveKeys) = space.LastMeasured;
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
            PageBytes = log.PageBytes,
            SegmentBytes = log.SegmentBytes,
            LongValues = writer.LongValueCounts(),
            CompactedBytes = liveBytes,
            CompactedKeys = liveKeys,
        };
    }

    /// <summary>
    /// Whether the log after the newest index image is so long that the next checkpoint takes another. A short log needs none: recovery
    /// reads it faster than that.
    /// </summary>
    public bool IsImageDue(bool closing) =>
        log.TailAddress - Math.Max(_indexImageTail, log.BeginAddress)
        >= (closing ? log.Options.ClosingImageBytes : log.Options.EffectiveIndexImageBytes);

    /// <summary>Deletes the files of all other checkpoints, and the data files that none of the kept ones needs.</summary>
    public void RemoveExcept(RecordCheckpoint[] keep)
    {
        var indexTokens = keep.Select(checkpoint => checkpoint.IndexToken).Append(_indexToken).ToHashSet();
        log.Catalog.DeleteExcept(keep.Select(checkpoint => checkpoint.Token).ToHashSet(), indexTokens);
        var needed = Math.Min(keep.Min(checkpoint => checkpoint.BeginAddress), log.BeginAddress);
        log.Device.DeleteBefore(needed, log.SegmentBytes);
        log.Options.Files.FlushDirectory(log.Directory);
    }

    /// <summary>Takes a store that was just made to the state of a checkpoint.</summary>
    public void Restore(RecordCheckpoint checkpoint)
    {
        var catalog = log.Catalog;
        catalog.VerifiedMetadata[checkpoint.Token] = CheckpointCatalog.ReadMetadata(
            catalog.LogMetadataPath(checkpoint.Token),
            checkpoint.MetadataSum
        );
        if (checkpoint.IndexToken != Guid.Empty)
        {
            catalog.VerifiedMetadata[checkpoint.IndexToken] = CheckpointCatalog.ReadMetadata(
                catalog.IndexMetadataPath(checkpoint.IndexToken),
                checkpoint.IndexMetadataSum
            );
        }

        // A checkpoint of a store that was still empty has no data file to ask for: what is there came later.
        var isEmpty = checkpoint.TailAddress <= RecordLog.FirstAddress;
        var end = isEmpty ? 0 : checkpoint.TailAddress;
        log.Device.RestoreTo(checkpoint.BeginAddress, end, checkpoint.TailBlockSum, log.SegmentBytes, keepFiles: log.Options.ReadOnly);
        if (!isEmpty)
            Load(checkpoint);
        catalog.VerifiedMetadata.Clear();
        if (log.TailAddress != checkpoint.TailAddress || log.BeginAddress != checkpoint.BeginAddress)
        {
            throw new StorageCorruptionException(
                $"The record store in '{log.Directory}' recovered addresses {log.BeginAddress} to {log.TailAddress}; "
                    + $"its checkpoint says {checkpoint.BeginAddress} to {checkpoint.TailAddress}.",
                log.Directory
            );
        }

        writer.Restore(checkpoint.Sequence, checkpoint.LongValues);
        space.Restore(checkpoint.CompactedBytes, checkpoint.CompactedKeys);
        _indexToken = checkpoint.IndexToken;
        _indexMetadataSum = checkpoint.IndexMetadataSum;
        _indexImageTail = checkpoint.IndexTailAddress;
    }

    private void Load(RecordCheckpoint checkpoint)
    {
        try
        {
            // What fits into memory is held from the beginning; of more, what is read is read from the disk.
            var pages = IsPreloaded(checkpoint.BeginAddress, checkpoint.TailAddress) ? -1 : 0;
            log.Store.Recover(checkpoint.IndexToken, checkpoint.Token, pages);
        }
        catch (FasterException exception) when (log.Device.ReadFailures > 0)
        {
            throw log.Unreadable(exception);
        }

        if (log.Device.ReadFailures > 0)
            throw log.Unreadable(null);
        if (log.Catalog.LastReadImage is { ReadFailures: > 0 } image)
            throw image.ReadFailure!;
    }

    private bool IsPreloaded(long begin, long end) => log.Options.Preload && end - begin <= log.Options.LogMemoryBytes;

    /// <summary>Fixes the end of the log with no operation running, so that FASTER finds no record of the next version before it.</summary>
    private (Guid Token, Task Completion, long Sequence) FixEnd() =>
        log.AtRest(() =>
        {
            var sequence = writer.Sequence;
            var token = Guid.Empty;
            Initiate(() => log.Store.TryInitiateHybridLogCheckpoint(out token, CheckpointType.FoldOver));

            // Runs on this thread up to the wait for the disk: no other thread is needed while the gate is closed.
            var completion = log.Store.CompleteCheckpointAsync().AsTask();
            var spin = new SpinWait();
            while (
                !completion.IsCompleted && log.Store.SystemState.Phase is not (Phase.WAIT_FLUSH or Phase.PERSISTENCE_CALLBACK or Phase.REST)
            )
            {
                spin.SpinOnce();
            }
            return (token, completion, sequence);
        });

    private async Task TakeIndexImageAsync()
    {
        var token = Guid.Empty;
        Initiate(() => log.Store.TryInitiateIndexCheckpoint(out token));
        var tail = log.TailAddress;
        await log.Store.CompleteCheckpointAsync().ConfigureAwait(false);
        var metadata = log.Catalog.TakeMetadata(token);
        log.Catalog.FinishImage(token, log.Store.IndexSize * IndexBucketBytes);
        _indexMetadataSum = log.Catalog.WriteMetadata(log.Catalog.IndexMetadataPath(token), metadata);
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
            if (Stopwatch.GetElapsedTime(since) > InitiateTimeout)
                throw new StorageException($"A checkpoint of '{log.Directory}' does not end.", log.Directory);
            spin.SpinOnce();
        }
    }
}
