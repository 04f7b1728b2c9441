using System.Diagnostics;
using System.Runtime.CompilerServices;
using SearchEngine.TestSupport;

namespace SearchEngine.Ingestion.Tests;

/// <summary>The child process of the kill test: ingests a folder and reports each file written until it is killed.</summary>
internal static class KilledIngestion
{
    internal const string FilesVariable = "SEARCHENGINE_INGESTION_TEST_FILES";

    internal const string DataVariable = "SEARCHENGINE_INGESTION_TEST_DATA";

    /// <summary>Written when the ingestion begins; the runner's help may stand on the same line.</summary>
    internal const string Begins = "!ingestion begins!";

    /// <summary>Begins the line that is written when the ingestion has ended and the database is closed.</summary>
    internal const string Ended = "!ingestion ended!";

    internal static readonly IngestionOptions Options = new() { BatchChunks = 8 };

    // No other thread can enter an assembly while its module initializer runs: the work goes to a foreground thread, which keeps the
    // process alive after the runner has printed its help.
    [ModuleInitializer]
    internal static void RunIfChild()
    {
        if (
            Environment.GetEnvironmentVariable(FilesVariable) is { Length: > 0 } files
            && Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } data
        )
        {
            var work = new Thread(() => Run(files, data));
            work.Start();
            // The runner may end the process as soon as it has printed its help.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => work.Join();
        }
    }

    /// <summary>Starts a child that ingests a folder.</summary>
    internal static Process Start(string files, string data)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(KilledIngestion).Assembly.Location);
        }

        start.ArgumentList.Add("-?");
        start.Environment[FilesVariable] = files;
        start.Environment[DataVariable] = data;
        return Process.Start(start)!;
    }

    private static void Run(string files, string data)
    {
        // Past the runner, which has the console to itself.
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var embedder = new HashingEmbeddingGenerator();
        var database = SearchDatabase
            .OpenAsync(
                new SearchDatabaseOptions
                {
                    Directory = data,
                    Embedder = new EmbedderOptions { Generator = embedder },
                    MemoryBytes = 32 << 20,
                }
            )
            .GetAwaiter()
            .GetResult();
        var collection = database.GetOrCreateCollectionAsync(IngestionSchema.Create("docs", embedder.Dimension)).GetAwaiter().GetResult();
        output.WriteLine(Begins);
        var ingestion = new FolderIngestor(collection, Options).IngestAsync([files]);
        var reported = new HashSet<string>();
        while (!ingestion.IsCompleted)
        {
            foreach ((var name, var value) in collection.ListMetadata(FileState.Prefix))
            {
                if (FileState.Decode(value) is { Complete: true } && reported.Add(name))
                    output.WriteLine(name[FileState.Prefix.Length..]);
            }
            Thread.Sleep(1);
        }
        var report = ingestion.GetAwaiter().GetResult();
        database.Dispose();
        output.WriteLine($"{Ended} {report.Read} read, {report.Failures.Count} failed");
    }
}
