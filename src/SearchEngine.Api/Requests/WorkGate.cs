using System.Threading.RateLimiting;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Lets so many requests work at a time, so many more wait, and tells the rest to come back. What lasts as long as the caller wants
/// (transfers, event streams) is counted apart, so that it cannot take the workers' places.
/// </summary>
internal sealed class WorkGate(RequestDelegate next, ApiSettings settings)
{
    private readonly ConcurrencyLimiter _workers = Limiter(settings.MaxConcurrentRequests, settings.QueueLimit);
    private readonly ConcurrencyLimiter _streams = Limiter(settings.MaxStreams, 0);

    public async Task InvokeAsync(HttpContext context)
    {
        var admission = EndpointRules.Of(context)?.Admission ?? Admission.Work;
        if (admission == Admission.Free || context.GetEndpoint() is null)
        {
            await next(context);
            return;
        }

        var limiter = admission == Admission.Stream ? _streams : _workers;
        using var permit = await limiter.AcquireAsync(1, context.RequestAborted);
        if (!permit.IsAcquired)
        {
            throw new RequestException(
                StatusCodes.Status429TooManyRequests,
                "Too many requests",
                admission == Admission.Stream
                    ? $"{settings.MaxStreams} transfers run, which is all that may; try again in a second."
                    : "Every worker is busy and the queue is full; try again in a second."
            );
        }
        await next(context);
    }

    private static ConcurrencyLimiter Limiter(int permits, int queue) =>
        new(
            new ConcurrencyLimiterOptions
            {
                PermitLimit = permits,
                QueueLimit = queue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );
}
