using FASTER.core;

namespace SearchEngine.Storage.Records;

/// <summary>
/// Finds records by key: the newest version of a stored key, checked against its checksum, and long values from their parts. A damaged
/// block on the way throws, it is never taken for a missing record. Thread-safe; a read from disk is waited for.
/// </summary>
internal sealed class RecordReader(RecordLog log)
{
    private const int StackKeyBytes = 128;

    /// <summary>Gives the value of a key to an action; false where there is none.</summary>
    public bool TryRead<TState>(byte space, ReadOnlySpan<byte> key, ref TState state, ReadAction<TState> action)
        where TState : allows ref struct
    {
        RecordCodec.ValidateKey(key);
        var buffer = RecordBuffer.Rent();
        try
        {
            Span<byte> stored = stackalloc byte[StackKeyBytes];
            stored = RecordCodec.StoredKey(space, key, stored);
            byte[]? assembled;
            using (var lease = log.Rent())
            {
                if (!ReadValue(lease, space, stored, buffer, out assembled))
                    return false;
            }

            action(ref state, assembled ?? RecordCodec.Payload(buffer.Span));
            return true;
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Whether a key has a value.</summary>
    public bool Contains(byte space, ReadOnlySpan<byte> key)
    {
        RecordCodec.ValidateKey(key);
        var buffer = RecordBuffer.Rent();
        try
        {
            Span<byte> stored = stackalloc byte[StackKeyBytes];
            stored = RecordCodec.StoredKey(space, key, stored);
            using var lease = log.Rent();
            return ReadLive(lease, space, stored, buffer);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Reads the newest version of a stored key; false where there is none or it is deleted.</summary>
    public bool ReadLive(RecordSessions.Lease lease, byte space, ReadOnlySpan<byte> stored, RecordBuffer buffer) =>
        ReadSound(lease, space, stored, buffer) && (RecordCodec.Flags(buffer.Span) & RecordCodec.DeletedFlag) == 0;

    /// <summary>
    /// Whether the record at an address is the newest of its key; gives the newest one's sequence otherwise. FASTER may be told to
    /// look no further than above the address only where that lies on disk: in memory it takes the next record of the chain for a match.
    /// </summary>
    public bool IsNewest(RecordSessions.Lease lease, ReadOnlySpan<byte> stored, long address, RecordBuffer buffer, out long newestSequence)
    {
        buffer.HeaderOnly = true;
        newestSequence = 0;
        while (true)
        {
            var onDisk = address < log.Store.Log.HeadAddress;
            buffer.CompletedFound = false;
            buffer.WasPending = false;
            var found = ReadRaw(lease, stored, buffer, onDisk ? address + 1 : 0);
            if (onDisk)
            {
                if (!found)
                    return true;
                newestSequence = RecordCodec.Sequence(buffer.Span);
                return false;
            }

            if (!found)
            {
                throw new StorageCorruptionException(
                    $"The hash index of '{log.Directory}' does not lead to the record at address {address}.",
                    log.Directory,
                    address
                );
            }

            if (buffer.WasPending)
                continue;
            if (buffer.Address == address)
                return true;
            newestSequence = RecordCodec.Sequence(buffer.Span);
            return false;
        }
    }

    /// <summary>Reads a record or its parts; false where there is no live record.</summary>
    private bool ReadValue(RecordSessions.Lease lease, byte space, ReadOnlySpan<byte> stored, RecordBuffer buffer, out byte[]? assembled)
    {
        while (true)
        {
            assembled = null;
            if (!ReadLive(lease, space, stored, buffer))
                return false;
            if ((RecordCodec.Flags(buffer.Span) & RecordCodec.LongFlag) == 0)
                return true;
            var sequence = RecordCodec.Sequence(buffer.Span);
            var (length, parts) = RecordCodec.LongValue(buffer.Span);
            if (TryAssemble(lease, space, sequence, length, parts, buffer, out assembled))
                return true;

            // The parts of a long value go when it is replaced: look whether it was.
            if (ReadSound(lease, space, stored, buffer) && RecordCodec.Sequence(buffer.Span) == sequence)
            {
                throw new StorageCorruptionException(
                    $"Parts of a long value in space {space} are missing in '{log.Directory}'.",
                    log.Directory,
                    null,
                    space,
                    stored[RecordCodec.KeyPrefixBytes..].ToArray()
                );
            }
        }
    }

    private bool TryAssemble(
        RecordSessions.Lease lease,
        byte space,
        long sequence,
        long length,
        int parts,
        RecordBuffer buffer,
        out byte[]? assembled
    )
    {
        var value = new byte[length];
        assembled = value;
        Span<byte> partKey = stackalloc byte[RecordCodec.PartKeyBytes];
        var position = 0;
        for (var i = 0; i < parts; i++)
        {
            RecordCodec.WritePartKey(partKey, space, sequence, i);
            if (!ReadLive(lease, space, partKey, buffer))
                return false;
            var payload = RecordCodec.Payload(buffer.Span);
            if (payload.Length > value.Length - position)
                return false;
            payload.CopyTo(value.AsSpan(position));
            position += payload.Length;
        }

        return position == value.Length;
    }

    /// <summary>Reads the newest version of a stored key, verified; false where there is none (a deleted one is there).</summary>
    private bool ReadSound(RecordSessions.Lease lease, byte space, ReadOnlySpan<byte> stored, RecordBuffer buffer)
    {
        var found = ReadRaw(lease, stored, buffer, stopAddress: 0);
        if (found && !RecordCodec.IsSound(stored, buffer.Span))
        {
            var key = stored[RecordCodec.KeyPrefixBytes..].ToArray();
            throw new StorageCorruptionException(
                $"A record of space {space} in '{log.Directory}' (key {Convert.ToHexString(key)}) does not match its checksum.",
                log.Directory,
                buffer.Address,
                space,
                key
            );
        }

        return found;
    }

    /// <summary>
    /// Reads what FASTER has under a stored key. A damaged block on the way throws; a concurrent reader's damage costs a second try.
    /// "There is none" counts only where the log's begin stood still: FASTER answers so too when it was on its way to a record that
    /// compaction moved to the end meanwhile, because what lies before the begin does not exist for it.
    /// </summary>
    private bool ReadRaw(RecordSessions.Lease lease, ReadOnlySpan<byte> stored, RecordBuffer buffer, long stopAddress)
    {
        for (var hasFailed = false; ; )
        {
            var begin = log.BeginAddress;
            var failures = log.Device.ReadFailures;
            var found = ReadOnce(lease, stored, buffer, stopAddress);
            Interlocked.MemoryBarrier();
            var isMoved = log.BeginAddress != begin;
            if (failures == log.Device.ReadFailures)
            {
                if (found || !isMoved)
                    return found;
                continue;
            }

            // Files before the begin may be gone as well: a failure there is not the record's.
            if (isMoved || !hasFailed)
            {
                hasFailed = true;
                continue;
            }

            var failure = log.Device.ReadFailure!;
            var key = stored[RecordCodec.KeyPrefixBytes..].ToArray();
            throw failure is StorageCorruptionException damage
                ? new StorageCorruptionException(
                    $"A record of space {stored[1]} (key {Convert.ToHexString(key)}) cannot be read. {damage.Message}",
                    damage.Path,
                    damage.Address,
                    stored[1],
                    key,
                    damage
                )
                : new StorageException(failure.Message, failure.Path, failure);
        }
    }

    private static unsafe bool ReadOnce(RecordSessions.Lease lease, ReadOnlySpan<byte> stored, RecordBuffer buffer, long stopAddress)
    {
        // SAFETY: the key is pinned during Read; FASTER copies it where the operation goes on afterwards.
        fixed (byte* keyPointer = stored)
        {
            var key = SpanByte.FromPointer(keyPointer, stored.Length);
            var options = default(ReadOptions);
            if (stopAddress > 0)
                ReadOptionsAccess.SetStopAddress(ref options, stopAddress);
            SpanByte input = default;
            var output = buffer;
            var block = LastBlock.OfThread;
            block.Begin();
            try
            {
                var status = lease.Session.Read(ref key, ref input, ref output, ref options);
                if (!status.IsPending)
                    return status.Found;
                buffer.WasPending = true;
                lease.CountPendingRead();
                lease.Session.CompletePending(wait: true);
                return buffer.CompletedFound;
            }
            finally
            {
                block.End();
            }
        }
    }
}
