namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
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
        ThrowIfUnusable();
        try
        {
            Directory.CreateDirectory(directory);
            CopyWhole(_catalog.LogMetadataPath(checkpoint.Token), directory);
            if (checkpoint.IndexToken != Guid.Empty)
            {
                foreach (var path in _catalog.ImageFiles(checkpoint.IndexToken)) CopyWhole(path, directory);
            }

            if (checkpoint.TailAddress > FirstAddress)
            {
                for (var id = (int)(checkpoint.BeginAddress / _segmentBytes); id * _segmentBytes < checkpoint.TailAddress; id++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var bytes = Math.Min(_segmentBytes, checkpoint.TailAddress - id * _segmentBytes);
                    _device.CopySegment(id, bytes, System.IO.Path.Combine(directory, System.IO.Path.GetFileName(_device.SegmentPath(id))), cancellationToken);
                    CopyWhole(RecordSegment.SumsPath(_device.SegmentPath(id)), directory);
                }
            }

            NativeFile.FlushDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The records in '{_directory}' cannot be copied to '{directory}': {exception.Message}", directory, exception);
        }
    }

    private static void CopyWhole(string path, string directory)
    {
        using var source = new StorageFile(path, FileMode.Open, FileAccess.Read);
        source.CopyTo(System.IO.Path.Combine(directory, System.IO.Path.GetFileName(path)), source.Length);
    }
}
