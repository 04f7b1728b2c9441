using System.Diagnostics;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Operations;

/// <summary>Random records with a field to filter by, a text and a vector; each operation in turns of some milliseconds.</summary>
internal static class OperationsWorkload
{
    private const int Words = 2_000;
    private const int WordsPerText = 12;
    private const int Tags = 50;
    private const int Batch = 500;
    private const int WriteTurns = 20;

    public static async Task<int> RunAsync(int count, int dimension, double seconds, CancellationToken cancellationToken)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"searchengine-operations-{Environment.ProcessId}");
        try
        {
            await using var database = await SearchDatabase.OpenAsync(
                new SearchDatabaseOptions
                {
                    Directory = directory,
                    CheckpointInterval = TimeSpan.Zero,
                    Durability = DatabaseDurability.None,
                    IndexThreads = 1,
                },
                cancellationToken
            );
            var collection = await database.CreateCollectionAsync(Schema(dimension), cancellationToken);
            var random = new Random(1);
            var next = 0;
            List<Document> Documents(int documents) => [.. Enumerable.Range(0, documents).Select(_ => Make(next++, dimension, random))];

            for (var i = 0; i < count; i += Batch)
                await collection.UpsertAsync(Documents(Math.Min(Batch, count - i)), cancellationToken);
            await collection.CheckpointAsync(cancellationToken);
            var least = new Dictionary<string, double>();
            await ReadAsync(collection, least, count, dimension, TimeSpan.FromSeconds(seconds), cancellationToken);
            for (var turn = 0; turn < WriteTurns; turn++)
            {
                var single = Documents(200);
                await TurnAsync(least, "write of one", 200, i => collection.UpsertAsync(single[i], cancellationToken));
                var batch = Documents(Batch);
                await TurnAsync(least, $"write of {Batch}", 1, _ => collection.UpsertAsync(batch, cancellationToken));
            }

            foreach (var (operation, microseconds) in least)
                ResultLine.Print("operations", ("operation", operation), ("cpu_us", ResultLine.Round(microseconds)), ("records", count));
            return 0;
        }
        finally
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task ReadAsync(
        SearchCollection collection,
        Dictionary<string, double> least,
        int count,
        int dimension,
        TimeSpan time,
        CancellationToken cancellationToken
    )
    {
        var random = new Random(2);
        var queries = Enumerable.Range(0, 256).Select(_ => Vector(dimension, random)).ToArray();
        var filter = DocumentFilter.Equal("tag", 7);
        var clock = Stopwatch.StartNew();
        Task SearchAsync(int i, SearchMode mode, Func<SearchRequest, SearchRequest>? with = null)
        {
            var request = new SearchRequest
            {
                Mode = mode,
                Vector = mode == SearchMode.Keyword ? null : queries[i % queries.Length],
                Text = mode == SearchMode.Vector ? null : $"{Word(1200)} {Word(900 + i)}",
            };
            return collection.FindAsync(with is null ? request : with(request), cancellationToken);
        }

        static SearchRequest WithFacet(SearchRequest request) => request with { Facets = [new FacetRequest("tag")] };
        static SearchRequest Grouped(SearchRequest request) => request with { GroupBy = "tag" };

        while (clock.Elapsed < time)
        {
            await TurnAsync(least, "count", 200, _ => Done(collection.CountWhere(filter)));
            await TurnAsync(least, "get", 1000, i => Done(collection.Get(i * 17 % count)));
            await TurnAsync(least, "vector search", 100, i => SearchAsync(i, SearchMode.Vector));
            await TurnAsync(least, "filtered vector search", 50, i => SearchAsync(i, SearchMode.Vector, r => r with { Filter = filter }));
            await TurnAsync(least, "keyword search", 50, i => SearchAsync(i, SearchMode.Keyword));
            await TurnAsync(least, "hybrid search", 50, i => SearchAsync(i, SearchMode.Hybrid));
            // Ranks need no score of a candidate that a ranker did not bring.
            await TurnAsync(
                least,
                "hybrid search by ranks",
                50,
                i => SearchAsync(i, SearchMode.Hybrid, r => r with { Fusion = new FusionOptions { Method = FusionMethod.ReciprocalRank } })
            );
            foreach (var mode in new[] { SearchMode.Keyword, SearchMode.Vector, SearchMode.Hybrid })
            {
                var name = mode.ToString().ToLowerInvariant();
                await TurnAsync(least, $"{name} search with a facet", 50, i => SearchAsync(i, mode, WithFacet));
                await TurnAsync(least, $"{name} search in groups", 50, i => SearchAsync(i, mode, Grouped));
            }
        }
    }

    private static Task Done<T>(T result) => Task.FromResult(result);

    /// <summary>One turn: the process' time on the processors, which other processes do not add to.</summary>
    private static async Task TurnAsync(Dictionary<string, double> least, string operation, int times, Func<int, Task> run)
    {
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < times; i++)
            await run(i);
        var each = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / times;
        least[operation] = Math.Min(each, least.GetValueOrDefault(operation, double.MaxValue));
    }

    private static CollectionSchema Schema(int dimension) =>
        new()
        {
            Name = "operations",
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("tag", DataFieldType.Int32) { IsFilterable = true },
                new DataField("text", DataFieldType.String) { IsFullText = true },
            ],
            Vectors = [new VectorField("vector", dimension) { Metric = DistanceMetric.Cosine }],
        };

    private static Document Make(int key, int dimension, Random random) =>
        new(key)
        {
            ["tag"] = key % Tags,
            // Few words are frequent and many are rare.
            ["text"] = string.Join(
                ' ',
                Enumerable.Range(0, WordsPerText).Select(_ => Word((int)(Math.Pow(random.NextDouble(), 2) * Words)))
            ),
            Vectors = { ["vector"] = Vector(dimension, random) },
        };

    private static float[] Vector(int dimension, Random random)
    {
        var vector = new float[dimension];
        for (var i = 0; i < dimension; i++)
            vector[i] = random.NextSingle() - 0.5f;
        return vector;
    }

    private static string Word(int number)
    {
        var random = new Random(number + 77);
        return string.Concat(Enumerable.Range(0, 7).Select(_ => "abcdefghiklmnoprstuvwz"[random.Next(22)]));
    }
}
