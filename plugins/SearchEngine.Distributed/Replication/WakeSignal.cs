namespace SearchEngine.Distributed.Replication;

/// <summary>Lets one loop sleep until there is something to do, or some time has passed. What is told while it does not sleep is not lost.</summary>
internal sealed class WakeSignal
{
    private volatile TaskCompletionSource _told = New();

    public void Wake() => _told.TrySetResult();

    /// <summary>Waits; afterwards nothing is told until the next <see cref="Wake"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await _told.Task.WaitAsync(atMost, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }

        _told = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
