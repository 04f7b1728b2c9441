using System.Diagnostics;
using System.Text.Json.Nodes;
using SearchEngine.DatabaseComparison.Data;

namespace SearchEngine.DatabaseComparison.Contenders;

/// <summary>
/// One database in a process of its own: a request is a line of JSON on standard input, its answer one on standard output.
/// benchmarks/peers/lancedb.mjs speaks the same.
/// </summary>
internal sealed class ContenderServer(IContender contender, DataSet data)
{
    /// <summary>Opens the database, answers one vector query and is done.</summary>
    public static async Task<int> FirstAsync(IContender contender, string data)
    {
        var query = VectorFile.ReadFirst(Path.Combine(data, "query.fvecs"));
        await contender.OpenAsync().ConfigureAwait(false);
        var opened = Environment.WorkingSet >> 20;
        var hits = await contender.SearchAsync(query, null, null, contender.Efforts / 2, 0).ConfigureAwait(false);
        Console.WriteLine($"{hits.Length} hits; resident MB after opening and after the answer: {opened} {Environment.WorkingSet >> 20}");
        return hits.Length > 0 ? 0 : 1;
    }

    public async Task<int> RunAsync()
    {
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var request = JsonNode.Parse(line)!;
            var answer = await AnswerAsync((string)request["op"]!, request).ConfigureAwait(false);
            Console.WriteLine(answer.ToJsonString());
        }

        return 0;
    }

    private async Task<JsonObject> AnswerAsync(string operation, JsonNode request)
    {
        int from = (int?)request["from"] ?? 0,
            count = (int?)request["count"] ?? 0;
        switch (operation)
        {
            case "ingest":
                await contender.IngestAsync(data).ConfigureAwait(false);
                return new JsonObject
                {
                    ["cpu"] = Environment.CpuUsage.TotalTime.TotalSeconds,
                    ["peakMB"] = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
                };
            case "open":
                await contender.OpenAsync().ConfigureAwait(false);
                return new JsonObject { ["efforts"] = contender.Efforts };
            case "search":
                return await SearchAsync((string)request["kind"]!, from, count, (int)request["effort"]!, (int)request["readers"]!)
                    .ConfigureAwait(false);
            case "write":
                return await TimesAsync(count, i => contender.WriteAsync(data, from + i, 1)).ConfigureAwait(false);
            case "searchAfterWrite":
                return await SearchAfterWriteAsync(from, count).ConfigureAwait(false);
            case "insert":
                return await TimesAsync(1, _ => contender.WriteAsync(data, from, count)).ConfigureAwait(false);
            case "delete":
                return await TimesAsync(1, _ => contender.DeleteAsync(from, count)).ConfigureAwait(false);
            default:
                throw new ArgumentException($"'{operation}' is no operation.", nameof(operation));
        }
    }

    private async Task<JsonObject> SearchAsync(string kind, int from, int count, int effort, int readers)
    {
        var ids = new int[count][];
        var times = new double[count];
        var next = -1;
        var all = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, readers).Select(reader => Task.Run(() => ReadAsync(reader)))).ConfigureAwait(false);
        return new JsonObject
        {
            ["seconds"] = all.Elapsed.TotalSeconds,
            ["ms"] = Numbers(times),
            ["ids"] = new JsonArray([.. ids.Select(Numbers)]),
        };

        async Task ReadAsync(int reader)
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < count)
            {
                var query = from + i;
                var clock = Stopwatch.StartNew();
                ids[i] = await SearchOneAsync(kind, query, effort, reader).ConfigureAwait(false);
                times[i] = clock.Elapsed.TotalMilliseconds;
            }
        }
    }

    private Task<int[]> SearchOneAsync(string kind, int query, int effort, int reader) =>
        kind switch
        {
            "vector" => contender.SearchAsync(data.Query(query), null, null, effort, reader),
            "sentence" => contender.SearchAsync(null, data.Sentences[query], null, effort, reader),
            "words" => contender.SearchAsync(null, data.Words[query], null, effort, reader),
            "hybrid" => contender.SearchAsync(data.Query(query), data.Sentences[query], null, effort, reader),
            "few" => contender.SearchAsync(data.Query(query), null, 5, effort, reader),
            "half" => contender.SearchAsync(data.Query(query), null, 500, effort, reader),
            _ => throw new ArgumentException($"'{kind}' is no kind of query.", nameof(kind)),
        };

    // Times the search alone.
    private async Task<JsonObject> SearchAfterWriteAsync(int from, int count)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            await contender.WriteAsync(data, from + i, 1).ConfigureAwait(false);
            var clock = Stopwatch.StartNew();
            await contender.SearchAsync(null, data.Words[i], null, 0, 0).ConfigureAwait(false);
            times[i] = clock.Elapsed.TotalMilliseconds;
        }

        return new JsonObject { ["ms"] = Numbers(times) };
    }

    private static async Task<JsonObject> TimesAsync(int count, Func<int, Task> run)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var clock = Stopwatch.StartNew();
            await run(i).ConfigureAwait(false);
            times[i] = clock.Elapsed.TotalMilliseconds;
        }

        return new JsonObject { ["ms"] = Numbers(times) };
    }

    // Without reflection: the program is compiled to machine code too.
    private static JsonNode Numbers(double[] values) => new JsonArray([.. values.Select(value => (JsonNode)value)]);

    private static JsonNode Numbers(int[] values) => new JsonArray([.. values.Select(value => (JsonNode)value)]);
}
