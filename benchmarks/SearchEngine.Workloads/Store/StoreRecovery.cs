using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

/// <summary>How long opening takes by the length of the log to replay.</summary>
internal static class StoreRecovery
{
    private const long MemoryBytes = 256L << 20;
    private const int Batch = 256;

    public static int Run(string? directory, int[] counts)
    {
        Measure(directory, counts[0], report: false);
        foreach (var count in counts)
            Measure(directory, count, report: true);
        return 0;
    }

    /// <summary>The first time is not reported: it compiles the code.</summary>
    private static void Measure(string? directory, int count, bool report)
    {
        var path = StoreOutput.Directory(directory, "recovery");
        long logBytes;
        using (var store = LoggedStore.Open(path, MemoryBytes))
        {
            for (var number = 0; number < count; number++)
                store.Put(number, 0);
            store.Checkpoint();
            var pairs = new byte[Batch * StoreData.PairBytes];
            for (var first = 0; first < count; first += Batch)
            {
                var part = Math.Min(Batch, count - first);
                for (var i = 0; i < part; i++)
                    StoreData.Write(pairs.AsSpan(i * StoreData.PairBytes, StoreData.PairBytes), first + i, 1);
                store.Write(pairs.AsSpan(0, part * StoreData.PairBytes));
            }

            logBytes = store.Log.SizeOnDisk;
        }

        var clock = Stopwatch.StartNew();
        using var opened = LoggedStore.Open(path, MemoryBytes);
        clock.Stop();
        if (!report)
            return;
        StoreOutput.Line(
            "recovery",
            "searchengine",
            ("checkpointedRecords", count),
            ("logRecords", count),
            ("logMB", ResultLine.Round(logBytes / (double)(1 << 20))),
            ("openSeconds", ResultLine.Round(clock.Elapsed.TotalSeconds))
        );
    }
}
