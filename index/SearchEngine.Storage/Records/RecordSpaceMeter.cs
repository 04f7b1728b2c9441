namespace SearchEngine.Storage.Records;

/// <summary>Knows how large a store is and estimates how much of its log is live, from a sample of the log after many changes.
/// Thread-safe.</summary>
internal sealed class RecordSpaceMeter(RecordLog log, RecordReader reader, RecordWriter writer, RecordScanner scanner)
{
    /// <summary>Pages looked at, and records of each, to estimate how much of the log is live: 576 records have a standard error of two
    /// percent and take milliseconds.</summary>
    private const int SampledPages = 24;
    private const int SampledRecords = 24;

    /// <summary>The live part is measured again when the log has changed by this share of it.</summary>
    private const double MeasureEvery = 0.2;

    private readonly Lock _measureLock = new();
    private long _liveBytes;
    private long _liveKeys;
    private long _measuredAt = -1;

    /// <summary>The last measurement, or zeros.</summary>
    public (long Bytes, long Keys) LastMeasured => (Volatile.Read(ref _liveBytes), Volatile.Read(ref _liveKeys));

    /// <summary>The store's size at this moment. Counts the index's entries and, after many changes, samples the log: takes
    /// milliseconds.</summary>
    public RecordStoreStatistics Measure()
    {
        log.ThrowIfClosed();
        var keys = log.Store.EntryCount;
        var bytes = log.TailAddress - log.BeginAddress;
        var disk = log.Device.SizeOnDisk();
        foreach (var file in new DirectoryInfo(log.Directory).EnumerateFiles())
        {
            if (!RecordLog.IsDataFile(file.Name))
                disk += LengthOrZero(file);
        }

        var memory = log.Store.Log.MemorySizeBytes + (log.Store.IndexSize + log.Store.OverflowBucketCount) * 64;
        return new RecordStoreStatistics(keys, memory, disk, bytes, EstimateLive(keys, bytes));
    }

    /// <summary>A compaction of the whole log knows what is live.</summary>
    public void Note(long bytes, long keys)
    {
        Volatile.Write(ref _liveBytes, bytes);
        Volatile.Write(ref _liveKeys, Math.Max(1, keys));
        Volatile.Write(ref _measuredAt, log.TailAddress);
    }

    /// <summary>Goes on from what a checkpoint noted.</summary>
    public void Restore(long bytes, long keys)
    {
        _liveBytes = bytes;
        _liveKeys = keys;
    }

    /// <summary>A checkpoint may remove a file while it is counted.</summary>
    private static long LengthOrZero(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private long EstimateLive(long keys, long logBytes)
    {
        lock (_measureLock)
        {
            var tail = log.TailAddress;
            if (_measuredAt < 0 || tail - _measuredAt > MeasureEvery * _liveBytes)
                scanner.Beside(() => Sample(logBytes, keys));
            if (_liveKeys <= 0)
                return logBytes == 0 ? 0 : Math.Min(logBytes, keys * Math.Max(1, logBytes / Math.Max(1, writer.Sequence)));
            return Math.Min(logBytes, (long)(_liveBytes * Math.Max(1.0, keys / (double)_liveKeys)));
        }
    }

    /// <summary>Looks at the first records of pages spread evenly over the log; leaves the estimate as it is where there is too little
    /// to look at.</summary>
    private void Sample(long logBytes, long keys)
    {
        // Behind the read-only address FASTER hides replaced records from a scan.
        var begin = log.EndOfPage(log.BeginAddress);
        var pages = (log.Store.Log.SafeReadOnlyAddress - begin) / log.PageBytes;
        if (pages < SampledPages / 2)
            return;
        long live = 0;
        long all = 0;
        var buffer = new RecordBuffer();
        try
        {
            for (var sample = 0; sample < Math.Min(pages, SampledPages); sample++)
            {
                var page = begin + (pages <= SampledPages ? sample : sample * pages / SampledPages) * log.PageBytes;
                var records = 0;
                var end = scanner.ForEachVersion(
                    page,
                    page + log.PageBytes,
                    CancellationToken.None,
                    (key, value, address) =>
                    {
                        if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) == 0)
                        {
                            using var lease = log.Rent();
                            if (reader.IsNewest(lease, key, address, buffer, out _))
                                live += RecordCodec.BytesInLog(key, value);
                        }

                        return ++records < SampledRecords;
                    }
                );
                // By address and not by what the scan gave: a record that was replaced while it was still in memory takes room, and FASTER
                // passes over it.
                all += Math.Min(end, page + log.PageBytes) - page;
            }

            Note(Math.Max(1, (long)(logBytes * (live / (double)Math.Max(1, all)))), keys);
        }
        catch (StorageException)
        {
            // A damaged block: whoever needs its records is told. The size stays an estimate.
            Volatile.Write(ref _measuredAt, log.TailAddress);
        }
    }
}
