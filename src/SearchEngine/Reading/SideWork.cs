namespace SearchEngine.Reading;

/// <summary>
/// Work beside other work: another thread of the pool does it if one is free in time, and else the one that needs its result, when it
/// does. Under load that is the rule, and nothing waits for a thread. Its result is taken by one caller.
/// </summary>
internal sealed class SideWork<T> : IThreadPoolWorkItem
{
    private readonly Func<T> _work;
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    private SideWork(Func<T> work) => _work = work;

    /// <summary>Offers work to the pool.</summary>
    public static SideWork<T> Start(Func<T> work)
    {
        var started = new SideWork<T>(work);
        ThreadPool.UnsafeQueueUserWorkItem(started, preferLocal: true);
        return started;
    }

    /// <summary>The result, or what the work threw: at once where no thread has begun.</summary>
    public ValueTask<T> ResultAsync() => Take() ? new ValueTask<T>(_work()) : new ValueTask<T>(_done.Task);

    /// <summary>Ends when nothing of the work runs any more; what it threw is forgotten.</summary>
    public async Task CancelAsync()
    {
        if (!Take())
            await ((Task)_done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
