namespace SearchEngine.Storage;

public sealed partial class WriteLog
{
    /// <summary>
    /// Copies the entries from the file that holds <paramref name="from"/> to everything durable now into another directory, as a log of
    /// its own. Appending goes on: written bytes are never written again. Not while <see cref="TruncateBefore"/> runs.
    /// </summary>
    /// <param name="from">An address in the log.</param>
    /// <param name="directory">The target; made where needed.</param>
    /// <returns>The address after the last entry copied.</returns>
    /// <exception cref="StorageException">A file cannot be read or written, or the address lies outside the log.</exception>
    public long CopyTo(long from, string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        long end;
        WriteLogSegment[] segments;
        lock (_files)
        {
            segments = [.. _segments];
            lock (_sync)
            {
                ThrowIfUnusable();
                end = _durableAddress;
            }
        }

        if (from < segments[0].BaseAddress || from > end)
            throw new StorageException($"The write log in '{_directory}' is durable from {segments[0].BaseAddress} to {end}, not at {from}.", _directory);
        try
        {
            Directory.CreateDirectory(directory);
            for (var i = 0; i < segments.Length && segments[i].BaseAddress <= end; i++)
            {
                if (i + 1 < segments.Length && segments[i + 1].BaseAddress <= from) continue;
                var last = i + 1 < segments.Length ? Math.Min(end, segments[i + 1].BaseAddress) : end;
                CopySegment(segments[i], last, directory);
            }

            using (var mark = WriteLogMark.Open(directory, static (path, mode, access) => new StorageFile(path, mode, access))) mark.Write(end);
            NativeFile.FlushDirectory(directory);
            return end;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The write log in '{_directory}' cannot be copied to '{directory}': {exception.Message}", directory, exception);
        }
    }

    private static void CopySegment(WriteLogSegment segment, long end, string directory)
    {
        using var target = new StorageFile(WriteLogSegment.PathOf(directory, segment.BaseAddress), FileMode.Create);
        var length = WriteLogSegment.HeaderBytes + (end - segment.BaseAddress);
        var buffer = new byte[SearchBytes];
        for (long offset = 0; offset < length;)
        {
            var count = segment.File.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
            if (count == 0) throw new EndOfStreamException($"'{segment.Path}' is shorter than its entries.");
            target.Write(buffer.AsSpan(0, count), offset);
            offset += count;
        }

        target.Flush();
    }
}
