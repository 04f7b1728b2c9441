namespace SearchEngine.Storage;

/// <summary>
/// Finds a log's files and where it ends, and tells what a crash left unfinished (it is cut off) from damage (nothing is changed).
/// </summary>
internal static class WriteLogOpener
{
    private const int SearchBytes = 1 << 20;

    public static WriteLog Open(string directory, WriteLogOptions options)
    {
        if (!options.ReadOnly)
        {
            AtomicFile.DeleteTemporaries(directory, options.Files);
            options.Files.FlushDirectory(directory);
        }

        var segments = new List<WriteLogSegment>();
        WriteLogMark? mark = null;
        try
        {
            foreach (var (baseAddress, path) in WriteLogSegment.List(directory))
            {
                var segment = WriteLogSegment.Open(path, baseAddress, options.Files);
                segments.Add(segment);
                if (segments.Count > 1 && segments[^2].FileEndAddress != baseAddress)
                {
                    throw new StorageCorruptionException(
                        $"The write log file '{segments[^2].Path}' ends at address {segments[^2].FileEndAddress}, but the next begins at {baseAddress}: entries are missing.",
                        segments[^2].Path,
                        segments[^2].FileEndAddress
                    );
                }
            }

            mark = WriteLogMark.Open(directory, options.Files);
            var noted = mark.Read();
            if (segments.Count == 0)
            {
                if (noted > 0)
                {
                    throw new StorageCorruptionException(
                        $"The write log in '{directory}' was durable up to address {noted}, but its files are gone.",
                        directory,
                        noted
                    );
                }
                if (options.ReadOnly || options.MustExist)
                    throw new StorageCorruptionException($"There is no write log in '{directory}'.", directory);
                segments.Add(WriteLogSegment.Create(directory, 0, options.Files));
            }

            var tail = FindTail(segments[^1], noted);
            return new WriteLog(directory, options, segments, mark, tail);
        }
        catch
        {
            foreach (var segment in segments)
                segment.Dispose();
            mark?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the last file to the first frame that is not sound, and cuts it there if that can be the work of a crash.</summary>
    private static long FindTail(WriteLogSegment segment, long noted)
    {
        var fileEnd = segment.FileEndAddress;
        var reader = new WriteLogReader(segment, segment.BaseAddress, fileEnd);
        while (reader.TryRead(out _, out _)) { }

        var tail = reader.Address;
        if (noted > tail || (tail < fileEnd && LaterEntrySaysDurable(segment, tail, fileEnd)))
            throw Damaged(segment, tail);
        if (segment.File.Length > WriteLogSegment.HeaderBytes + (tail - segment.BaseAddress))
        {
            segment.File.SetLength(WriteLogSegment.HeaderBytes + (tail - segment.BaseAddress));
            segment.File.Flush();
        }

        return tail;
    }

    /// <summary>Whether a sound entry after the damage was written when the damaged place was already on the disk.</summary>
    private static bool LaterEntrySaysDurable(WriteLogSegment segment, long damage, long fileEnd)
    {
        var buffer = new byte[SearchBytes];
        Span<byte> header = buffer;
        for (
            var chunk = damage + WriteLogFrame.Alignment;
            chunk + WriteLogFrame.HeaderBytes <= fileEnd;
            chunk += SearchBytes - WriteLogFrame.HeaderBytes
        )
        {
            var count = segment.Read(buffer, chunk);
            for (var offset = 0; offset + WriteLogFrame.HeaderBytes <= count; offset += WriteLogFrame.Alignment)
            {
                var address = chunk + offset;
                var size = WriteLogFrame.ClaimedSize(header[offset..], address);
                if (size < 0 || size > fileEnd - address)
                    continue;
                var reader = new WriteLogReader(segment, address, fileEnd);
                if (reader.TryRead(out _, out var durable) && durable > damage)
                    return true;
            }
        }

        return false;
    }

    public static StorageCorruptionException Damaged(WriteLogSegment segment, long address) =>
        new(
            $"The write log file '{segment.Path}' is damaged at address {address} (byte {WriteLogSegment.HeaderBytes + address - segment.BaseAddress} of the file): "
                + "an entry there was durable and no longer matches its checksum. Restore the file from a backup.",
            segment.Path,
            address
        );
}
