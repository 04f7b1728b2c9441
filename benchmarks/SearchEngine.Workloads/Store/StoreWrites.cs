using System.Diagnostics;

namespace SearchEngine.Workloads.Store;

/// <summary>Durable writes a second by batch size and threads, beside SQLite.</summary>
internal static class StoreWrites
{
    private const long MemoryBytes = 256L << 20;
    private const long CheckpointLogBytes = 64L << 20;

    public static int Run(string? directory, double seconds, int[] batches, int[] threadCounts)
    {
        foreach (var threads in threadCounts)
        {
            foreach (var batch in batches)
            {
                Report("searchengine", Ours(StoreOutput.Directory(directory, "writes"), seconds, batch, threads), batch, threads);
                Report("sqlite", Sqlite(StoreOutput.Directory(directory, "writes"), seconds, batch, threads), batch, threads);
            }
        }

        return 0;
    }

    private static void Report(string engine, (long Writes, double Seconds) result, int batch, int threads) =>
        StoreOutput.Line(
            "writes",
            engine,
            ("batch", batch),
            ("threads", threads),
            ("durability", "every batch on the disk"),
            ("writesPerSecond", ResultLine.Round(result.Writes / result.Seconds)),
            ("writes", result.Writes),
            ("seconds", ResultLine.Round(result.Seconds))
        );

    private static (long Writes, double Seconds) Ours(string directory, double seconds, int batch, int threads)
    {
        using var store = LoggedStore.Open(directory, MemoryBytes);
        using var stop = new CancellationTokenSource();
        var checkpoints = Task.Run(() =>
        {
            var last = 0L;
            while (!stop.IsCancellationRequested)
            {
                Thread.Sleep(20);
                if (store.Log.TailAddress - last < CheckpointLogBytes)
                    continue;
                last = store.Log.TailAddress;
                store.Checkpoint();
            }
        });
        var result = Measure(
            seconds,
            batch,
            threads,
            () =>
            {
                var pairs = new byte[batch * StoreData.PairBytes];
                return (first, _) =>
                {
                    for (var i = 0; i < batch; i++)
                        StoreData.Write(pairs.AsSpan(i * StoreData.PairBytes, StoreData.PairBytes), first + i, 0);
                    store.Write(pairs);
                };
            }
        );
        stop.Cancel();
        checkpoints.GetAwaiter().GetResult();
        return result;
    }

    private static (long Writes, double Seconds) Sqlite(string directory, double seconds, int batch, int threads)
    {
        new SqliteStore(directory, MemoryBytes).Dispose();
        return Measure(
            seconds,
            batch,
            threads,
            () =>
            {
                var store = new SqliteStore(directory, MemoryBytes);
                return (first, last) =>
                {
                    store.Write(first, batch, 0);
                    if (last)
                        store.Dispose();
                };
            }
        );
    }

    /// <summary>Each thread writes batches of new keys until the time is over; the last call of a thread says so.</summary>
    private static (long Writes, double Seconds) Measure(double seconds, int batch, int threads, Func<Action<int, bool>> open)
    {
        const int KeysPerThread = 100_000_000;
        var ready = new Barrier(threads + 1);
        var writes = new long[threads];
        var tasks = Enumerable
            .Range(0, threads)
            .Select(thread =>
                Task.Factory.StartNew(
                    () =>
                    {
                        var write = open();
                        var key = thread * KeysPerThread;
                        write(key, false);
                        ready.SignalAndWait();
                        var clock = Stopwatch.StartNew();
                        while (clock.Elapsed.TotalSeconds < seconds)
                        {
                            key += batch;
                            write(key, false);
                            writes[thread] += batch;
                        }

                        ready.SignalAndWait();
                        write(key, true);
                    },
                    TaskCreationOptions.LongRunning
                )
            )
            .ToArray();
        ready.SignalAndWait();
        var total = Stopwatch.StartNew();
        ready.SignalAndWait();
        total.Stop();
        Task.WaitAll(tasks);
        return (writes.Sum(), total.Elapsed.TotalSeconds);
    }
}
