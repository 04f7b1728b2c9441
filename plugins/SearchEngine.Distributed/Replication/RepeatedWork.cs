namespace SearchEngine.Distributed.Replication;

/// <summary>
/// Work that is done over and over in the background, with a pause after each time, until it is disposed. A failure is told, whatever it
/// is, and the work done again.
/// </summary>
internal sealed class RepeatedWork : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    /// <summary>Begins.</summary>
    /// <param name="step">The work; its token ends with this.</param>
    /// <param name="pause">How long nothing is done after it.</param>
    /// <param name="failed">Told of failures.</param>
    public RepeatedWork(Func<CancellationToken, Task> step, TimeSpan pause, Action<Exception> failed) =>
        _running = Task.Run(() => RunAsync(step, pause, failed));

    /// <summary>Ends it, and waits for a step on its way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync(Func<CancellationToken, Task> step, TimeSpan pause, Action<Exception> failed)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await step(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failed(e);
            }

            await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
