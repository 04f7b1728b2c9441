namespace SearchEngine.Api.Serving;

/// <summary>How many requests are being answered, and whether the host is on its way out. Thread-safe.</summary>
internal sealed class DrainState
{
    private long _running;
    private long _seen;
    private volatile bool _isDraining;
    private readonly CancellationTokenSource _draining = new();

    /// <summary>Whether the host was told to stop: connections are closed behind their next answer, and it is not ready.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Requests being answered.</summary>
    public long Running => Interlocked.Read(ref _running);

    /// <summary>Requests that ever came.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Cancelled when the host is told to stop: what would go on as long as it likes ends then.</summary>
    public CancellationToken Draining => _draining.Token;

    public Task BeginAsync()
    {
        _isDraining = true;
        return _draining.CancelAsync();
    }

    /// <summary>Counts a request while it runs; during the drain its answer closes the connection.</summary>
    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _running);
        Interlocked.Increment(ref _seen);
        context.Response.OnStarting(
            static state =>
            {
                var (drain, response) = ((DrainState, HttpResponse))state;
                if (drain.IsDraining)
                    response.Headers.Connection = "close";
                return Task.CompletedTask;
            },
            (this, context.Response)
        );
        try
        {
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
