using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SearchEngine;

/// <summary>
/// What the engine tells of its work, by OpenTelemetry's conventions for databases: an activity and a duration for each operation of a
/// collection, for each call of the embedding model, and counts of what was written and found. User text is never part of it. Costs a
/// look at a flag where nobody listens. Thread-safe.
/// </summary>
public static class SearchDiagnostics
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string SourceName = "SearchEngine";

    private const string SystemName = "searchengine";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "db.client.operation.duration",
        "s",
        "Duration of operations on collections.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10],
        }
    );

    private static readonly Histogram<double> Embeddings = Meter.CreateHistogram<double>(
        "gen_ai.client.operation.duration",
        "s",
        "Duration of calls of the embedding model."
    );

    private static readonly Counter<long> Records = Meter.CreateCounter<long>(
        "searchengine.records.written",
        "{record}",
        "Records inserted, updated or deleted."
    );

    private static readonly Histogram<int> Returned = Meter.CreateHistogram<int>(
        "db.client.response.returned_rows",
        "{row}",
        "Hits of a search."
    );

    /// <summary>Runs an operation of a collection, observed.</summary>
    /// <param name="operation">Its name: search, write, get, ….</param>
    /// <param name="collection">The collection.</param>
    /// <param name="run">The operation.</param>
    /// <param name="hits">How many records a result holds; null where it does not say.</param>
    internal static Task<T> ObserveAsync<T>(string operation, string collection, Func<Task<T>> run, Func<T, int>? hits = null) =>
        Source.HasListeners() || Durations.Enabled ? ObservedAsync(operation, collection, run, hits) : run();

    /// <summary>Runs a call of the embedding model, observed.</summary>
    internal static async Task<T> ObserveEmbeddingAsync<T>(string? model, int texts, Func<Task<T>> run)
    {
        if (!Source.HasListeners() && !Embeddings.Enabled)
            return await run().ConfigureAwait(false);
        using var activity = Source.StartActivity("embeddings " + model, ActivityKind.Client);
        activity?.SetTag("gen_ai.operation.name", "embeddings").SetTag("gen_ai.request.model", model);
        activity?.SetTag("searchengine.embeddings.texts", texts);
        var start = Stopwatch.GetTimestamp();
        var tags = new TagList { { "gen_ai.operation.name", "embeddings" }, { "gen_ai.request.model", model } };
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(activity, ref tags, e);
            throw;
        }
        finally
        {
            Embeddings.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }
    }

    /// <summary>Counts what a write did.</summary>
    internal static void Written(string collection, WriteResult result)
    {
        if (!Records.Enabled)
            return;
        Count(result.Inserted, "insert");
        Count(result.Updated, "update");
        Count(result.Deleted, "delete");

        void Count(int records, string kind)
        {
            if (records > 0)
                Records.Add(records, new("db.collection.name", collection), new("searchengine.write.kind", kind));
        }
    }

    private static async Task<T> ObservedAsync<T>(string operation, string collection, Func<Task<T>> run, Func<T, int>? hits)
    {
        using var activity = Source.StartActivity($"{operation} {collection}", ActivityKind.Client);
        activity?.SetTag("db.system.name", SystemName).SetTag("db.operation.name", operation).SetTag("db.collection.name", collection);
        var tags = new TagList
        {
            { "db.system.name", SystemName },
            { "db.operation.name", operation },
            { "db.collection.name", collection },
        };
        var start = Stopwatch.GetTimestamp();
        try
        {
            var result = await run().ConfigureAwait(false);
            if (hits is not null)
            {
                activity?.SetTag("db.response.returned_rows", hits(result));
                Returned.Record(hits(result), tags);
            }

            return result;
        }
        catch (Exception e)
        {
            Fail(activity, ref tags, e);
            throw;
        }
        finally
        {
            Durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }
    }

    private static void Fail(Activity? activity, ref TagList tags, Exception exception)
    {
        var kind = exception is SearchDatabaseException failure ? failure.Error.ToString() : exception.GetType().Name;
        tags.Add("error.type", kind);
        activity?.SetTag("error.type", kind).SetStatus(ActivityStatusCode.Error);
    }
}
