using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SearchEngine.Workloads.Host;

/// <summary>
/// What HTTP adds: processor time of the host's whole process for a search (sockets, JSON in and out, security, metrics, the engine), less
/// that of this process for the same search by a direct call, over copies of one database. Rounds of both take turns, with as many searches
/// at a time; the least of each is compared, since what else the machine does only adds.
/// </summary>
internal sealed class HostOverhead(string program, int records, int dimension, int rounds, int requests, int clients)
{
    private const int Batch = 1_000;

    /// <summary>Rounds for the compiler, which works on what it has seen often for some seconds after; they count for nothing.</summary>
    private const int WarmUp = 8;
    private const int WordsPerText = 40;
    private const int Top = 10;

    public async Task<int> RunAsync(SearchMode[] modes, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("searchengine-host-overhead-").FullName;
        try
        {
            var own = Path.Combine(data, "own");
            await FillAsync(own, cancellationToken).ConfigureAwait(false);
            CopyFolder(own, Path.Combine(data, "database"));
            await using var database = await SearchDatabase
                .OpenAsync(new SearchDatabaseOptions { Directory = own }, cancellationToken)
                .ConfigureAwait(false);
            var collection = await database.GetCollectionAsync("overhead", cancellationToken).ConfigureAwait(false);
            using var host = await HostProcess.StartAsync(program, data, "none", cancellationToken).ConfigureAwait(false);
            using var client = new HttpClient { BaseAddress = host.Address };
            foreach (var mode in modes)
                await MeasureAsync(collection, host, client, mode, cancellationToken).ConfigureAwait(false);
            await host.StopAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task MeasureAsync(
        SearchCollection collection,
        HostProcess host,
        HttpClient client,
        SearchMode mode,
        CancellationToken cancellationToken
    )
    {
        var random = new Random(7);
        var searches = Enumerable.Range(0, requests).Select(_ => Make(mode, random)).ToArray();
        var bodies = Array.ConvertAll(searches, BodyOf);
        List<double> engine = [];
        List<double> http = [];
        using var process = Process.GetCurrentProcess();
        for (var round = -WarmUp; round < rounds; round++)
        {
            process.Refresh();
            var before = process.TotalProcessorTime;
            await EachAsync(searches, search => collection.FindAsync(search, cancellationToken)).ConfigureAwait(false);
            process.Refresh();
            var direct = process.TotalProcessorTime - before;
            before = host.Processor;
            await EachAsync(bodies, body => AskAsync(client, body, cancellationToken)).ConfigureAwait(false);
            var served = host.Processor - before;
            if (round >= 0)
            {
                engine.Add(direct.TotalMicroseconds / requests);
                http.Add(served.TotalMicroseconds / requests);
            }
        }

        ResultLine.Print(
            "host overhead",
            ("mode", mode.ToString()),
            ("records", records),
            ("dimension", dimension),
            ("clients", clients),
            ("engineUs", ResultLine.Round(engine.Min())),
            ("httpUs", ResultLine.Round(http.Min())),
            ("addedUs", ResultLine.Round(http.Min() - engine.Min())),
            ("addedMedianUs", ResultLine.Round(Median(http) - Median(engine)))
        );
    }

    /// <summary>Every item once, as many at a time as there are clients.</summary>
    private async Task EachAsync<T>(T[] items, Func<T, Task> run)
    {
        var next = -1;
        await Task.WhenAll(
                Enumerable
                    .Range(0, clients)
                    .Select(_ =>
                        Task.Run(async () =>
                        {
                            for (int i; (i = Interlocked.Increment(ref next)) < items.Length; )
                                await run(items[i]).ConfigureAwait(false);
                        })
                    )
            )
            .ConfigureAwait(false);
    }

    private static async Task AskAsync(HttpClient client, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using var reply = await client.PostAsync("/collections/overhead/search", content, cancellationToken).ConfigureAwait(false);
        reply.EnsureSuccessStatusCode();
        await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    private SearchRequest Make(SearchMode mode, Random random) =>
        new()
        {
            Mode = mode,
            Top = Top,
            CorrectSpelling = false,
            Text = mode == SearchMode.Vector ? null : Vocabulary.Text(random, 2),
            Vector = mode == SearchMode.Keyword ? null : (ReadOnlyMemory<float>?)Vector(random),
        };

    private static byte[] BodyOf(SearchRequest request)
    {
        // The same work on both sides: no snippets, which a direct call makes only where it is asked to, and no correction of what was typed.
        var body = new JsonObject
        {
            ["mode"] = JsonNamingPolicy.CamelCase.ConvertName(request.Mode.ToString()),
            ["k"] = Top,
            ["snippets"] = false,
            ["correctSpelling"] = false,
        };
        if (request.Text is { } text)
            body["query"] = text;
        if (request.Vector is { } vector)
            body["vector"] = new JsonArray([.. vector.ToArray().Select(x => (JsonNode?)x)]);
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private async Task FillAsync(string folder, CancellationToken cancellationToken)
    {
        await using var database = await SearchDatabase
            .OpenAsync(new SearchDatabaseOptions { Directory = folder, Durability = DatabaseDurability.None }, cancellationToken)
            .ConfigureAwait(false);
        var schema = new CollectionSchema
        {
            Name = "overhead",
            Fields = [new DataField("title", DataFieldType.String), new DataField("text", DataFieldType.String) { IsFullText = true }],
            Vectors = [new VectorField("vector", dimension)],
        };
        var collection = await database.CreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);
        var random = new Random(1);
        for (var i = 0; i < records; i += Batch)
        {
            var documents = Enumerable
                .Range(i, Math.Min(Batch, records - i))
                .Select(n =>
                {
                    var document = new Document($"record/{n}")
                    {
                        ["title"] = Vocabulary.Text(random, 4),
                        ["text"] = Vocabulary.Text(random, WordsPerText),
                    };
                    document.Vectors["vector"] = Vector(random);
                    return document;
                });
            await collection.UpsertAsync([.. documents], cancellationToken).ConfigureAwait(false);
        }

        await collection.CheckpointAsync(cancellationToken).ConfigureAwait(false);
    }

    private float[] Vector(Random random) => [.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
