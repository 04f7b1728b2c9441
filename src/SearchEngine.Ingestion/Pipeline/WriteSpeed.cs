namespace SearchEngine.Ingestion;

/// <summary>
/// The speed of writing, for the time left: the mean since the first thing was written, and of the last seconds once there are more. What
/// came before the first write, the start of model and database, says nothing of what is to come. Not thread-safe.
/// </summary>
internal sealed class WriteSpeed
{
    /// <summary>How long a change of speed takes to show.</summary>
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(15);

    /// <summary>Shorter than this is no measurement.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    private TimeSpan? _startedAt;
    private TimeSpan _measuredAt;
    private long _measuredBytes;

    /// <summary>0 until it is known.</summary>
    public double BytesPerSecond { get; private set; }

    /// <summary>Takes what has been written until now.</summary>
    /// <param name="elapsed">Time since the run began; never less than before.</param>
    /// <param name="bytes">Bytes written since then; what was skipped is so much faster that it does not count.</param>
    public void Measure(TimeSpan elapsed, long bytes)
    {
        if (_startedAt is not { } startedAt)
        {
            if (bytes > 0)
                (_startedAt, _measuredAt, _measuredBytes) = (elapsed, elapsed, bytes);
            return;
        }

        var passed = elapsed - _measuredAt;
        if (bytes == _measuredBytes || passed < Shortest)
            return;
        var now = (bytes - _measuredBytes) / passed.TotalSeconds;
        var weight = Math.Max(1 - Math.Exp(-passed / Smoothing), passed / (elapsed - startedAt));
        BytesPerSecond += weight * (now - BytesPerSecond);
        (_measuredAt, _measuredBytes) = (elapsed, bytes);
    }
}
