using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

/// <summary>
/// How long a writer, a reader and searches of a whole collection (records, graph, keywords) stop while it takes checkpoints one after the
/// other.
/// </summary>
internal static class StoreEngineCheckpoints
{
    private const int Dimensions = 384;
    private const int LoadBatch = 500;
    private const int SearchEvery = 16;

    public static async Task<int> RunAsync(string? directory, int count, double seconds, CancellationToken cancellationToken)
    {
        var options = new MillionOptions(
            StoreOutput.Directory(directory, "engine-checkpoints"),
            count,
            Dimensions,
            MemoryMegabytes: 256,
            LoadBatch,
            TailRecords: 0,
            CheckpointMegabytes: 1024,
            IndexThreads: 0,
            Again: false
        );
        await using var database = await SearchDatabase.OpenAsync(
            options.ToDatabase() with
            {
                CheckpointInterval = TimeSpan.FromDays(1),
            },
            cancellationToken
        );
        var collection = await database.CreateCollectionAsync(MillionData.Schema(options), cancellationToken);
        for (var first = 0; first < count; first += LoadBatch)
            await collection.UpsertAsync(MillionData.Documents(options, first, Math.Min(LoadBatch, count - first)), cancellationToken);
        await collection.CheckpointAsync(cancellationToken);
        var (quiet, _) = await MeasureAsync(options, collection, seconds / 2, checkpoints: false, cancellationToken);
        Report("none", quiet, []);
        var (during, durations) = await MeasureAsync(options, collection, seconds, checkpoints: true, cancellationToken);
        Report("one after the other", during, durations);
        return 0;
    }

    private static async Task<(Times Times, List<double> Checkpoints)> MeasureAsync(
        MillionOptions options,
        SearchCollection collection,
        double seconds,
        bool checkpoints,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var times = new Times([], [], []);
        List<double> taken = [];
        var writer = Task.Run(
            async () =>
            {
                var random = new Random(3);
                while (!stop.IsCancellationRequested)
                {
                    var document = MillionData.Document(options, random.Next(options.Count));
                    var start = Stopwatch.GetTimestamp();
                    await collection.UpsertAsync(document, CancellationToken.None);
                    times.Writes.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            },
            CancellationToken.None
        );
        var reader = Task.Run(
            async () =>
            {
                var random = new Random(4);
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    var number = random.Next(options.Count);
                    var start = Stopwatch.GetTimestamp();
                    if (collection.Get(number) is null)
                        throw new InvalidDataException($"Record {number} is gone.");
                    times.Reads.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    if (i % SearchEvery != 0)
                        continue;
                    var document = MillionData.Document(options, number);
                    start = Stopwatch.GetTimestamp();
                    await collection.SearchAsync(
                        new SearchRequest
                        {
                            Text = (string)document["text"]!,
                            Vector = document.Vectors[MillionData.VectorName],
                            Mode = SearchMode.Hybrid,
                        },
                        CancellationToken.None
                    );
                    times.Searches.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);

                    // Some air for the writer: what is measured is the collection's stops, not the scheduler's.
                    await Task.Delay(1, CancellationToken.None);
                }
            },
            CancellationToken.None
        );
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds && !writer.IsCompleted && !reader.IsCompleted)
        {
            await Task.Delay(200, cancellationToken);
            if (!checkpoints)
                continue;
            var start = Stopwatch.GetTimestamp();
            await collection.CheckpointAsync(cancellationToken);
            taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writer, reader);
        foreach (var list in (List<double>[])[times.Writes, times.Reads, times.Searches, taken])
            list.Sort();
        return (times, taken);
    }

    private static void Report(string checkpoints, Times times, List<double> durations) =>
        StoreOutput.CollectionLine(
            "engine-checkpoints",
            Dimensions,
            ("checkpoints", checkpoints),
            ("taken", durations.Count),
            ("checkpointMsMedian", ResultLine.Round(ResultLine.Percentile(durations, 0.5))),
            ("writes", times.Writes.Count),
            ("writeMsP50", At(times.Writes, 0.5)),
            ("writeMsP99", At(times.Writes, 0.99)),
            ("writeMsP999", At(times.Writes, 0.999)),
            ("writeMsMax", At(times.Writes, 1)),
            ("reads", times.Reads.Count),
            ("readMsP99", At(times.Reads, 0.99)),
            ("readMsP999", At(times.Reads, 0.999)),
            ("readMsMax", At(times.Reads, 1)),
            ("searches", times.Searches.Count),
            ("searchMsP50", At(times.Searches, 0.5)),
            ("searchMsP99", At(times.Searches, 0.99)),
            ("searchMsMax", At(times.Searches, 1))
        );

    private static double At(List<double> sorted, double part) => ResultLine.Round(ResultLine.Percentile(sorted, part));

    private sealed record Times(List<double> Writes, List<double> Reads, List<double> Searches);
}
