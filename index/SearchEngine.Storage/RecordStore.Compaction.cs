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
    public void Compact(CancellationToken cancellationToken = default) => CompactFirst(long.MaxValue, cancellationToken);

    /// <summary>
    /// As <see cref="Compact"/> for the first <paramref name="bytes"/> of the log: the oldest part, where most is dead. Bounds the
    /// work and the extra space of one call.
    /// </summary>
    public void CompactFirst(long bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ThrowIfUnusable();
        var (begin, end, _) = Freeze();
        var whole = bytes >= end - begin;
        var until = whole ? end : begin + bytes;
        long live = 0;
        for (var reached = begin; reached < until;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _maintenance.Wait(cancellationToken);
            try
            {
                live += CompactStep(Math.Min(end, EndOfPage(Math.Min(until, _store.Log.BeginAddress + CompactionStepBytes))), cancellationToken);
                reached = _store.Log.BeginAddress;
            }
            finally
            {
                _maintenance.Release();
            }
        }

        if (!whole) return;
        Volatile.Write(ref _compactedBytes, Math.Max(1, live));
        Volatile.Write(ref _compactedKeys, Math.Max(1, _store.EntryCount));
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
                if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) != 0) return;
                using var lease = Rent();
                lock (StripeOf(key))
                {
                    if (!IsNewest(lease, key, address, buffer, out _)) return;
                    WriteRaw(lease, key, value);
                }

                live += RecordOverheadBytes + key.Length + value.Length;
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
