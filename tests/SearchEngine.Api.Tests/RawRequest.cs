using System.Net.Sockets;
using System.Text;

namespace SearchEngine.Api.Tests;

/// <summary>Requests byte by byte as they are written here: clients put an address right before they send it.</summary>
internal static class RawRequest
{
    /// <summary>Sends the text (as Latin-1) and returns all that comes back until the host closes the connection.</summary>
    public static async Task<string> SendAsync(RunningHost host, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The status of the reply to a request without a body.</summary>
    public static async Task<int> StatusAsync(RunningHost host, string method, string target)
    {
        var reply = await SendAsync(host, $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return int.Parse(reply.AsSpan("HTTP/1.1 ".Length, 3), null);
    }
}
