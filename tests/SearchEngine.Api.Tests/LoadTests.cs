using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace SearchEngine.Api.Tests;

/// <summary>What the host does with more than it can do, with slow callers, and when it is told to stop.</summary>
public sealed class LoadTests
{
    private const string Search = """{"query":"x"}""";

    /// <summary>Seconds in which what ends when something has happened ends on any machine.</summary>
    private const int Patience = 600;

    [Fact]
    public async Task Past_the_limit_requests_are_refused_with_429()
    {
        var embedder = new WaitingEmbedder();
        await using var small = await RunningHost.StartAsync(
            api => api with { MaxConcurrentRequests = 1, QueueLimit = 0 },
            embedder.ToOptions()
        );
        await small.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
        embedder.Holds = true;
        var first = small.Client.PostAsync("/collections/notes/search", Json(Search));
        await embedder.Entered;
        using var second = await small.Client.GetAsync("/collections");

        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal("application/problem+json", second.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(second.Headers.RetryAfter);
        await small.SendAsync(HttpMethod.Get, "/health/live", null, 200);
        embedder.Release();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        await small.SendAsync(HttpMethod.Get, "/collections", null, 200);
    }

    [Fact]
    public async Task Slow_bodies_hold_up_nobody_and_are_given_up()
    {
        await using var small = await RunningHost.StartAsync(api =>
            api with
            {
                MaxConcurrentRequests = 1,
                QueueLimit = 0,
                BodySeconds = 1,
            }
        );
        await small.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
        var slow = new List<TcpClient>();
        for (var i = 0; i < 20; i++)
            slow.Add(await SendBeginningAsync(small.Address));

        for (var i = 0; i < 10; i++)
            await small.SendAsync(HttpMethod.Post, "/collections/notes/search", Search, 200);
        foreach (var client in slow)
        {
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(), StringComparison.Ordinal);
            // The connection is closed behind the answer, or reset: the rest of the body would be taken for another request.
            try
            {
                await reader.ReadToEndAsync();
            }
            catch (IOException) { }

            client.Dispose();
        }
    }

    /// <summary>A search whose body has begun and does not go on.</summary>
    private static async Task<TcpClient> SendBeginningAsync(Uri host)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Host, host.Port);
        var head =
            $"POST /collections/notes/search HTTP/1.1\r\nHost: {host.Authority}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head));
        return client;
    }

    [Fact]
    public async Task Told_to_stop_it_answers_what_it_accepted()
    {
        var embedder = new WaitingEmbedder();
        await using var host = await RunningHost.StartAsync(api => api with { DrainSeconds = Patience }, embedder.ToOptions());
        await host.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
        await host.SendAsync(HttpMethod.Get, "/health/ready", null, 200);
        embedder.Holds = true;
        var drain = host.Application.Services.GetRequiredService<Serving.DrainState>();
        var before = drain.Seen;
        var accepted = Enumerable.Range(0, 8).Select(_ => host.Client.PostAsync("/collections/notes/search", Json(Search))).ToArray();
        await embedder.Entered;
        // One that is on its way to the host was not accepted.
        while (drain.Seen < before + accepted.Length)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        var stopped = host.Application.StopAsync(TestContext.Current.CancellationToken);

        // It still listens, and says that nothing should be sent here any more.
        var probe = await host.SendAsync(HttpMethod.Get, "/health/ready", null, 503);
        while (probe.GetProperty("status").GetString() != "stopping")
            probe = await host.SendAsync(HttpMethod.Get, "/health/ready", null, 503);
        Assert.False(stopped.IsCompleted);
        embedder.Release();
        foreach (var reply in accepted)
            Assert.Equal(HttpStatusCode.OK, (await reply).StatusCode);
        await stopped;
        await Assert.ThrowsAsync<HttpRequestException>(() => host.Client.GetAsync("/health/live"));
    }

    [Fact]
    public async Task Told_to_stop_under_load_it_answers_every_request_that_reached_it()
    {
        const int clients = 8;
        const int before = 40;
        await using var host = await RunningHost.StartAsync(api => api with { DrainSeconds = Patience });
        await host.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
        var drain = host.Application.Services.GetRequiredService<Serving.DrainState>();
        var (seenBefore, answered) = (drain.Seen, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        var running = Enumerable.Range(0, clients).Select(c => Task.Run(() => SendUntilClosedAsync(c))).ToArray();
        await enough.Task;
        await host.Application.StopAsync(TestContext.Current.CancellationToken);
        await Task.WhenAll(running);

        Assert.All(statuses.Keys, status => Assert.Contains(status, new[] { 200, 429, 503 }));
        Assert.Equal(drain.Seen - seenBefore, answered);

        async Task SendUntilClosedAsync(int client)
        {
            for (var round = 0; ; round++)
            {
                try
                {
                    var body = $$$"""{"documents":[{"key":"{{{client}}}-{{{round}}}","fields":{"text":"whale"}}]}""";
                    using var reply = await host.Client.PostAsync("/collections/notes/documents", Json(body));
                    statuses.AddOrUpdate((int)reply.StatusCode, 1, (_, count) => count + 1);
                    if (Interlocked.Increment(ref answered) == before)
                        enough.TrySetResult();
                    if (reply.Headers.ConnectionClose == true)
                        return;
                }
                catch (HttpRequestException)
                {
                    // Not let in any more; what was let in and not answered is missing in the count.
                    return;
                }
            }
        }
    }

    [Fact]
    public async Task Searches_while_their_collection_is_deleted_and_made_meet_no_failure()
    {
        await using var host = await RunningHost.StartAsync();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        using var done = new CancellationTokenSource();
        var searchers = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!done.IsCancellationRequested)
                    {
                        using var reply = await host.Client.PostAsync("/collections/notes/search", Json("""{"query":"bread"}"""));
                        statuses.AddOrUpdate((int)reply.StatusCode, 1, (_, count) => count + 1);
                    }
                })
            )
            .ToArray();
        // Searches of a collection that is not there, and then of one that is there in each round: whoever of the threads is let run.
        await MeetAsync(404);
        for (var round = 0; round < 6; round++)
        {
            await host.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
            await host.SendAsync(
                HttpMethod.Post,
                "/collections/notes/documents",
                """{"documents":[{"key":"1","fields":{"text":"bread"}}]}""",
                200
            );
            await MeetAsync(200);
            await host.SendAsync(HttpMethod.Delete, "/collections/notes", null, 204);
        }

        await done.CancelAsync();
        await Task.WhenAll(searchers);
        Assert.All(statuses.Keys, status => Assert.Contains(status, new[] { 200, 404, 409, 503 }));

        async Task MeetAsync(int status)
        {
            var before = statuses.GetValueOrDefault(status);
            while (statuses.GetValueOrDefault(status) == before && !searchers.Any(searcher => searcher.IsFaulted))
                await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Clients that write and search as fast as they are answered: SEARCHENGINE_HOST_CLIENTS of them (8), SEARCHENGINE_HOST_ROUNDS times
    /// each (15).
    /// </summary>
    [Fact]
    public async Task Many_clients_meet_only_answers_and_every_acknowledged_write_is_there()
    {
        var clients = FromOutside("SEARCHENGINE_HOST_CLIENTS", 8);
        var rounds = FromOutside("SEARCHENGINE_HOST_ROUNDS", 15);
        await using var host = await RunningHost.StartAsync(api => api with { MaxConcurrentRequests = 4, QueueLimit = 4 });
        await host.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(c =>
                    Task.Run(async () =>
                    {
                        for (var round = 0; round < rounds; round++)
                        {
                            var key = $"{c}-{round}";
                            var body = $$$"""{"documents":[{"key":"{{{key}}}","fields":{"text":"whale {{{round}}}"}}]}""";
                            using var written = await host.Client.PostAsync("/collections/notes/documents", Json(body));
                            statuses.AddOrUpdate((int)written.StatusCode, 1, (_, count) => count + 1);
                            if (written.IsSuccessStatusCode)
                                acknowledged.Add(key);
                            using var found = await host.Client.PostAsync("/collections/notes/search", Json("""{"query":"whale"}"""));
                            statuses.AddOrUpdate((int)found.StatusCode, 1, (_, count) => count + 1);
                        }
                    })
                )
        );

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", statuses.Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.All(statuses.Keys, status => Assert.Contains(status, new[] { 200, 429, 503 }));
        foreach (var keys in acknowledged.Chunk(500))
        {
            var page = await host.SendAsync(HttpMethod.Post, "/collections/notes/documents/get", new { keys }, 200);
            Assert.Equal(keys.Length, page.GetProperty("documents").GetArrayLength());
        }
    }

    private static int FromOutside(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var given) ? given : otherwise;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
