namespace SearchEngine.Storage;

public sealed partial class WriteLog
{
    private const int SearchBytes = 1 << 20;

    /// <summary>
    /// Reads the entries from <paramref name="address"/> (an address that <see cref="Append"/> or this method gave, or 0) to the durable end, in order.
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
            throw new StorageException($"The write log in '{_directory}' holds addresses {segments[0].BaseAddress} to {end}, not {address}.", _directory);
        for (var i = 0; i < segments.Length; i++)
        {
            var segmentEnd = i + 1 < segments.Length ? segments[i + 1].BaseAddress : end;
            if (address >= segmentEnd) continue;
            var reader = new WriteLogReader(segments[i], address, segmentEnd);
            while (TryRead(reader, out var entry))
            {
                cancellationToken.ThrowIfCancellationRequested();
                visitor(entry, reader.Address);
            }

            if (reader.Address != segmentEnd) throw Damaged(segments[i], reader.Address);
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
        if (_options.ReadOnly) throw new StorageException($"The write log in '{_directory}' was opened read-only.", _directory);
        lock (_files)
        {
            lock (_sync) ThrowIfUnusable();
            var written = _fileEndAddress;
            try
            {
                if (written - _segments[^1].BaseAddress > Math.Min(_options.SegmentBytes / 4, WriteBehindBytes) && address > _segments[^1].BaseAddress)
                    Rotate(written);
                var deleted = 0;
                while (_segments.Count > 1 && _segments[1].BaseAddress <= address)
                {
                    var first = _segments[0];
                    _segments.RemoveAt(0);
                    Volatile.Write(ref _beginAddress, _segments[0].BaseAddress);
                    first.Dispose();
                    File.Delete(first.Path);
                    deleted++;
                }

                if (deleted > 0) NativeFile.FlushDirectory(_directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"The write log in '{_directory}' cannot be truncated: {exception.Message}", _directory, exception);
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
            throw new StorageException($"The write log in '{_directory}' cannot be read at address {reader.Address}: {exception.Message}", _directory, exception);
        }
    }

    private static WriteLog Recover(string directory, WriteLogOptions options)
    {
        if (!options.ReadOnly) AtomicFile.DeleteTemporaries(directory);
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
                        segments[^2].Path, segments[^2].FileEndAddress);
                }
            }

            mark = WriteLogMark.Open(directory, options.Files);
            var noted = mark.Read();
            if (segments.Count == 0)
            {
                if (noted > 0)
                    throw new StorageCorruptionException($"The write log in '{directory}' was durable up to address {noted}, but its files are gone.", directory, noted);
                if (options.ReadOnly) throw new StorageCorruptionException($"There is no write log in '{directory}'.", directory);
                segments.Add(WriteLogSegment.Create(directory, 0, options.Files));
            }

            var tail = FindTail(segments[^1], noted);
            return new WriteLog(directory, options, segments, mark, tail);
        }
        catch
        {
            foreach (var segment in segments) segment.Dispose();
            mark?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the last file to the first frame that is not sound, and cuts it there if that can be the work of a crash.</summary>
    private static long FindTail(WriteLogSegment segment, long noted)
    {
        var fileEnd = segment.FileEndAddress;
        var reader = new WriteLogReader(segment, segment.BaseAddress, fileEnd);
        while (reader.TryRead(out _, out _))
        {
        }

        var tail = reader.Address;
        if (noted > tail || (tail < fileEnd && LaterEntrySaysDurable(segment, tail, fileEnd))) throw Damaged(segment, tail);
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
        for (var chunk = damage + WriteLogFrame.Alignment; chunk + WriteLogFrame.HeaderBytes <= fileEnd; chunk += SearchBytes - WriteLogFrame.HeaderBytes)
        {
            var count = segment.Read(buffer, chunk);
            for (var offset = 0; offset + WriteLogFrame.HeaderBytes <= count; offset += WriteLogFrame.Alignment)
            {
                var address = chunk + offset;
                var size = WriteLogFrame.ClaimedSize(header[offset..], address);
                if (size < 0 || size > fileEnd - address) continue;
                var reader = new WriteLogReader(segment, address, fileEnd);
                if (reader.TryRead(out _, out var durable) && durable > damage) return true;
            }
        }

        return false;
    }

    private static StorageCorruptionException Damaged(WriteLogSegment segment, long address) => new(
        $"The write log file '{segment.Path}' is damaged at address {address} (byte {WriteLogSegment.HeaderBytes + address - segment.BaseAddress} of the file): " +
        "an entry there was durable and no longer matches its checksum. Restore the file from a backup.",
        segment.Path, address);
}
