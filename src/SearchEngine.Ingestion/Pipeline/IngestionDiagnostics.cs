using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SearchEngine.Ingestion;

/// <summary>
/// What ingestion tells of its work: an activity and a duration for each run (the engine's own activities of writing and embedding lie within
/// it), counts of files by what became of them, of passages and of bytes. Neither paths nor text are part of it. Costs a look at a flag where
/// nobody listens. Thread-safe.
/// </summary>
public static class IngestionDiagnostics
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string SourceName = "SearchEngine.Ingestion";

    private const string CollectionTag = "db.collection.name";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "searchengine.ingestion.duration",
        "s",
        "Duration of ingestions.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 7200] }
    );

    private static readonly Counter<long> Files = Meter.CreateCounter<long>(
        "searchengine.ingestion.files",
        "{file}",
        "Files settled, by what became of them."
    );

    private static readonly Counter<long> Passages = Meter.CreateCounter<long>(
        "searchengine.ingestion.passages",
        "{passage}",
        "Passages written."
    );

    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "searchengine.ingestion.bytes",
        "By",
        "Bytes of the files read."
    );

    /// <summary>Runs an ingestion, observed; one that was cancelled or failed tells what it did until then.</summary>
    internal static async Task<IngestionReport> ObserveAsync(string collection, IngestionTally tally, Func<Task<IngestionReport>> run)
    {
        using var activity = Source.StartActivity("ingest " + collection);
        activity?.SetTag(CollectionTag, collection);
        var tags = new TagList { { CollectionTag, collection } };
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            tags.Add("error.type", e.GetType().Name);
            activity?.SetTag("error.type", e.GetType().Name).SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            Durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
            var report = tally.Report([]);
            activity?.SetTag("searchengine.ingestion.files", report.Read).SetTag("searchengine.ingestion.passages", report.Chunks);
            Bytes.Add(report.Bytes, new KeyValuePair<string, object?>(CollectionTag, collection));
            Count(report.Read, "read");
            Count(report.Skipped, "unchanged");
            Count(report.Copies, "copy");
            Count(report.Removed, "removed");
            Count(report.Failures.Count, "failed");
        }

        void Count(int files, string outcome)
        {
            if (files > 0)
                Files.Add(files, new(CollectionTag, collection), new("searchengine.ingestion.outcome", outcome));
        }
    }

    /// <summary>Counts passages as they are stored.</summary>
    internal static void Stored(string collection, int passages) =>
        Passages.Add(passages, new KeyValuePair<string, object?>(CollectionTag, collection));
}
