using FASTER.core;

namespace SearchEngine.Storage.Records;

/// <summary>Receives one version of a record; returns whether to go on. The spans are valid during the call only.</summary>
internal delegate bool LogVisitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long address);

/// <summary>
/// Reads the log in order. Scans run beside each other, beside readers and writers; whoever moves the log's begin or deletes its files
/// excludes them (<see cref="Alone"/>). Thread-safe.
/// </summary>
internal sealed class RecordScanner(RecordLog log, RecordReader reader, RecordWriter writer)
{
    private readonly ReaderWriterLockSlim _scans = new(LockRecursionPolicy.SupportsRecursion);

    /// <summary>Visits every live record of a space once; one that changes meanwhile may be visited or not.</summary>
    public void Scan(byte space, RecordVisitor visitor, CancellationToken cancellationToken) =>
        Beside(() => ScanSpace(space, visitor, cancellationToken));

    /// <summary>Runs beside scans, but not while the log's begin moves.</summary>
    public void Beside(Action run)
    {
        _scans.EnterReadLock();
        try
        {
            run();
        }
        finally
        {
            _scans.ExitReadLock();
        }
    }

    /// <summary>Runs while nobody scans.</summary>
    public T Alone<T>(Func<T> run)
    {
        _scans.EnterWriteLock();
        try
        {
            return run();
        }
        finally
        {
            _scans.ExitWriteLock();
        }
    }

    /// <summary>The bounds of the log and the last change, at a moment when no change is half done.</summary>
    public (long Begin, long End, long Sequence) Freeze()
    {
        log.ThrowIfClosed();
        return log.AtRest(() =>
        {
            // FASTER hides a record of the mutable part from scans once a newer one replaces it. Nothing before the end may be mutable.
            var end = log.TailAddress;
            log.Store.Log.ShiftReadOnlyAddress(end, wait: false);
            return (log.BeginAddress, end, writer.Sequence);
        });
    }

    /// <summary>
    /// Reads every version of every record that begins before <paramref name="end"/>, verified. Returns the address after the last one,
    /// which
    /// is the begin of the next.
    /// </summary>
    public long ForEachVersion(long begin, long end, CancellationToken cancellationToken, LogVisitor visitor)
    {
        var failures = log.Device.ReadFailures;
        using var iterator = Guarded(() => log.Store.Log.Scan(begin, end));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var more = MoveNext(iterator);
            if (failures != log.Device.ReadFailures)
                throw log.Unreadable(null);
            if (!more)
                return Math.Max(end, iterator.NextAddress);
            var key = iterator.GetKey().AsReadOnlySpan();
            var value = iterator.GetValue().AsReadOnlySpan();
            if (!RecordCodec.IsSound(key, value))
            {
                throw new StorageCorruptionException(
                    $"A record in '{log.Directory}' at address {iterator.CurrentAddress} does not match its checksum.",
                    log.Directory,
                    iterator.CurrentAddress
                );
            }

            if (!visitor(key, value, iterator.CurrentAddress))
                return iterator.NextAddress;
        }
    }

    private void ScanSpace(byte space, RecordVisitor visitor, CancellationToken cancellationToken)
    {
        var (begin, end, sequence) = Freeze();
        var later = new HashSet<byte[]>(KeyBytesComparer.Instance);
        var buffer = new RecordBuffer();
        ForEachVersion(
            begin,
            end,
            cancellationToken,
            (key, value, address) =>
            {
                if (key[0] != RecordCodec.RecordKind || key[1] != space)
                    return true;
                if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) != 0)
                    return true;
                using (var lease = log.Rent())
                {
                    if (!reader.IsNewest(lease, key, address, buffer, out var newest))
                    {
                        // Changed since the scan began: its newest version lies behind the end of the scan.
                        if (newest > sequence)
                            later.Add(key[RecordCodec.KeyPrefixBytes..].ToArray());
                        return true;
                    }
                }

                var own = key[RecordCodec.KeyPrefixBytes..];
                if ((RecordCodec.Flags(value) & RecordCodec.LongFlag) == 0)
                    visitor(own, RecordCodec.Payload(value));
                else
                    VisitByKey(space, own, visitor);
                return true;
            }
        );
        foreach (var key in later)
        {
            cancellationToken.ThrowIfCancellationRequested();
            VisitByKey(space, key, visitor);
        }
    }

    private void VisitByKey(byte space, ReadOnlySpan<byte> key, RecordVisitor visitor)
    {
        var state = new Visit(key.ToArray(), visitor);
        reader.TryRead(space, key, ref state, static (ref Visit state, ReadOnlySpan<byte> value) => state.Visitor(state.Key, value));
    }

    private bool MoveNext(IFasterScanIterator<SpanByte, SpanByte> iterator)
    {
        try
        {
            return iterator.GetNext(out _);
        }
        catch (FasterException exception)
        {
            throw log.Unreadable(exception);
        }
    }

    private T Guarded<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (FasterException exception)
        {
            throw log.Unreadable(exception);
        }
    }

    private readonly record struct Visit(byte[] Key, RecordVisitor Visitor);

    private sealed class KeyBytesComparer : IEqualityComparer<byte[]>
    {
        public static readonly KeyBytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => (int)RecordKeyComparer.Hash(obj);
    }
}
