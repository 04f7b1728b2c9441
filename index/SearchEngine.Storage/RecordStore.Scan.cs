using FASTER.core;

namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
    /// <summary>
    /// Visits every live record of a space once, in no useful order, while other threads read and write: a record that is there during
    /// the whole scan is visited with a value it had during it; one that is written or deleted meanwhile may or may not be.
    /// Reads the whole log once, of all spaces. Waits for a running <see cref="Compact"/> step; compaction waits for it.
    /// </summary>
    /// <exception cref="StorageCorruptionException">A record is damaged; the scan ends there.</exception>
    public void Scan(byte space, RecordVisitor visitor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        _scans.EnterReadLock();
        try
        {
            ScanLog(space, visitor, cancellationToken);
        }
        finally
        {
            _scans.ExitReadLock();
        }
    }

    private void ScanLog(byte space, RecordVisitor visitor, CancellationToken cancellationToken)
    {
        var (begin, end, sequence) = Freeze();
        var later = new HashSet<byte[]>(KeyBytesComparer.Instance);
        var buffer = new RecordBuffer();
        ForEachRecord(begin, end, cancellationToken, (key, value, address) =>
        {
            if (key[0] != RecordCodec.RecordKind || key[1] != space) return true;
            if ((RecordCodec.Flags(value) & RecordCodec.DeletedFlag) != 0) return true;
            using (var lease = Rent())
            {
                if (!IsNewest(lease, key, address, buffer, out var newest))
                {
                    // Changed since the scan began: its newest version lies behind the end of the scan.
                    if (newest > sequence) later.Add(key[RecordCodec.KeyPrefixBytes..].ToArray());
                    return true;
                }
            }

            if ((RecordCodec.Flags(value) & RecordCodec.LongFlag) == 0) visitor(key[RecordCodec.KeyPrefixBytes..], RecordCodec.Payload(value));
            else VisitByKey(space, key[RecordCodec.KeyPrefixBytes..], visitor);
            return true;
        });
        foreach (var key in later)
        {
            cancellationToken.ThrowIfCancellationRequested();
            VisitByKey(space, key, visitor);
        }
    }

    private void VisitByKey(byte space, ReadOnlySpan<byte> key, RecordVisitor visitor)
    {
        var state = (Key: key.ToArray(), Visitor: visitor);
        TryRead(space, key, ref state, static (ref (byte[] Key, RecordVisitor Visitor) state, ReadOnlySpan<byte> value) => state.Visitor(state.Key, value));
    }

    /// <summary>The bounds of the log and the last change, at a moment when no change is half done.</summary>
    private (long Begin, long End, long Sequence) Freeze()
    {
        ThrowIfUnusable();
        lock (_freezeLock)
        {
            _sessions.CloseGate();
            try
            {
                // FASTER hides a record of the mutable part from scans once a newer one replaces it. Nothing before the end may be mutable.
                var end = _store.Log.TailAddress;
                _store.Log.ShiftReadOnlyAddress(end, wait: false);
                return (_store.Log.BeginAddress, end, Volatile.Read(ref _sequence));
            }
            finally
            {
                _sessions.OpenGate();
            }
        }
    }

    // One closes the gate at a time.
    private readonly Lock _freezeLock = new();

    /// <summary>Receives one version of a record; returns whether to go on.</summary>
    private delegate bool LogVisitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long address);

    /// <summary>
    /// Reads the log in order: every version of every record that begins before <paramref name="end"/>, verified. Returns the address after
    /// the last one, which is the begin of the next. The spans are valid during the call only.
    /// </summary>
    private long ForEachRecord(long begin, long end, CancellationToken cancellationToken, LogVisitor visitor)
    {
        var failures = _device.ReadFailures;
        IFasterScanIterator<SpanByte, SpanByte> iterator;
        try
        {
            iterator = _store.Log.Scan(begin, end);
        }
        catch (FasterException exception)
        {
            throw ScanFailed(exception);
        }

        using (iterator)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                bool more;
                try
                {
                    more = iterator.GetNext(out _);
                }
                catch (FasterException exception)
                {
                    throw ScanFailed(exception);
                }

                if (failures != _device.ReadFailures) throw ScanFailed(null);
                if (!more) return Math.Max(end, iterator.NextAddress);
                var key = iterator.GetKey().AsReadOnlySpan();
                var value = iterator.GetValue().AsReadOnlySpan();
                if (!RecordCodec.IsSound(key, value))
                {
                    throw new StorageCorruptionException(
                        $"A record in '{_directory}' at address {iterator.CurrentAddress} does not match its checksum.", _directory, iterator.CurrentAddress);
                }

                if (!visitor(key, value, iterator.CurrentAddress)) return iterator.NextAddress;
            }
        }
    }

    private StorageException ScanFailed(Exception? cause) => _device.ReadFailure is { } failure
        ? failure is StorageCorruptionException damage
            ? new StorageCorruptionException($"The records in '{_directory}' cannot be read. {damage.Message}", damage.Path, damage.Address, innerException: damage)
            : new StorageException($"The records in '{_directory}' cannot be read. {failure.Message}", failure.Path, failure)
        : new StorageException($"The records in '{_directory}' cannot be read. {cause?.Message}", _directory, cause);

    /// <summary>
    /// Whether the record at an address is the newest of its key; gives the newest one's sequence otherwise. FASTER may be told to
    /// look no further than above the address only where that lies on disk: in memory it takes the next record of the chain for a match.
    /// </summary>
    private bool IsNewest(RecordSessions.Lease lease, ReadOnlySpan<byte> stored, long address, RecordBuffer buffer, out long newestSequence)
    {
        buffer.HeaderOnly = true;
        newestSequence = 0;
        while (true)
        {
            var onDisk = address < _store.Log.HeadAddress;
            buffer.CompletedFound = false;
            buffer.WasPending = false;
            var found = ReadRaw(lease, stored, buffer, onDisk ? address + 1 : 0);
            if (onDisk)
            {
                if (!found) return true;
                newestSequence = RecordCodec.Sequence(buffer.Span);
                return false;
            }

            if (!found) throw new StorageCorruptionException($"The hash index of '{_directory}' does not lead to the record at address {address}.", _directory, address);
            if (buffer.WasPending) continue;
            if (buffer.Address == address) return true;
            newestSequence = RecordCodec.Sequence(buffer.Span);
            return false;
        }
    }

    private sealed class KeyBytesComparer : IEqualityComparer<byte[]>
    {
        public static readonly KeyBytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => (int)RecordKeyComparer.Hash(obj);
    }
}
