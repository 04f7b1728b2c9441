namespace SearchEngine.Storage.Records;

/// <summary>Copies the files of a checkpoint into another directory, every block checked, forced to the disk there. What a checkpoint
/// holds is never written again.</summary>
internal static class RecordCheckpointCopy
{
    public static void Copy(RecordLog log, RecordCheckpoint checkpoint, string directory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        CopyWhole(log.Catalog.LogMetadataPath(checkpoint.Token), directory);
        if (checkpoint.IndexToken != Guid.Empty)
        {
            foreach (var path in log.Catalog.ImageFiles(checkpoint.IndexToken)) CopyWhole(path, directory);
        }

        if (checkpoint.TailAddress > RecordLog.FirstAddress)
        {
            for (var id = (int)(checkpoint.BeginAddress / log.SegmentBytes); id * log.SegmentBytes < checkpoint.TailAddress; id++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var path = log.Device.SegmentPath(id);
                var bytes = Math.Min(log.SegmentBytes, checkpoint.TailAddress - id * log.SegmentBytes);
                log.Device.CopySegment(id, bytes, Path.Combine(directory, Path.GetFileName(path)), cancellationToken);
                CopyWhole(RecordSegment.SumsPath(path), directory);
            }
        }

        NativeFile.FlushDirectory(directory);
    }

    private static void CopyWhole(string path, string directory)
    {
        using var source = new StorageFile(path, FileMode.Open, FileAccess.Read);
        source.CopyTo(Path.Combine(directory, Path.GetFileName(path)), source.Length);
    }
}
