namespace SearchEngine.Reading;

/// <summary>
/// Work beside other work: another thread of the pool does it if one is free in time, and else the one that needs its result, when it
/// does. Where as much of it is under way as there are processors, no thread is asked: waking one costs more than it helps. One caller
/// takes the result, or cancels.
/// </summary>
internal sealed class SideWork<T> : IThreadPoolWorkItem
{
    /// <summary>Work that was started and whose result nobody has asked for yet.</summary>
    private static int _underWay;

    private readonly Func<T> _work;
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    private SideWork(Func<T> work) => _work = work;

    /// <summary>Offers work to the pool, unless all processors have such work beside them.</summary>
    public static SideWork<T> Start(Func<T> work)
    {
        var started = new SideWork<T>(work);
        if (Interlocked.Increment(ref _underWay) < Environment.ProcessorCount)
            ThreadPool.UnsafeQueueUserWorkItem(started, preferLocal: true);
        return started;
    }

    /// <summary>The result, or what the work threw: at once where no thread has begun.</summary>
    public ValueTask<T> ResultAsync()
    {
        Interlocked.Decrement(ref _underWay);
        return Take() ? new ValueTask<T>(_work()) : new ValueTask<T>(_done.Task);
    }

    /// <summary>Ends when nothing of the work runs any more; what it threw is forgotten.</summary>
    /// <returns>What it made, for who has to let go of it; the default where nothing was begun, or it threw.</returns>
    public async Task<T?> CancelAsync()
    {
        Interlocked.Decrement(ref _underWay);
        if (Take())
            return default;
        await ((Task)_done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _done.Task.IsCompletedSuccessfully ? _done.Task.Result : default;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (!Take())
            return;
        try
        {
            _done.SetResult(_work());
        }
#pragma warning disable CA1031 // Whatever it is, it is thrown to the one who asks for the result.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _done.SetException(e);
        }
    }

    private bool Take() => Interlocked.Exchange(ref _taken, 1) == 0;
}
