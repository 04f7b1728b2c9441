using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

/// <summary>Memory held and disk used against live data, for data larger than the memory budget, while every record is rewritten.</summary>
internal static class StoreSpace
{
    private const int DataToBudget = 4;
    private const int Batch = 200;
    private const int CheckpointEvery = 4000;

    public static int Run(string? directory, int memoryMegabytes, int rewrites)
    {
        foreach (var shuffled in (bool[])[false, true])
            Run(StoreOutput.Directory(directory, "space"), memoryMegabytes, rewrites, shuffled);
        return 0;
    }

    /// <summary>
    /// Every record written, then all of them again <paramref name="rewrites"/> times, in order or at random; each batch goes through the
    /// write log to the disk first.
    /// </summary>
    private static void Run(string path, int memoryMegabytes, int rewrites, bool shuffled)
    {
        var budget = (long)memoryMegabytes << 20;
        var pairBytes = StoreData.RecordBytes + StoreData.VectorBytes;
        var count = (int)(DataToBudget * budget / pairBytes) / CheckpointEvery * CheckpointEvery;
        long peak = 0;
        long peakMemory = 0;
        var random = new Random(3);
        var pairs = new byte[Batch * StoreData.PairBytes];
        var versions = new int[count];
        var clock = Stopwatch.StartNew();
        using var store = LoggedStore.Open(path, budget);
        for (var version = 0; version <= rewrites; version++)
        {
            for (var first = 0; first < count; first += Batch)
            {
                for (var i = 0; i < Batch; i++)
                {
                    var number = shuffled && version > 0 ? random.Next(count) : first + i;
                    versions[number] = version;
                    StoreData.Write(pairs.AsSpan(i * StoreData.PairBytes, StoreData.PairBytes), number, version);
                }

                store.Write(pairs);
                if ((first + Batch) % CheckpointEvery != 0)
                    continue;
                if (store.Records.Statistics.CompactionAdvised)
                    store.Records.Reclaim();
                Note();
                store.Checkpoint(Note);
            }
        }

        for (var number = 0; number < count; number += 11)
            store.Verify(number, versions[number]);
        Note();
        var statistics = store.Records.Statistics;
        var live = count * (double)pairBytes;
        StoreOutput.Line(
            "space",
            "searchengine",
            ("order", shuffled ? "random" : "sequential"),
            ("records", count),
            ("liveMB", ResultLine.Round(live / (1 << 20))),
            ("memoryBudgetMB", memoryMegabytes),
            ("peakMemoryHeldMB", ResultLine.Round(peakMemory / (double)(1 << 20))),
            ("processMB", Environment.WorkingSet >> 20),
            ("rewrites", rewrites),
            ("diskMB", ResultLine.Round((statistics.DiskBytes + store.Log.SizeOnDisk) / (double)(1 << 20))),
            ("diskToLive", ResultLine.Round((statistics.DiskBytes + store.Log.SizeOnDisk) / live)),
            ("peakDiskToLive", ResultLine.Round(peak / live)),
            ("seconds", ResultLine.Round(clock.Elapsed.TotalSeconds))
        );

        void Note()
        {
            var now = store.Records.Statistics;
            peak = Math.Max(peak, now.DiskBytes + store.Log.SizeOnDisk);
            peakMemory = Math.Max(peakMemory, now.MemoryBytes);
        }
    }
}
