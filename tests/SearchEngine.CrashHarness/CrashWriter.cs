using System.Text;

namespace SearchEngine.CrashHarness;

/// <summary>
/// The process that gets killed. Each thread owns its keys; it notes what it is about to do, does it, and notes that it was
/// acknowledged. The notes go to files of the operating system, which outlive the process.
/// </summary>
internal static class CrashWriter
{
    public static async Task RunAsync(string directory, string journal, int seed)
    {
        await using var database = await SearchDatabase.OpenAsync(CrashModel.Options(directory));
        var collection = await database.GetOrCreateCollectionAsync(CrashModel.Schema);
        var threads = Enumerable
            .Range(0, CrashModel.Threads)
            .Select(thread => Task.Run(() => WriteAsync(collection, thread, $"{journal}.{thread}", seed)))
            .ToList();
        threads.Add(Task.Run(() => MaintainAsync(collection, seed)));
        await await Task.WhenAny(threads);
    }

    private static async Task WriteAsync(SearchCollection collection, int thread, string journal, int seed)
    {
        var random = new Random(seed * 1009 + thread);
        await using var notes = new FileStream(journal, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var version = CrashJournal.LastVersion(journal);
        for (var sequence = version; ; sequence++)
        {
            var batch = new WriteBatch();
            var line = new StringBuilder();
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                var key = $"{thread}-{random.Next(CrashModel.KeysPerThread)}";
                version++;
                if (random.Next(4) == 0)
                {
                    batch.Delete(key);
                    line.Append(System.Globalization.CultureInfo.InvariantCulture, $" D:{key}:{version}");
                }
                else
                {
                    batch.Upsert(CrashModel.Record(key, version));
                    line.Append(System.Globalization.CultureInfo.InvariantCulture, $" U:{key}:{version}");
                }
            }

            notes.Write(Encoding.ASCII.GetBytes($"try{line}\n"));
            await collection.WriteAsync(batch);
            notes.Write(Encoding.ASCII.GetBytes("done\n"));
        }
    }

    private static async Task MaintainAsync(SearchCollection collection, int seed)
    {
        var random = new Random(seed * 1009 + 997);
        while (true)
        {
            await Task.Delay(random.Next(20, 300));
            if (random.Next(5) == 0)
                await collection.CompactAsync();
            else
                await collection.CheckpointAsync();
        }
    }
}
