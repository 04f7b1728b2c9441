using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SearchEngine.Workloads.Host;

/// <summary>
/// Many clients at once. Each owns a few documents, writes them over and over with a rising number, and searches, filters, counts and reads
/// between the writes: the data stays as large as it is, so that memory which grows is the host's. Then the host is told to stop while all
/// of them are at it, is started again, and each document must hold at least the number of the last write that was acknowledged.
/// </summary>
internal sealed class HostLoad(string program, int clients)
{
    private const int DocumentsPerClient = 20;
    private const int Dimension = 64;
    private const string Collection = "/collections/load";

    private static readonly TimeSpan Refused = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, int> _statuses = new();
    private readonly ConcurrentDictionary<string, long> _acknowledged = new();
    private readonly ConcurrentBag<double> _milliseconds = [];
    private volatile bool _isStopping;
    private int _unanswered;

    public async Task<int> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("searchengine-host-load-").FullName;
        try
        {
            List<long> memory = [];
            int exitCode;
            using (var host = await HostProcess.StartAsync(program, data, "none", cancellationToken).ConfigureAwait(false))
            {
                using var client = ClientOf(host);
                await CreateAsync(client, cancellationToken).ConfigureAwait(false);
                var running = Enumerable.Range(0, clients).Select(c => Task.Run(() => CallAsync(client, c), cancellationToken)).ToArray();
                for (var watch = Stopwatch.StartNew(); watch.Elapsed < duration; )
                {
                    await Task.Delay(duration / 20, cancellationToken).ConfigureAwait(false);
                    memory.Add(host.Memory);
                }

                var stopped = host.StopAsync(cancellationToken);
                _isStopping = true;
                await Task.WhenAll(running).ConfigureAwait(false);
                exitCode = await stopped.ConfigureAwait(false);
            }

            var lost = await CountLostAsync(data, cancellationToken).ConfigureAwait(false);
            return Report(memory, exitCode, lost);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private int Report(List<long> memory, int exitCode, int lost)
    {
        var sorted = _milliseconds.Order().ToList();
        ResultLine.Print(
            "host load",
            [
                ("clients", clients),
                ("statuses", new JsonObject(_statuses.OrderBy(p => p.Key).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)))),
                ("p50Ms", ResultLine.Round(ResultLine.Percentile(sorted, 0.5))),
                ("p99Ms", ResultLine.Round(ResultLine.Percentile(sorted, 0.99))),
                ("memoryMbByTwentieth", new JsonArray([.. memory.Select(bytes => (JsonNode?)(bytes >> 20))])),
                ("acknowledgedDocuments", _acknowledged.Count),
                ("lostWrites", lost),
                ("unansweredAtStop", _unanswered),
                ("exitCode", exitCode),
            ]
        );
        var isGood = _statuses.Keys.All(status => status is "200" or "429" or "503") && lost == 0 && _unanswered == 0 && exitCode == 0;
        return isGood ? 0 : 1;
    }

    private HttpClient ClientOf(HostProcess host) =>
        new(new SocketsHttpHandler { MaxConnectionsPerServer = clients + 8 }) { BaseAddress = host.Address };

    private static async Task CreateAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var schema =
            $$"""{"fields":[{"name":"text","isFullText":true},{"name":"n","type":"int64","isFilterable":true}],"vectors":[{"name":"v","dimension":{{Dimension}}}]}""";
        using var reply = await client.PutAsync(Collection, Json(schema), cancellationToken).ConfigureAwait(false);
        reply.EnsureSuccessStatusCode();
    }

    private async Task CallAsync(HttpClient client, int number)
    {
        var random = new Random(number);
        for (var round = 0L; ; round++)
        {
            var key = $"{number}-{random.Next(DocumentsPerClient)}";
            var (path, body) = random.Next(10) switch
            {
                < 3 => ("/documents", Document(key, round, random)),
                < 6 => (
                    "/search",
                    $$"""{"query":"{{Vocabulary.Pick(random)}} {{Vocabulary.Pick(random)}}","vector":{{Vector(random)}},"vectorField":"v"}"""
                ),
                < 8 => (
                    "/search",
                    $$$"""{"query":"{{{Vocabulary.Pick(random)}}}","mode":"keyword","filter":{"n":{"$gte":{{{round / 2}}} } },"total":true}"""
                ),
                < 9 => ("/documents/count", $$$"""{"filter":{"n":{"$lt":{{{round}}} } } }"""),
                _ => ("/documents/get", $$"""{"keys":["{{key}}"]}"""),
            };
            var start = Stopwatch.GetTimestamp();
            try
            {
                using var reply = await client.PostAsync(Collection + path, Json(body)).ConfigureAwait(false);
                _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                _statuses.AddOrUpdate(((int)reply.StatusCode).ToString(), 1, (_, count) => count + 1);
                if (reply.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                {
                    var said = await reply.Content.ReadAsStringAsync().ConfigureAwait(false);
                    await Console.Error.WriteLineAsync($"{path} {body[..Math.Min(body.Length, 100)]}: {said}").ConfigureAwait(false);
                }

                if (reply.IsSuccessStatusCode && path == "/documents")
                    _acknowledged[key] = round;
                if (reply.Headers.ConnectionClose == true)
                    return;
                if (!reply.IsSuccessStatusCode)
                    await Task.Delay(Refused).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
                when (_isStopping && e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
            {
                // Not let in any more.
                return;
            }
            catch (HttpRequestException e)
            {
                await Console
                    .Error.WriteLineAsync($"{path}: {e.HttpRequestError}: {e.Message} {e.InnerException?.Message}")
                    .ConfigureAwait(false);
                Interlocked.Increment(ref _unanswered);
                return;
            }
        }
    }

    /// <summary>Starts the host again and counts documents that are gone, or older than what was acknowledged.</summary>
    private async Task<int> CountLostAsync(string data, CancellationToken cancellationToken)
    {
        using var host = await HostProcess.StartAsync(program, data, "none", cancellationToken).ConfigureAwait(false);
        using var client = ClientOf(host);
        var lost = 0;
        foreach (var keys in _acknowledged.Keys.Chunk(500))
        {
            using var reply = await client
                .PostAsync(Collection + "/documents/get", Json(JsonSerializer.Serialize(new { keys })), cancellationToken)
                .ConfigureAwait(false);
            using var page = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
            var there = page
                .RootElement.GetProperty("documents")
                .EnumerateArray()
                .ToDictionary(d => d.GetProperty("key").GetString()!, d => d.GetProperty("fields").GetProperty("n").GetInt64());
            lost += keys.Count(key => !there.TryGetValue(key, out var number) || number < _acknowledged[key]);
        }

        await host.StopAsync(cancellationToken).ConfigureAwait(false);
        return lost;
    }

    private static string Document(string key, long round, Random random) =>
        $$$"""{"documents":[{"key":"{{{key}}}","fields":{"text":"{{{Vocabulary.Pick(random)}}} {{{Vocabulary.Pick(random)}}} {{{Vocabulary.Pick(random)}}}","n":{{{round}}}},"vectors":{"v":{{{Vector(random)}}}}}]}""";

    private static string Vector(Random random) =>
        JsonSerializer.Serialize(Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f));

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
