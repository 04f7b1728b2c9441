namespace SearchEngine.Storage;

public sealed partial class WriteLog
{
    /// <summary>
    /// Reads the entries from <paramref name="address"/> (an address that <see cref="Append"/> or this method gave, or 0) to the durable
    /// end, in order.
    /// </summary>
    /// <returns>The address after the last entry read.</returns>
    /// <exception cref="StorageCorruptionException">An entry is damaged; the ones before it were visited.</exception>
    /// <exception cref="StorageException">The address lies outside the log.</exception>
    public long ReadFrom(long address, WriteLogVisitor visitor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        WriteLogSegment[] segments;
        long end;
        lock (_files)
        {
            segments = [.. _segments];
            lock (_sync)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                end = _writtenAddress;
            }
        }

        if (address < segments[0].BaseAddress || address > end)
        {
            throw new StorageException(
                $"The write log in '{_directory}' holds addresses {segments[0].BaseAddress} to {end}, not {address}.",
                _directory
            );
        }
        for (var i = 0; i < segments.Length; i++)
        {
            var segmentEnd = i + 1 < segments.Length ? segments[i + 1].BaseAddress : end;
            if (address >= segmentEnd)
                continue;
            var reader = new WriteLogReader(segments[i], address, segmentEnd);
            while (TryRead(reader, out var entry))
            {
                cancellationToken.ThrowIfCancellationRequested();
                visitor(entry, reader.Address);
            }

            if (reader.Address != segmentEnd)
                throw WriteLogOpener.Damaged(segments[i], reader.Address);
            address = segmentEnd;
        }

        return address;
    }

    /// <summary>
    /// Deletes the files whose entries all lie before <paramref name="address"/>. A half-empty current file is closed first, so that
    /// truncating at the end gives the space of everything before it back. Not while <see cref="ReadFrom"/> reads the entries concerned.
    /// </summary>
    /// <exception cref="StorageException">A file cannot be created or deleted.</exception>
    public void TruncateBefore(long address)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, TailAddress);
        if (_options.ReadOnly)
            throw new StorageException($"The write log in '{_directory}' was opened read-only.", _directory);
        lock (_files)
        {
            lock (_sync)
                ThrowIfUnusable();
            var written = _fileEndAddress;
            try
            {
                if (
                    written - _segments[^1].BaseAddress > Math.Min(_options.SegmentBytes / 4, WriteBehindBytes)
                    && address > _segments[^1].BaseAddress
                )
                {
                    Rotate(written);
                }
                var deleted = 0;
                while (_segments.Count > 1 && _segments[1].BaseAddress <= address)
                {
                    var first = _segments[0];
                    _segments.RemoveAt(0);
                    Volatile.Write(ref _beginAddress, _segments[0].BaseAddress);
                    first.Dispose();
                    _options.Files.Delete(first.Path);
                    deleted++;
                }

                if (deleted > 0)
                    _options.Files.FlushDirectory(_directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StorageException(
                    $"The write log in '{_directory}' cannot be truncated: {exception.Message}",
                    _directory,
                    exception
                );
            }
        }
    }

    private bool TryRead(WriteLogReader reader, out ReadOnlySpan<byte> entry)
    {
        try
        {
            return reader.TryRead(out entry, out _);
        }
        catch (IOException exception)
        {
            throw new StorageException(
                $"The write log in '{_directory}' cannot be read at address {reader.Address}: {exception.Message}",
                _directory,
                exception
            );
        }
    }

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
        // What is copied goes to the disk even where the log itself is an overlay.
        var disk = _options.FileFactory;
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
        {
            throw new StorageException(
                $"The write log in '{_directory}' is durable from {segments[0].BaseAddress} to {end}, not at {from}.",
                _directory
            );
        }
        try
        {
            disk.CreateDirectory(directory);
            for (var i = 0; i < segments.Length && segments[i].BaseAddress <= end; i++)
            {
                if (i + 1 < segments.Length && segments[i + 1].BaseAddress <= from)
                    continue;
                var last = i + 1 < segments.Length ? Math.Min(end, segments[i + 1].BaseAddress) : end;
                segments[i].CopyTo(disk, WriteLogSegment.PathOf(directory, segments[i].BaseAddress), last);
            }

            using (var mark = WriteLogMark.Open(directory, disk))
                mark.Write(end);
            disk.FlushDirectory(directory);
            return end;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The write log in '{_directory}' cannot be copied to '{directory}': {exception.Message}",
                directory,
                exception
            );
        }
    }
}
