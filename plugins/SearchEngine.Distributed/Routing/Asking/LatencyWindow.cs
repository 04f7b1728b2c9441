namespace SearchEngine.Distributed.Routing.Asking;

/// <summary>How long the last answers took. Thread-safe.</summary>
internal sealed class LatencyWindow
{
    /// <summary>Answers that are remembered: some seconds of a busy shard.</summary>
    private const int Kept = 256;

    /// <summary>Fewer say nothing of a 95th percentile.</summary>
    private const int Fewest = 20;

    /// <summary>What is taken for the percentile as long as nothing is known.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromMilliseconds(100);

    /// <summary>A second call is not worth it for less.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(2);

    private readonly Lock _lock = new();
    private readonly long[] _ticks = new long[Kept];
    private int _count;

    public void Add(TimeSpan taken)
    {
        lock (_lock)
            _ticks[_count++ % Kept] = taken.Ticks;
    }

    /// <summary>The 95th percentile of the last answers.</summary>
    public TimeSpan Percentile95()
    {
        long[] taken;
        lock (_lock)
        {
            if (_count < Fewest)
                return Unknown;
            // The count grows on: its remainder is the place, its minimum with the size the number.
            taken = _ticks[..Math.Min(_count, Kept)];
            if (_count > 1 << 30)
                _count = Kept + _count % Kept;
        }

        Array.Sort(taken);
        var found = TimeSpan.FromTicks(taken[(int)Math.Ceiling(taken.Length * 0.95) - 1]);
        return found > Least ? found : Least;
    }
}
