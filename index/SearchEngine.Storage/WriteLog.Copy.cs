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
                segments[i].CopyTo(WriteLogSegment.PathOf(directory, segments[i].BaseAddress), last);
            }

            using (var mark = WriteLogMark.Open(directory, StorageFile.Open)) mark.Write(end);
            NativeFile.FlushDirectory(directory);
            return end;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The write log in '{_directory}' cannot be copied to '{directory}': {exception.Message}", directory, exception);
        }
    }
}
