using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Names of the connector's traces and metrics, which follow the OpenTelemetry semantic conventions for database client calls
/// (https://opentelemetry.io/docs/specs/semconv/database/): subscribe with <c>AddSource</c> and <c>AddMeter</c>. No user text is in them.
/// </summary>
public static class SearchEngineTelemetry
{
    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "SearchEngine.SemanticKernel";

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "SearchEngine.SemanticKernel";

    /// <summary>The value of db.system.name, and <c>VectorStoreSystemName</c> in metadata and exceptions.</summary>
    public const string SystemName = "searchengine";

    internal static readonly ActivitySource Source = new(ActivitySourceName);

    private static readonly Meter Meter = new(MeterName);

    /// <summary>db.client.operation.duration, in seconds, with the bucket boundaries that the conventions advise.</summary>
    internal static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "db.client.operation.duration",
        "s",
        "Duration of database client operations.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] }
    );

    /// <summary>db.client.response.returned_rows: records that an operation returned.</summary>
    internal static readonly Histogram<long> ReturnedRows = Meter.CreateHistogram(
        "db.client.response.returned_rows",
        "{row}",
        "The actual number of records returned by the database operation.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] }
    );
}
