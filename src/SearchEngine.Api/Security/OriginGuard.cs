using SearchEngine.Api.Requests;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Security;

/// <summary>
/// Refuses requests that change something and come from a page of another origin: a form or a script there can send them with a reader's
/// browser into a host on the reader's machine. Browsers say the origin; programs send none and pass.
/// </summary>
internal sealed class OriginGuard(RequestDelegate next, ApiSettings settings)
{
    private readonly HashSet<string> _origins = new(settings.Origins, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return next(context);
        var origin = request.Headers.Origin.ToString();
        var isForeign =
            origin.Length > 0
                ? !_origins.Contains(origin) && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
                : request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
        return isForeign
            ? throw RequestException.Forbidden(
                "Pages of other origins may not change anything here; origins that may are listed in Api:Origins."
            )
            : next(context);
    }
}
