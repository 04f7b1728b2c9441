using System.Buffers.Binary;
using FASTER.core;

namespace SearchEngine.Storage.Records;

/// <summary>
/// Changes records: numbers every change (<see cref="Sequence"/>), cuts long values into parts, and lets the parts of a replaced value go.
/// Changes of one key come one after the other (a lock for each of <see cref="StripeCount"/> groups of keys); readers wait for none.
/// Thread-safe.
/// </summary>
internal sealed class RecordWriter
{
    private const int StripeCount = 1024;
    private const int StackKeyBytes = 128;

    private readonly RecordLog _log;
    private readonly RecordReader _reader;
    private readonly Lock[] _stripes = new Lock[StripeCount];

    /// <summary>Long values ever written, by space: a change of a space that has none need not look for parts to delete.</summary>
    private readonly long[] _longValues = new long[256];

    private long _sequence;

    public RecordWriter(RecordLog log, RecordReader reader)
    {
        _log = log;
        _reader = reader;
        for (var i = 0; i < _stripes.Length; i++)
            _stripes[i] = new Lock();
    }

    /// <summary>The number of changes so far; of two versions of a key the one with the larger number is the newer.</summary>
    public long Sequence => Volatile.Read(ref _sequence);

    /// <summary>Long values are split so that four parts with their headers and keys fill a page.</summary>
    private int PartBytes => _log.PageBytes / 4 - 64;

    /// <summary>Sets the value of a key, or deletes it; returns whether there was one (always true where nobody needs to know).</summary>
    public bool Change(byte space, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool deleted)
    {
        RecordCodec.ValidateKey(key);
        _log.ThrowIfUnchangeable();
        var buffer = RecordBuffer.Rent();
        try
        {
            Span<byte> stored = stackalloc byte[StackKeyBytes];
            stored = RecordCodec.StoredKey(space, key, stored);
            var existed = true;

            // The lease comes first: who waits for the gate must hold no stripe, or who runs could wait for him.
            using (var lease = _log.Rent())
            {
                lock (StripeOf(stored))
                {
                    (long Sequence, int Parts) old = default;
                    if (deleted || Volatile.Read(ref _longValues[space]) > 0)
                    {
                        existed = _reader.ReadLive(lease, space, stored, buffer);
                        if (deleted && !existed)
                            return false;
                        if (existed && (RecordCodec.Flags(buffer.Span) & RecordCodec.LongFlag) != 0)
                            old = (RecordCodec.Sequence(buffer.Span), RecordCodec.LongValue(buffer.Span).Parts);
                    }

                    var sequence = Interlocked.Increment(ref _sequence);
                    if (deleted)
                        WriteValue(lease, stored, RecordCodec.DeletedFlag, sequence, default, buffer);
                    else if (value.Length <= PartBytes)
                        WriteValue(lease, stored, 0, sequence, value, buffer);
                    else
                        WriteLong(lease, space, stored, sequence, value, buffer);
                    if (old.Parts > 0)
                        DeleteParts(lease, space, old.Sequence, old.Parts, buffer);
                }
            }

            _log.ThrowIfWriteFailed();
            return existed;
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Copies a record to the end of the log if it is still the newest of its key, its number unchanged; returns whether it
    /// is.</summary>
    public bool MoveToEnd(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> value, long address, RecordBuffer buffer)
    {
        using var lease = _log.Rent();
        lock (StripeOf(stored))
        {
            if (!_reader.IsNewest(lease, stored, address, buffer, out _))
                return false;
            WriteRaw(lease, stored, value);
            return true;
        }
    }

    /// <summary>The spaces that hold long values, and how many were written.</summary>
    public Dictionary<byte, long> LongValueCounts()
    {
        var counts = new Dictionary<byte, long>();
        for (var space = 0; space < _longValues.Length; space++)
        {
            var count = Volatile.Read(ref _longValues[space]);
            if (count > 0)
                counts[(byte)space] = count;
        }

        return counts;
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Restore(long sequence, IReadOnlyDictionary<byte, long> longValues)
    {
        _sequence = sequence;
        foreach (var (space, count) in longValues)
            _longValues[space] = count;
    }

    private Lock StripeOf(ReadOnlySpan<byte> key) => _stripes[RecordKeyComparer.Hash(key) & (StripeCount - 1)];

    private void WriteLong(
        RecordSessions.Lease lease,
        byte space,
        ReadOnlySpan<byte> stored,
        long sequence,
        ReadOnlySpan<byte> value,
        RecordBuffer buffer
    )
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
        BinaryPrimitives.WriteInt64LittleEndian(payload, value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(payload[8..], parts);
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
        RecordSessions.Lease lease,
        ReadOnlySpan<byte> stored,
        byte flags,
        long sequence,
        ReadOnlySpan<byte> payload,
        RecordBuffer buffer
    )
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
}
