using System.Net;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Security;

/// <summary>The addresses that a host listens on, and whether that is safe.</summary>
internal static class ListeningAddress
{
    public static IEnumerable<string> HostsOf(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => Parse(url).Host);

    /// <summary>Whether only this machine reaches them all.</summary>
    public static bool AreLoopback(string urls) =>
        HostsOf(urls)
            .All(host =>
                host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
            );

    /// <exception cref="HostException">A public address, no key, and nobody said that this is meant.</exception>
    public static void RequireSafe(string urls, ApiKeyRing keys, ApiSettings settings)
    {
        if (!keys.IsEmpty || settings.AllowAnonymous || AreLoopback(urls))
            return;
        throw new HostException(
            $"{urls} can be reached from other machines and there is no API key, so that whoever reaches it would own the data. "
                + "Make a key with 'searchengine key' and put its hash into Api:Keys or Api:KeyFile, listen on http://127.0.0.1, "
                + "or set Api:AllowAnonymous where something else keeps callers out."
        );
    }

    private static BindingAddress Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException e)
        {
            throw new HostException($"Api:Url '{url}' is no address to listen on, like http://127.0.0.1:5080.", e);
        }
    }
}
