namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
    /// <summary>Pages looked at, and records of each, to estimate how much of the log is live: 576 records have a standard error of two percent and take milliseconds.</summary>
    private const int SampledPages = 24;
    private const int SampledRecords = 24;

    /// <summary>The live part is measured again when the log has changed by this share of it.</summary>
    private const double MeasureEvery = 0.2;

    private readonly Lock _measureLock = new();
    private long _liveBytes;
    private long _liveKeys;
    private long _measuredAt = -1;

    /// <summary>The store's size at this moment. Counts the index's entries and, after many changes, samples the log: takes milliseconds.</summary>
    public RecordStoreStatistics Statistics
    {
        get
        {
            ThrowIfUnusable();
            var keys = _store.EntryCount;
            var log = _store.Log.TailAddress - _store.Log.BeginAddress;
            var disk = _device.SizeOnDisk();
            foreach (var file in new DirectoryInfo(_directory).EnumerateFiles())
            {
                if (!file.Name.StartsWith(DeviceName, StringComparison.Ordinal)) disk += LengthOrZero(file);
            }

            return new RecordStoreStatistics(
                keys, _store.Log.MemorySizeBytes + (_store.IndexSize + _store.OverflowBucketCount) * 64, disk, log, EstimateLiveBytes(keys, log));
        }
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

    private void NoteLive(long bytes, long keys)
    {
        Volatile.Write(ref _liveBytes, bytes);
        Volatile.Write(ref _liveKeys, Math.Max(1, keys));
        Volatile.Write(ref _measuredAt, _store.Log.TailAddress);
    }

    private long EstimateLiveBytes(long keys, long logBytes)
    {
        lock (_measureLock)
        {
            var tail = _store.Log.TailAddress;
            if (_measuredAt < 0 || tail - _measuredAt > MeasureEvery * _liveBytes) MeasureLive(logBytes, keys);
            if (_liveKeys <= 0) return logBytes == 0 ? 0 : Math.Min(logBytes, keys * Math.Max(1, logBytes / Math.Max(1, _sequence)));
            return Math.Min(logBytes, (long)(_liveBytes * Math.Max(1.0, keys / (double)_liveKeys)));
        }
    }

    /// <summary>Looks at the first records of pages spread evenly over the log; leaves the estimate as it is where there is too little to look at.</summary>
    private void MeasureLive(long logBytes, long keys)
    {
        _scans.EnterReadLock();
        try
        {
            // Behind the read-only address FASTER hides replaced records from a scan.
            var begin = EndOfPage(_store.Log.BeginAddress);
            var pages = (_store.Log.SafeReadOnlyAddress - begin) / _pageBytes;
            if (pages < SampledPages / 2) return;
            long live = 0;
            long all = 0;
            var buffer = new RecordBuffer();
            for (var sample = 0; sample < Math.Min(pages, SampledPages); sample++)
            {
                var page = begin + (pages <= SampledPages ? sample : sample * pages / SampledPages) * _pageBytes;
                var records = 0;
                ForEachRecord(page, page + _pageBytes, CancellationToken.None, (key, value, address) =>
                {
                    var bytes = RecordOverheadBytes + key.Length + value.Length;
                    all += bytes;
                    if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) == 0)
                    {
                        using var lease = Rent();
                        if (IsNewest(lease, key, address, buffer, out _)) live += bytes;
                    }

                    return ++records < SampledRecords;
                });
            }

            NoteLive(Math.Max(1, (long)(logBytes * (live / (double)Math.Max(1, all)))), keys);
        }
        catch (StorageException)
        {
            // A damaged block: whoever needs its records is told. The size stays an estimate.
            Volatile.Write(ref _measuredAt, _store.Log.TailAddress);
        }
        finally
        {
            _scans.ExitReadLock();
        }
    }
}
