namespace SearchEngine.Storage.Records;

/// <summary>Copies the files of a checkpoint into another directory, every block checked, forced to the disk there. What a checkpoint
/// holds is never written again.</summary>
internal static class RecordCheckpointCopy
{
    public static void Copy(RecordLog log, RecordCheckpoint checkpoint, string directory, CancellationToken cancellationToken)
    {
        var disk = log.Options.FileFactory;
        disk.CreateDirectory(directory);
        CopyWhole(disk, log.Catalog.LogMetadataPath(checkpoint.Token), directory);
        if (checkpoint.IndexToken != Guid.Empty)
        {
            foreach (var path in log.Catalog.ImageFiles(checkpoint.IndexToken))
                CopyWhole(disk, path, directory);
        }

        if (checkpoint.TailAddress > RecordLog.FirstAddress)
        {
            for (var id = (int)(checkpoint.BeginAddress / log.SegmentBytes); id * log.SegmentBytes < checkpoint.TailAddress; id++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var path = log.Device.SegmentPath(id);
                var bytes = Math.Min(log.SegmentBytes, checkpoint.TailAddress - id * log.SegmentBytes);
                log.Device.CopySegment(disk, id, bytes, Path.Combine(directory, Path.GetFileName(path)), cancellationToken);
                CopyWhole(disk, RecordSegment.SumsPath(path), directory);
            }
        }

        disk.FlushDirectory(directory);
    }

    private static void CopyWhole(StorageDisk disk, string path, string directory)
    {
        using var source = new StorageFile(path, FileMode.Open, FileAccess.Read);
        source.CopyTo(disk, Path.Combine(directory, Path.GetFileName(path)), source.Length);
    }
}
