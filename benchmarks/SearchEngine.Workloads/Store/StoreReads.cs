using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

/// <summary>
/// Point reads of record and vector, with all data in the store's memory and with a budget of a fraction of them, beside SQLite.
/// </summary>
internal static class StoreReads
{
    public static int Run(string? directory, int count, int memoryMegabytes, double seconds)
    {
        var dataBytes = count * (long)(StoreData.RecordBytes + StoreData.VectorBytes);
        foreach (var (place, memoryBytes) in ((string, long)[])[("in memory", 4 * dataBytes), ("from disk", (long)memoryMegabytes << 20)])
        {
            var path = StoreOutput.Directory(directory, "reads");
            using (var store = LoggedStore.Open(path, memoryBytes))
            {
                for (var number = 0; number < count; number++)
                    store.Put(number, 0);
                store.Checkpoint();
                Report(
                    "searchengine",
                    place,
                    memoryBytes,
                    count,
                    Measure(seconds, count, store.Read),
                    store.Records.Statistics.MemoryBytes
                );
            }

            path = StoreOutput.Directory(directory, "reads");
            using (var store = new SqliteStore(path, memoryBytes))
            {
                for (var number = 0; number < count; number += 1000)
                    store.Write(number, Math.Min(1000, count - number), 0);
                Report("sqlite", place, memoryBytes, count, Measure(seconds, count, store.Read), null);
            }
        }

        return 0;
    }

    private static double Measure(double seconds, int count, Func<int, int> read)
    {
        // Long enough for the compiled code to be the final one.
        var random = new Random(2);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
            Expect(read(random.Next(count)));
        clock.Restart();
        long reads = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            for (var i = 0; i < 100; i++)
                Expect(read(random.Next(count)));
            reads += 100;
        }

        return reads / clock.Elapsed.TotalSeconds;
    }

    private static void Expect(int bytes)
    {
        if (bytes != StoreData.RecordBytes + StoreData.VectorBytes)
            throw new InvalidDataException($"A read gave {bytes} bytes.");
    }

    private static void Report(string engine, string place, long memoryBytes, int count, double reads, long? held) =>
        StoreOutput.Line(
            "reads",
            engine,
            ("place", place),
            ("count", count),
            ("dataMB", ResultLine.Round(count * (double)(StoreData.RecordBytes + StoreData.VectorBytes) / (1 << 20))),
            ("memoryBudgetMB", memoryBytes >> 20),
            ("memoryHeldMB", held is { } bytes ? ResultLine.Round(bytes / (double)(1 << 20)) : null),
            ("threads", 1),
            ("readsPerSecond", ResultLine.Round(reads)),
            ("note", place == "from disk" ? "larger than the store's memory; the operating system's page cache holds the files" : null)
        );
}
