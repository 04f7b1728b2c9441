using System.Runtime.CompilerServices;

namespace SearchEngine.Moments;

/// <summary>
/// Who reads which moment: what was deleted may be taken out of the views, and its ordinal given out again, only when no reader is left
/// that could see it. A reader announces the sequence of the current moment in a slot of its own before it takes the moment, so that
/// whoever looks at the slots after a newer moment was published either sees the announcement or the reader sees the newer moment.
/// Entering and leaving are one interlocked operation each; there is no lock. Thread-safe.
/// </summary>
internal sealed class ReadEpochs
{
    /// <summary>Slots of a segment: more readers at a time than cores are rare, more than this add a segment.</summary>
    private const int SegmentSlots = 64;

    /// <summary>One slot per cache line.</summary>
    private const int Stride = 8;

    private readonly Segment _first = new();
    private long _awaited = long.MinValue;

    /// <summary>Called, on the thread of the reader, when one leaves that <see cref="Await"/> waits for.</summary>
    public Action? AwaitedLeft { get; set; }

    /// <summary>Announces a reader of moments from <paramref name="sequence"/> on.</summary>
    public Slot Enter(long sequence)
    {
        var start = Environment.CurrentManagedThreadId * 7;
        for (var segment = _first; ; segment = segment.Next())
        {
            for (var i = 0; i < SegmentSlots; i++)
            {
                var index = ((start + i) & (SegmentSlots - 1)) * Stride;
                if (
                    Volatile.Read(ref segment.Sequences[index]) == 0
                    && Interlocked.CompareExchange(ref segment.Sequences[index], sequence, 0) == 0
                )
                {
                    return new Slot(segment, index);
                }
            }
        }
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    public void Leave(Slot slot)
    {
        slot.Segment.Leases[slot.Index / Stride] = null;
        var sequence = Interlocked.Exchange(ref slot.Segment.Sequences[slot.Index], 0);
        if (sequence < Volatile.Read(ref _awaited))
            AwaitedLeft?.Invoke();
    }

    /// <summary>Ties a slot to a lease that may be revoked.</summary>
    public static void Tie(Slot slot, LeaseState lease) => Volatile.Write(ref slot.Segment.Leases[slot.Index / Stride], lease);

    /// <summary>The smallest sequence of any reader; <see cref="long.MaxValue"/> where nobody reads.</summary>
    /// <remarks>Read after the moment in question was published: readers that are not seen here take that one or a later one.</remarks>
    public long Oldest()
    {
        Interlocked.MemoryBarrier();
        var oldest = long.MaxValue;
        for (var segment = _first; segment is not null; segment = segment.NextOrNull)
        {
            for (var i = 0; i < SegmentSlots; i++)
            {
                var sequence = Volatile.Read(ref segment.Sequences[i * Stride]);
                if (sequence == 0 || sequence >= oldest)
                    continue;
                if (Volatile.Read(ref segment.Leases[i])?.IsRevoked == true)
                    continue;
                oldest = sequence;
            }
        }

        return oldest;
    }

    /// <summary>
    /// Revokes the leases that hold the moment of <see cref="Oldest"/>; false where a reader that cannot be revoked holds it too, or is
    /// reading.
    /// </summary>
    public bool RevokeOldest()
    {
        var oldest = Oldest();
        if (oldest == long.MaxValue)
            return false;
        return Revoke(oldest);
    }

    /// <summary>
    /// Revokes every lease; false where a reader is left that cannot be revoked, or is reading. For the end, when nobody enters any more.
    /// </summary>
    public bool RevokeAll()
    {
        Interlocked.MemoryBarrier();
        return Revoke(null);
    }

    /// <summary>
    /// From now on <see cref="AwaitedLeft"/> is called when a reader leaves that reads a moment before this one. Look at
    /// <see cref="Oldest"/> once more afterwards.
    /// </summary>
    public void Await(long sequence) => Interlocked.Exchange(ref _awaited, sequence);

    /// <summary>Revokes the leases of one moment, or all (null); false where a reader is left that cannot be revoked, or is reading.</summary>
    private bool Revoke(long? only)
    {
        var all = true;
        for (var segment = _first; segment is not null; segment = segment.NextOrNull)
        {
            for (var i = 0; i < SegmentSlots; i++)
            {
                var sequence = Volatile.Read(ref segment.Sequences[i * Stride]);
                if (sequence != 0 && sequence == (only ?? sequence))
                    all &= Volatile.Read(ref segment.Leases[i])?.TryRevoke() == true;
            }
        }

        return all;
    }

    /// <summary>A reader's place.</summary>
    public readonly record struct Slot(Segment Segment, int Index);

    /// <summary>Some slots; more are linked when all are taken.</summary>
    internal sealed class Segment
    {
        private Segment? _next;

        public long[] Sequences { get; } = new long[SegmentSlots * Stride];

        public LeaseState?[] Leases { get; } = new LeaseState?[SegmentSlots];

        public Segment? NextOrNull => Volatile.Read(ref _next);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public Segment Next()
        {
            if (NextOrNull is { } next)
                return next;
            var made = new Segment();
            return Interlocked.CompareExchange(ref _next, made, null) ?? made;
        }
    }
}
