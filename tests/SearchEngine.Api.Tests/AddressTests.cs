using System.Net;
using System.Text.Json;

namespace SearchEngine.Api.Tests;

/// <summary>What the segments of an address lead to, and what comes back for whatever the caller says it reads.</summary>
public sealed class AddressTests
{
    /// <summary>The server takes dots out of a path, escaped ones too: what was the address of a document is then that of its collection.</summary>
    [Theory]
    [InlineData("%2E%2E")]
    [InlineData("%2e%2E")]
    [InlineData(".%2e")]
    [InlineData("..")]
    [InlineData("%2E")]
    [InlineData(".")]
    public async Task The_address_of_a_document_never_becomes_that_of_its_collection(string key)
    {
        await using var host = await RunningHost.StartAsync();
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 201);
        Assert.Equal(400, await RawRequest.StatusAsync(host, "DELETE", "/collections/a/documents/" + key));
        Assert.Equal(400, await RawRequest.StatusAsync(host, "DELETE", "http://localhost/collections/a/documents/" + key));
        Assert.Equal(400, await RawRequest.StatusAsync(host, "DELETE", "/collections/a/snapshots/" + key));
        await host.SendAsync(HttpMethod.Get, "/collections/a", null, 200);
    }

    [Fact]
    public async Task A_segment_is_decoded_once_and_only_where_it_is_text()
    {
        await using var host = await RunningHost.StartAsync();
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 201);
        string[] keys = ["a/b", "a%2Fb", "a%252Fb", "%", "a b", "a+b", "ü/\u2028", "..a", "a/../b", ";?#&=:@", "\ud83d\ude00"];
        foreach (var key in keys)
        {
            var path = "/collections/a/documents/" + Uri.EscapeDataString(key);
            await host.SendAsync(HttpMethod.Put, path, """{"fields":{"text":"x"}}""", 200);
            Assert.Equal(key, (await host.SendAsync(HttpMethod.Get, path, null, 200)).GetProperty("key").GetString());
        }

        var stored = await host.SendAsync(HttpMethod.Post, "/collections/a/documents/scroll", """{"limit":100}""", 200);
        Assert.Equal(
            keys.Order(StringComparer.Ordinal),
            stored
                .GetProperty("documents")
                .EnumerateArray()
                .Select(document => document.GetProperty("key").GetString()!)
                .Order(StringComparer.Ordinal)
        );
        foreach (var wrong in new[] { "%zz", "a%", "a%2", "%ff", "%c0%ae%c0%ae", "%ed%a0%80" })
            Assert.Equal(400, await RawRequest.StatusAsync(host, "GET", "/collections/a/documents/" + wrong));
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    [InlineData("image/png")]
    [InlineData("application/json")]
    public async Task A_problem_is_told_whatever_the_caller_accepts(string accept)
    {
        await using var host = await RunningHost.StartAsync();
        foreach (
            var (method, path, status) in new[]
            {
                ("GET", "/jobs/none/events", 404),
                ("GET", "/collections/none", 404),
                ("GET", "/nowhere", 404),
                ("TRACE", "/collections", 405),
                ("GET", "/collections?limit=0", 400),
            }
        )
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("Accept", accept);
            using var reply = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var content = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)reply.StatusCode == status, $"{method} {path}: {reply.StatusCode} {content}");
            Assert.NotEmpty(JsonSerializer.Deserialize<JsonElement>(content).GetProperty("detail").GetString()!);
        }
    }

    [Fact]
    public async Task A_body_that_is_packed_or_breaks_its_own_headers_is_the_callers_fault()
    {
        await using var host = await RunningHost.StartAsync();
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 201);
        const string head = "POST /collections/a/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        foreach (
            var (rest, status) in new[]
            {
                ("Content-Encoding: gzip\r\nConnection: close\r\nContent-Length: 16\r\n\r\n{\"documents\":[]}", 415),
                ("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}", 400),
                ("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{}", 400),
            }
        )
        {
            var reply = await RawRequest.SendAsync(host, head + rest);
            Assert.StartsWith($"HTTP/1.1 {status} ", reply, StringComparison.Ordinal);
            Assert.Contains("\"detail\"", reply, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);
    }
}
