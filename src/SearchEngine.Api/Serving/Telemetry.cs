using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SearchEngine.Ingestion;

namespace SearchEngine.Api.Serving;

/// <summary>
/// Traces and metrics. They leave the host by OTLP where the standard environment variables name an endpoint
/// (OTEL_EXPORTER_OTLP_ENDPOINT and its kin), and metrics can be scraped at /metrics.
/// </summary>
internal static class Telemetry
{
    private const string ServiceName = "searchengine";

    private static readonly string[] EndpointVariables =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];

    public static void Add(IServiceCollection services)
    {
        var exports = EndpointVariables.Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(ServiceName));
        // Activities that nobody collects would only cost.
        if (exports)
        {
            telemetry.WithTracing(tracing =>
                tracing
                    .AddSource(SearchDiagnostics.SourceName, IngestionDiagnostics.SourceName)
                    .AddAspNetCoreInstrumentation(options =>
                        options.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    )
                    .AddOtlpExporter()
            );
        }

        telemetry.WithMetrics(metrics =>
        {
            metrics
                .AddMeter(SearchDiagnostics.SourceName, IngestionDiagnostics.SourceName)
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter();
            if (exports)
                metrics.AddOtlpExporter();
        });
    }
}
