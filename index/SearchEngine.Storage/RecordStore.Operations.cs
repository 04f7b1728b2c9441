using System.Buffers;
using FASTER.core;

namespace SearchEngine.Storage;

public sealed partial class RecordStore
{
    /// <summary>Long values are split so that four parts with their headers and keys fill a page.</summary>
    private int PartBytes => _pageBytes / 4 - 64;

    /// <summary>Sets the value of a key.</summary>
    /// <param name="space">The kind of record.</param>
    /// <param name="key">1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <exception cref="StorageException">The disk refused a write, now or earlier.</exception>
    public void Upsert(byte space, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxValueBytes);
        Change(space, key, value, deleted: false);
    }

    /// <summary>Removes a key. Returns false where there was none.</summary>
    /// <exception cref="StorageException">The disk refused a write, now or earlier.</exception>
    public bool Delete(byte space, ReadOnlySpan<byte> key) => Change(space, key, default, deleted: true);

    /// <summary>Appends the value of a key to <paramref name="value"/>; returns false where there is none.</summary>
    /// <exception cref="StorageCorruptionException">The value or what leads to it is damaged.</exception>
    public bool TryRead(byte space, ReadOnlySpan<byte> key, IBufferWriter<byte> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryRead(space, key, ref value, static (ref IBufferWriter<byte> writer, ReadOnlySpan<byte> found) => writer.Write(found));
    }

    /// <summary>
    /// Gives the value of a key to <paramref name="action"/>; returns false where there is none. The value comes in a buffer that the
    /// calling thread keeps: nothing is allocated for values up to 1 MB. The action may use the store.
    /// </summary>
    /// <exception cref="StorageCorruptionException">The value or what leads to it is damaged.</exception>
    public bool TryRead<TState>(byte space, ReadOnlySpan<byte> key, ref TState state, ReadAction<TState> action)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(action);
        ValidateKey(key);
        var buffer = RecordBuffer.Rent();
        try
        {
            Span<byte> stored = stackalloc byte[StackKeyBytes];
            stored = StoredKey(space, key, stored);
            byte[]? assembled;
            using (var lease = Rent())
            {
                if (!ReadValue(lease, space, stored, buffer, out assembled)) return false;
            }

            action(ref state, assembled ?? RecordCodec.Payload(buffer.Span));
            return true;
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Whether a key has a value. Reads at most its header.</summary>
    public bool Contains(byte space, ReadOnlySpan<byte> key)
    {
        ValidateKey(key);
        var buffer = RecordBuffer.Rent();
        try
        {
            Span<byte> stored = stackalloc byte[StackKeyBytes];
            stored = StoredKey(space, key, stored);
            using var lease = Rent();
            return ReadSound(lease, space, stored, buffer) && (RecordCodec.Flags(buffer.Span) & RecordCodec.DeletedFlag) == 0;
        }
        finally
        {
            buffer.Return();
        }
    }

    private const int StackKeyBytes = 128;

    private static void ValidateKey(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty || key.Length > MaxKeyBytes)
            throw new ArgumentException($"A key has 1 to {MaxKeyBytes} bytes; this one has {key.Length}.", nameof(key));
    }

    private static Span<byte> StoredKey(byte space, ReadOnlySpan<byte> key, Span<byte> stack)
    {
        var target = key.Length + RecordCodec.KeyPrefixBytes <= stack.Length ? stack : new byte[key.Length + RecordCodec.KeyPrefixBytes];
        return target[..RecordCodec.WriteKey(target, space, key)];
    }

    private bool Change(byte space, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool deleted)
    {
        ValidateKey(key);
        var buffer = RecordBuffer.Rent();
        try
        {
            Span<byte> stored = stackalloc byte[StackKeyBytes];
            stored = StoredKey(space, key, stored);
            var existed = true;

            // The lease comes first: who waits for the gate must hold no stripe, or who runs could wait for him.
            using (var lease = Rent())
            {
                lock (StripeOf(stored))
                {
                    (long Sequence, int Parts) old = default;
                    if (deleted || Volatile.Read(ref _longValues[space]) > 0)
                    {
                        existed = ReadSound(lease, space, stored, buffer) && (RecordCodec.Flags(buffer.Span) & RecordCodec.DeletedFlag) == 0;
                        if (deleted && !existed) return false;
                        if (existed && (RecordCodec.Flags(buffer.Span) & RecordCodec.LongFlag) != 0)
                            old = (RecordCodec.Sequence(buffer.Span), RecordCodec.LongValue(buffer.Span).Parts);
                    }

                    var sequence = Interlocked.Increment(ref _sequence);
                    if (deleted) WriteValue(lease, stored, RecordCodec.DeletedFlag, sequence, default, buffer);
                    else if (value.Length <= PartBytes) WriteValue(lease, stored, 0, sequence, value, buffer);
                    else WriteLong(lease, space, stored, sequence, value, buffer);
                    if (old.Parts > 0) DeleteParts(lease, space, old.Sequence, old.Parts, buffer);
                }
            }

            if (_device.WriteFailure is { } failure) throw WriteFailed(failure);
            return existed;
        }
        finally
        {
            buffer.Return();
        }
    }

    private void WriteLong(RecordSessions.Lease lease, byte space, ReadOnlySpan<byte> stored, long sequence, ReadOnlySpan<byte> value, RecordBuffer buffer)
    {
        Interlocked.Increment(ref _longValues[space]);
        var parts = (value.Length + PartBytes - 1) / PartBytes;
        Span<byte> partKey = stackalloc byte[RecordCodec.PartKeyBytes];
        for (var i = 0; i < parts; i++)
        {
            RecordCodec.WritePartKey(partKey, space, sequence, i);
            var start = i * PartBytes;
            WriteValue(lease, partKey, 0, sequence, value.Slice(start, Math.Min(PartBytes, value.Length - start)), buffer);
        }

        Span<byte> payload = stackalloc byte[RecordCodec.LongPayloadBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(payload, value.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(payload[8..], parts);
        WriteValue(lease, stored, RecordCodec.LongFlag, sequence, payload, buffer);
    }

    private void DeleteParts(RecordSessions.Lease lease, byte space, long oldSequence, int parts, RecordBuffer buffer)
    {
        Span<byte> partKey = stackalloc byte[RecordCodec.PartKeyBytes];
        for (var i = 0; i < parts; i++)
        {
            RecordCodec.WritePartKey(partKey, space, oldSequence, i);
            WriteValue(lease, partKey, RecordCodec.DeletedFlag, Interlocked.Increment(ref _sequence), default, buffer);
        }
    }

    private static void WriteValue(
        RecordSessions.Lease lease, ReadOnlySpan<byte> stored, byte flags, long sequence, ReadOnlySpan<byte> payload, RecordBuffer buffer)
    {
        var value = buffer.Resize(RecordCodec.HeaderBytes + payload.Length);
        RecordCodec.WriteValue(value, stored, flags, sequence, payload);
        WriteRaw(lease, stored, value);
    }

    private static unsafe void WriteRaw(RecordSessions.Lease lease, ReadOnlySpan<byte> stored, ReadOnlySpan<byte> value)
    {
        // SAFETY: FASTER copies key and value before Upsert returns; both are pinned until then.
        fixed (byte* keyPointer = stored)
        fixed (byte* valuePointer = value)
        {
            var key = SpanByte.FromPointer(keyPointer, stored.Length);
            var desired = SpanByte.FromPointer(valuePointer, value.Length);
            lease.Session.Upsert(ref key, ref desired);
        }
    }

    /// <summary>Reads a record or its parts; false where there is no live record.</summary>
    private bool ReadValue(RecordSessions.Lease lease, byte space, ReadOnlySpan<byte> stored, RecordBuffer buffer, out byte[]? assembled)
    {
        while (true)
        {
            assembled = null;
            if (!ReadSound(lease, space, stored, buffer)) return false;
            var flags = RecordCodec.Flags(buffer.Span);
            if ((flags & RecordCodec.DeletedFlag) != 0) return false;
            if ((flags & RecordCodec.LongFlag) == 0) return true;
            var sequence = RecordCodec.Sequence(buffer.Span);
            var (length, parts) = RecordCodec.LongValue(buffer.Span);
            if (TryAssemble(lease, space, sequence, length, parts, buffer, out assembled)) return true;

            // The parts of a long value go when it is replaced: look whether it was.
            if (ReadSound(lease, space, stored, buffer) && RecordCodec.Sequence(buffer.Span) == sequence)
                throw new StorageCorruptionException($"Parts of a long value in space {space} are missing in '{_directory}'.", _directory, null, space, stored[RecordCodec.KeyPrefixBytes..].ToArray());
        }
    }

    private bool TryAssemble(RecordSessions.Lease lease, byte space, long sequence, long length, int parts, RecordBuffer buffer, out byte[]? assembled)
    {
        var value = new byte[length];
        assembled = value;
        Span<byte> partKey = stackalloc byte[RecordCodec.PartKeyBytes];
        var position = 0;
        for (var i = 0; i < parts; i++)
        {
            RecordCodec.WritePartKey(partKey, space, sequence, i);
            if (!ReadSound(lease, space, partKey, buffer) || (RecordCodec.Flags(buffer.Span) & RecordCodec.DeletedFlag) != 0) return false;
            var payload = RecordCodec.Payload(buffer.Span);
            if (payload.Length > value.Length - position) return false;
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
            throw new StorageCorruptionException(
                $"A record of space {space} in '{_directory}' (key {Convert.ToHexString(stored[RecordCodec.KeyPrefixBytes..])}) does not match its checksum.",
                _directory, buffer.Address, space, stored[RecordCodec.KeyPrefixBytes..].ToArray());
        }

        return found;
    }

    /// <summary>Reads what FASTER has under a stored key. A damaged block on the way throws; a concurrent reader's damage costs a second try.</summary>
    private bool ReadRaw(RecordSessions.Lease lease, ReadOnlySpan<byte> stored, RecordBuffer buffer, long stopAddress)
    {
        for (var attempt = 0; ; attempt++)
        {
            var failures = _device.ReadFailures;
            var found = ReadOnce(lease, stored, buffer, stopAddress);
            if (failures == _device.ReadFailures) return found;
            if (attempt == 0) continue;
            var failure = _device.ReadFailure!;
            var key = stored[RecordCodec.KeyPrefixBytes..].ToArray();
            throw failure is StorageCorruptionException damage
                ? new StorageCorruptionException($"A record of space {stored[1]} (key {Convert.ToHexString(key)}) cannot be read. {damage.Message}", damage.Path, damage.Address, stored[1], key, damage)
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
            if (stopAddress > 0) ReadOptionsAccess.SetStopAddress(ref options, stopAddress);
            SpanByte input = default;
            var output = buffer;
            var block = LastBlock.OfThread;
            block.Begin();
            try
            {
                var status = lease.Session.Read(ref key, ref input, ref output, ref options);
                if (!status.IsPending) return status.Found;
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
