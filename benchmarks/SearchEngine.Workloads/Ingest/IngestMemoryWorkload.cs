using SearchEngine.Ingestion;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ingest;

/// <summary>
/// The command line's ingestion of one text file, with the same schema and settings, and vectors that are drawn in the model's place: the
/// rest of the pipeline, the collection and its checkpoints are what they are. A line for every so many passages says what the process
/// holds, by the system's count and by the runtime's.
/// </summary>
internal sealed class IngestMemoryWorkload(int megabytes, int dimension, int step, int memoryMegabytes, VectorQuantization quantization)
{
    private const string Name = "ingest-memory";

    /// <summary>Characters that a token of the default model has in English prose, about.</summary>
    private const int TokenCharacters = 4;

    private static readonly IngestionOptions Options = new()
    {
        Chunking = new ChunkerOptions { CountTokens = text => text.Length / TokenCharacters, CountTokensName = Name },
    };

    public async Task<int> RunAsync(string? keep, CancellationToken cancellationToken)
    {
        var directory = keep ?? Directory.CreateTempSubdirectory("searchengine-ingest-memory-").FullName;
        var text = Path.Combine(Path.GetTempPath(), $"searchengine-ingest-memory-{Environment.ProcessId}.txt");
        try
        {
            MadeUpText.Write(text, (long)megabytes << 20);
            using var generator = new MadeUpVectors(dimension);
            await using (
                var database = await SearchDatabase.OpenAsync(
                    new SearchDatabaseOptions
                    {
                        Directory = directory,
                        MemoryBytes = (long)memoryMegabytes << 20,
                        Embedder = new EmbedderOptions { Generator = generator, Identity = Name },
                    },
                    cancellationToken
                )
            )
            {
                var collection = await database.CreateCollectionAsync(
                    IngestionSchema.Create("memory", dimension, Name, field => field with { Quantization = quantization }),
                    cancellationToken
                );
                Print(0, TimeSpan.Zero);
                var next = (long)step;
                await new FolderIngestor(collection, Options).IngestAsync(
                    [text],
                    new Told(progress =>
                    {
                        if (progress.Chunks < next)
                            return;
                        next += step;
                        Print(progress.Chunks, progress.Elapsed);
                    }),
                    cancellationToken
                );
            }

            Print(-1, TimeSpan.Zero);
            return 0;
        }
        finally
        {
            File.Delete(text);
            if (keep is null)
                Directory.Delete(directory, recursive: true);
        }
    }

    private static void Print(long passages, TimeSpan elapsed)
    {
        var gc = GC.GetGCMemoryInfo(GCKind.Any);
        ResultLine.Print(
            Name,
            ("passages", passages),
            ("seconds", ResultLine.Round(elapsed.TotalSeconds)),
            ("cpu_s", ResultLine.Round(Environment.CpuUsage.TotalTime.TotalSeconds)),
            ("rss_mb", StatusOf("VmRSS")),
            ("anon_mb", StatusOf("RssAnon")),
            ("file_mb", StatusOf("RssFile")),
            ("peak_mb", StatusOf("VmHWM")),
            ("heap_mb", GC.GetTotalMemory(false) >> 20),
            ("heap_after_gc_mb", gc.HeapSizeBytes >> 20),
            ("gc_committed_mb", gc.TotalCommittedBytes >> 20),
            ("gc_fragmented_mb", gc.FragmentedBytes >> 20),
            ("collections", $"{GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}")
        );
    }

    /// <summary>Megabytes of a line of the process' status; -1 where the system has none.</summary>
    private static long StatusOf(string name) => ProcessMemory.Kilobytes(name) is { } kilobytes ? kilobytes >> 10 : -1;

    /// <summary>Told on the thread that reports, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Told(Action<IngestionProgress> tell) : IProgress<IngestionProgress>
    {
        public void Report(IngestionProgress value) => tell(value);
    }
}
