namespace SearchEngine.Moments;

/// <summary>
/// What a long reader and the write loop share: the moment, how many steps are being read in it right now, and whether it was revoked.
/// A lease is revoked only between two steps, so that a step that began reads its moment to the end. Thread-safe.
/// </summary>
internal sealed class LeaseState(CollectionMoment moment)
{
    private const int Revoked = -1;

    private CollectionMoment? _moment = moment;
    private int _steps;

    public bool IsRevoked => Volatile.Read(ref _steps) == Revoked;

    /// <summary>Begins a step; null where the lease was revoked.</summary>
    public CollectionMoment? TryStep()
    {
        while (true)
        {
            var steps = Volatile.Read(ref _steps);
            if (steps == Revoked)
                return null;
            if (Interlocked.CompareExchange(ref _steps, steps + 1, steps) == steps)
                return _moment;
        }
    }

    public void EndStep() => Interlocked.Decrement(ref _steps);

    /// <summary>Revokes the lease and lets its moment go; false where a step is being read.</summary>
    public bool TryRevoke()
    {
        var before = Interlocked.CompareExchange(ref _steps, Revoked, 0);
        if (before > 0)
            return false;
        if (before == 0)
            _moment = null;
        return true;
    }
}
