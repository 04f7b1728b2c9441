using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

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
        services
            .AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(ServiceName))
            .WithTracing(tracing =>
            {
                tracing
                    .AddSource(SearchDiagnostics.SourceName)
                    .AddAspNetCoreInstrumentation(options =>
                        options.Filter = context => !context.Request.Path.StartsWithSegments("/health")
                    );
                if (exports)
                    tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics
                    .AddMeter(SearchDiagnostics.SourceName)
                    .AddAspNetCoreInstrumentation()
                    .AddRuntimeInstrumentation()
                    .AddPrometheusExporter();
                if (exports)
                    metrics.AddOtlpExporter();
            });
    }
}
