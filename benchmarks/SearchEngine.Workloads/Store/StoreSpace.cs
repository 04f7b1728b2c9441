using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

internal static class StoreSpace
{
    private const int DataToBudget = 4;
    private const int CheckpointEvery = 4000;

    public static int Run(string? directory, int memoryMegabytes, int rewrites)
    {
        var budget = (long)memoryMegabytes << 20;
        var pairBytes = StoreData.RecordBytes + StoreData.VectorBytes;
        var count = (int)(DataToBudget * budget / pairBytes);
        var path = StoreOutput.Directory(directory, "space");
        long peak = 0;
        var clock = Stopwatch.StartNew();
        using var store = LoggedStore.Open(path, budget);
        for (var version = 0; version <= rewrites; version++)
        {
            for (var number = 0; number < count; number++)
            {
                store.Put(number, version);
                if (number % CheckpointEvery != CheckpointEvery - 1) continue;
                peak = Math.Max(peak, store.Records.Statistics.DiskBytes);
                if (store.Records.Statistics.CompactionAdvised) store.Records.Compact();
                store.Checkpoint();
            }

            for (var number = 0; number < count; number += 101)
            {
                if (store.Read(number) != pairBytes) throw new InvalidDataException($"Record {number} is not whole.");
            }
        }

        store.Checkpoint();
        var statistics = store.Records.Statistics;
        var live = count * (double)pairBytes;
        StoreOutput.Line(
            "space", "searchengine", ("records", count), ("liveMB", StoreOutput.Round(live / (1 << 20))), ("memoryBudgetMB", memoryMegabytes),
            ("memoryHeldMB", StoreOutput.Round(statistics.MemoryBytes / (double)(1 << 20))), ("processMB", Environment.WorkingSet >> 20), ("rewrites", rewrites),
            ("diskMB", StoreOutput.Round(statistics.DiskBytes / (double)(1 << 20))), ("diskToLive", StoreOutput.Round(statistics.DiskBytes / live)),
            ("peakDiskToLive", StoreOutput.Round(peak / live)), ("seconds", StoreOutput.Round(clock.Elapsed.TotalSeconds)));
        return 0;
    }
}
