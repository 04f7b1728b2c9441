using SearchEngine.Hosting;

namespace SearchEngine.Api.Serving;

/// <summary>
/// When the host is told to stop, keeps it listening until the requests that were accepted are answered and for a moment none has come, at
/// most for the set time; only then the server closes. Jobs are cancelled,
/// so that whoever watches one sees its end.
/// </summary>
internal sealed class DrainService(DrainState drain, ApiSettings settings) : IHostedLifecycleService
{
    /// <summary>A moment without a new request, in which one that was on its way would have come.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await drain.BeginAsync();
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(settings.DrainSeconds);
        var quietSince = DateTime.UtcNow;
        var seen = drain.Seen;
        while (DateTime.UtcNow < end && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Step, CancellationToken.None);
            if (drain.Running > 0 || drain.Seen != seen)
            {
                seen = drain.Seen;
                quietSince = DateTime.UtcNow;
            }
            else if (DateTime.UtcNow - quietSince >= Quiet)
            {
                return;
            }
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
