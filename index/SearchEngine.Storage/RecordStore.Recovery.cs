using FASTER.core;

namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
    /// <summary>
    /// Opens the store in the state of a checkpoint. What was written after it is discarded: replay the write log.
    /// </summary>
    /// <param name="directory">The store's directory.</param>
    /// <param name="options">Memory may differ from the last time; page and segment size are the checkpoint's.</param>
    /// <param name="checkpoint">What <see cref="CheckpointAsync"/> returned.</param>
    /// <exception cref="StorageCorruptionException">Files of the checkpoint are damaged or missing. Data that is not read at opening is verified when it is read.</exception>
    public static RecordStore Recover(string directory, RecordStoreOptions options, RecordCheckpoint checkpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(checkpoint);
        options.Validate();
        var full = System.IO.Path.GetFullPath(directory);
        RecordStore? store = null;
        try
        {
            if (!Directory.Exists(full)) throw new StorageCorruptionException($"The record directory '{full}' is missing.", full);
            if (!options.ReadOnly) AtomicFile.DeleteTemporaries(full);
            store = new RecordStore(full, options, checkpoint.PageBytes, checkpoint.SegmentBytes);
            store.RecoverTo(checkpoint);
            return store;
        }
        catch (Exception exception)
        {
            store?.Dispose();
            if (exception is not (IOException or UnauthorizedAccessException or FasterException)) throw;
            throw new StorageException($"The record store in '{full}' cannot be opened: {exception.Message}", full, exception);
        }
    }

    private void RecoverTo(RecordCheckpoint checkpoint)
    {
        _catalog.VerifiedMetadata[checkpoint.Token] = CheckpointCatalog.ReadMetadata(_catalog.LogMetadataPath(checkpoint.Token), checkpoint.MetadataSum);
        if (checkpoint.IndexToken != Guid.Empty)
        {
            _catalog.VerifiedMetadata[checkpoint.IndexToken] =
                CheckpointCatalog.ReadMetadata(_catalog.IndexMetadataPath(checkpoint.IndexToken), checkpoint.IndexMetadataSum);
        }

        // A checkpoint of a store that was still empty has no data file to ask for: what is there came later.
        var isEmpty = checkpoint.TailAddress <= FirstAddress;
        _device.RestoreTo(checkpoint.BeginAddress, isEmpty ? 0 : checkpoint.TailAddress, checkpoint.TailBlockSum, _segmentBytes, keepFiles: _options.ReadOnly);
        if (!isEmpty)
        {
            try
            {
                _store.Recover(checkpoint.IndexToken, checkpoint.Token);
            }
            catch (FasterException exception) when (_device.ReadFailures > 0)
            {
                throw ScanFailed(exception);
            }

            if (_device.ReadFailures > 0) throw ScanFailed(null);
            if (_catalog.LastReadImage is { ReadFailures: > 0 } image) throw image.ReadFailure!;
        }

        _catalog.VerifiedMetadata.Clear();
        if (_store.Log.TailAddress != checkpoint.TailAddress || _store.Log.BeginAddress != checkpoint.BeginAddress)
        {
            throw new StorageCorruptionException(
                $"The record store in '{_directory}' recovered addresses {_store.Log.BeginAddress} to {_store.Log.TailAddress}; its checkpoint says {checkpoint.BeginAddress} to {checkpoint.TailAddress}.",
                _directory);
        }

        _sequence = checkpoint.Sequence;
        foreach (var (space, count) in checkpoint.LongValues) _longValues[space] = count;
        _liveBytes = checkpoint.CompactedBytes;
        _liveKeys = checkpoint.CompactedKeys;
        _indexToken = checkpoint.IndexToken;
        _indexMetadataSum = checkpoint.IndexMetadataSum;
        _indexImageTail = checkpoint.IndexTailAddress;
    }

    /// <summary>The address of the first record of an empty log (FASTER leaves a cache line free).</summary>
    private const long FirstAddress = 64;
}
