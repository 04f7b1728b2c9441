using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

/// <summary>How long a writer and a reader of the record store stop while checkpoints run one after the other.</summary>
internal static class StoreCheckpoints
{
    private const long MemoryBytes = 256L << 20;

    public static int Run(string? directory, int count, double seconds)
    {
        using var store = LoggedStore.Open(StoreOutput.Directory(directory, "checkpoints"), MemoryBytes);
        for (var number = 0; number < count; number++)
            store.Put(number, 0);
        store.Checkpoint();
        var without = Measure(store, count, seconds / 2, checkpoints: false, out _);
        var with = Measure(store, count, seconds, checkpoints: true, out var durations);
        Report("none", without, durations: null);
        Report("one after the other", with, durations);
        return 0;
    }

    private static (List<double> Writes, List<double> Reads) Measure(
        LoggedStore store,
        int count,
        double seconds,
        bool checkpoints,
        out List<double> durations
    )
    {
        using var stop = new CancellationTokenSource();
        var taken = new List<double>();
        var writes = new List<double>();
        var reads = new List<double>();
        var writer = Task.Factory.StartNew(() => Time(writes, number => store.Put(number, 1)), TaskCreationOptions.LongRunning);
        var reader = Task.Factory.StartNew(() => Time(reads, number => store.Read(number)), TaskCreationOptions.LongRunning);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            Thread.Sleep(100);
            if (!checkpoints)
                continue;
            var start = Stopwatch.GetTimestamp();
            store.Checkpoint();
            taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (store.Records.Statistics.CompactionAdvised)
                store.Records.Reclaim();
        }

        stop.Cancel();
        Task.WaitAll(writer, reader);
        writes.Sort();
        reads.Sort();
        taken.Sort();
        durations = taken;
        return (writes, reads);

        void Time(List<double> times, Action<int> operation)
        {
            var random = new Random(3);
            while (!stop.IsCancellationRequested)
            {
                var start = Stopwatch.GetTimestamp();
                operation(random.Next(count));
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);

                // A load that leaves the processor some air: what is measured is the store's stops, not the scheduler's.
                if (times.Count % 8 == 0)
                    Thread.Sleep(1);
            }
        }
    }

    private static void Report(string checkpoints, (List<double> Writes, List<double> Reads) times, List<double>? durations) =>
        StoreOutput.Line(
            "checkpoints",
            "searchengine",
            ("checkpoints", checkpoints),
            ("taken", durations?.Count ?? 0),
            ("checkpointMsMedian", durations is null ? null : ResultLine.Round(ResultLine.Percentile(durations, 0.5))),
            ("writeMsP50", ResultLine.Round(ResultLine.Percentile(times.Writes, 0.5))),
            ("writeMsP99", ResultLine.Round(ResultLine.Percentile(times.Writes, 0.99))),
            ("writeMsP999", ResultLine.Round(ResultLine.Percentile(times.Writes, 0.999))),
            ("writeMsMax", ResultLine.Round(times.Writes[^1])),
            ("readMsP99", ResultLine.Round(ResultLine.Percentile(times.Reads, 0.99))),
            ("readMsP999", ResultLine.Round(ResultLine.Percentile(times.Reads, 0.999))),
            ("readMsMax", ResultLine.Round(times.Reads[^1])),
            ("writes", times.Writes.Count),
            ("reads", times.Reads.Count)
        );
}
