namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
    /// <summary>The log is compacted in steps of this many bytes; scans and checkpoints get in between.</summary>
    private const long CompactionStepBytes = 4L << 20;

    /// <summary>
    /// Gives the space of old versions and deleted records back: copies the live records of the whole log to its end and moves its begin.
    /// The files go with <see cref="RemoveCheckpointsExcept"/> after the next checkpoint, when no kept checkpoint needs them, so a
    /// crash at any moment loses nothing. Readers and writers go on meanwhile.
    /// </summary>
    /// <exception cref="StorageCorruptionException">A record is damaged; nothing was given up.</exception>
    public void Compact(CancellationToken cancellationToken = default)
    {
        var live = CompactWhile(() => true, cancellationToken);
        NoteLive(Math.Max(1, live), _store.EntryCount);
    }

    /// <summary>As <see cref="Compact"/> for the first <paramref name="bytes"/> of the log: the oldest part, where most is dead.</summary>
    public void CompactFirst(long bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ThrowIfUnusable();
        var until = _store.Log.BeginAddress + bytes;
        CompactWhile(() => _store.Log.BeginAddress < until, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Compact"/>, from the oldest record on and only until the log is no longer than <see cref="ReclaimTo"/> times its live
    /// part (see <see cref="RecordStoreStatistics.LiveBytesEstimate"/>): copies least, and needs least room meanwhile.
    /// Call it when <see cref="RecordStoreStatistics.CompactionAdvised"/>.
    /// </summary>
    /// <exception cref="StorageCorruptionException">A record is damaged; nothing was given up.</exception>
    public void Reclaim(CancellationToken cancellationToken = default)
    {
        var statistics = Statistics;
        CompactWhile(() => _store.Log.TailAddress - _store.Log.BeginAddress > ReclaimTo * statistics.LiveBytesEstimate, cancellationToken);
    }

    /// <summary>The share of dead records that is left: an old record's death is waited for rather than copying it.</summary>
    private const double ReclaimTo = 1.4;

    /// <summary>Compacts step by step while it is asked to, at most up to the present end of the log; returns the live bytes met.</summary>
    private long CompactWhile(Func<bool> more, CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        ThrowIfReadOnly();
        var (begin, end, _) = Freeze();
        long live = 0;
        for (var reached = begin; reached < end && more();)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _maintenance.Wait(cancellationToken);
            try
            {
                live += CompactStep(Math.Min(end, EndOfPage(_store.Log.BeginAddress + CompactionStepBytes)), cancellationToken);
                reached = _store.Log.BeginAddress;
            }
            finally
            {
                _maintenance.Release();
            }
        }

        return live;
    }

    /// <summary>A scan from disk that ends inside a page gets the last record in part only; records do not cross pages.</summary>
    private long EndOfPage(long address) => (address + _pageBytes - 1) / _pageBytes * _pageBytes;

    /// <summary>Moves the live records before an address, the end of a page or of the log, to the end of the log; returns their bytes.</summary>
    private long CompactStep(long until, CancellationToken cancellationToken)
    {
        _scans.EnterWriteLock();
        try
        {
            ThrowIfUnusable();
            var begin = _store.Log.BeginAddress;
            long live = 0;
            var buffer = new RecordBuffer();
            var next = ForEachRecord(begin, until, cancellationToken, (key, value, address) =>
            {
                // A deleted record is forgotten: what it hid lies before it, so it goes as well.
                if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) != 0) return true;
                using var lease = Rent();
                lock (StripeOf(key))
                {
                    if (!IsNewest(lease, key, address, buffer, out _)) return true;
                    WriteRaw(lease, key, value);
                }

                live += RecordOverheadBytes + key.Length + value.Length;
                return true;
            });
            if (_device.WriteFailure is { } failure) throw WriteFailed(failure);
            _store.Log.ShiftBeginAddress(next, snapToPageStart: false, truncateLog: false);
            return live;
        }
        finally
        {
            _scans.ExitWriteLock();
        }
    }

    /// <summary>FASTER's header of 8 bytes, two lengths of 4 and the rounding to 8.</summary>
    private const int RecordOverheadBytes = 24;
}
