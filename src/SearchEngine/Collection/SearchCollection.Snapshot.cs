namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>
    /// Copies the collection as it is now into a folder that does not exist yet. Searches go on; writes wait while the files are copied
    /// (most is written by a checkpoint before that). Put it back with <see cref="SearchDatabase.RestoreCollectionAsync"/>.
    /// </summary>
    /// <exception cref="SearchDatabaseException">The disk refused; an incomplete copy has no schema file and is no snapshot.</exception>
    /// <exception cref="ArgumentException">The folder exists.</exception>
    public async Task CreateSnapshotAsync(string directory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ThrowIfClosed();
        ThrowIfFaulted();
        var target = Path.GetFullPath(directory);
        if (Directory.Exists(target) || File.Exists(target)) throw new ArgumentException($"The snapshot folder {target} exists already: name a new one.", nameof(directory));
        await CheckpointCoreAsync(cancellationToken).ConfigureAwait(false);
        await _checkpointGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _applyGate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Nothing is being applied: after this checkpoint the files are the collection, and the log after it is empty.
                await CheckpointHoldingGateAsync(holdsApplyGate: true, cancellationToken).ConfigureAwait(false);
                await Task.Run(() => FolderCopy.Copy(_files.Directory, target, last: Path.GetFileName(_files.Schema), cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed(SearchDatabaseError.Storage, $"The snapshot of collection '{Name}' could not be written to {target}: {e.Message}", e);
            }
            finally
            {
                _applyGate.Release();
            }
        }
        finally
        {
            _checkpointGate.Release();
        }
    }
}
