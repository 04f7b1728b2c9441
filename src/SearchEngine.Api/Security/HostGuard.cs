using System.Net;
using SearchEngine.Api.Requests;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Security;

/// <summary>
/// Lets only requests in whose Host header names this host. A page of a foreign site can have its own name lead to this machine (DNS
/// rebinding) and is then of the same origin for the browser; its requests carry the foreign name. A host that listens on a public address
/// and lists no names is called by names it cannot know: there it is the key that foreign pages lack.
/// </summary>
internal sealed class HostGuard(RequestDelegate next, ApiSettings settings)
{
    private readonly HashSet<string> _names = new(
        settings.Hosts.Concat(["localhost", "127.0.0.1", "[::1]"]).Concat(ListeningAddress.HostsOf(settings.Url)),
        StringComparer.OrdinalIgnoreCase
    );

    private readonly bool _isOpen = settings.Hosts.Count == 0 && !ListeningAddress.AreLoopback(settings.Url);

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (_isOpen || _names.Contains(host) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))
            return next(context);
        throw new RequestException(
            StatusCodes.Status421MisdirectedRequest,
            "Misdirected request",
            "The Host header names another host; names that lead here are listed in Api:Hosts."
        );
    }
}
