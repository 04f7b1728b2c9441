namespace SearchEngine.Storage.Records;

/// <summary>
/// Gives the space of old versions and deleted records back: copies the live records of the oldest part of the log to its end and moves
/// the log's begin. Works in steps, so that scans and checkpoints get in between; readers and writers go on. One at a time with
/// checkpoints (<paramref name="maintenance"/>).
/// </summary>
internal sealed class RecordCompactor(RecordLog log, RecordScanner scanner, RecordWriter writer, SemaphoreSlim maintenance)
{
    /// <summary>What a step takes at least: between two of them scans and checkpoints get in.</summary>
    public const long StepBytes = 4L << 20;

    /// <summary>Compacts step by step while it is asked to, at most up to the present end of the log; returns the live bytes met.</summary>
    public long CompactWhile(Func<bool> more, CancellationToken cancellationToken)
    {
        log.ThrowIfUnchangeable();
        log.ThrowIfReadOnly();
        var (begin, end, _) = scanner.Freeze();
        long live = 0;
        for (var reached = begin; reached < end && more(); )
        {
            cancellationToken.ThrowIfCancellationRequested();
            maintenance.Wait(cancellationToken);
            try
            {
                var until = Math.Min(end, log.EndOfPage(log.BeginAddress + StepBytes));
                live += scanner.Alone(() => Step(until, cancellationToken));
                reached = log.BeginAddress;
            }
            finally
            {
                maintenance.Release();
            }
        }

        return live;
    }

    /// <summary>Moves the live records before an address, the end of a page or of the log, to the end of the log; returns their
    /// bytes.</summary>
    private long Step(long until, CancellationToken cancellationToken)
    {
        log.ThrowIfUnchangeable();
        long live = 0;
        var buffer = new RecordBuffer();
        var next = scanner.ForEachVersion(
            log.BeginAddress,
            until,
            cancellationToken,
            (key, value, address) =>
            {
                // A deleted record is forgotten: what it hid lies before it, so it goes as well.
                if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) != 0)
                    return true;
                if (writer.MoveToEnd(key, value, address, buffer))
                    live += RecordCodec.BytesInLog(key, value);
                return true;
            }
        );
        log.ThrowIfWriteFailed();
        log.Store.Log.ShiftBeginAddress(next, snapToPageStart: false, truncateLog: false);
        return live;
    }
}
