using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SearchEngine.TestSupport;

namespace SearchEngine.Api.Tests;

/// <summary>
/// The host as a program, told by the standard variables where a collector of telemetry listens: here one that keeps what it is sent.
/// </summary>
public sealed class ExportTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _received = new();
    private WebApplication? _collector;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.MapPost("/v1/{signal}", ReceiveAsync);
        await _collector.StartAsync();
    }

    public ValueTask DisposeAsync() => _collector!.DisposeAsync();

    [Fact]
    public async Task Traces_and_metrics_of_searches_reach_a_collector()
    {
        using var folder = new TemporaryDirectory();
        using var host = Start(folder.FullPath);
        try
        {
            var address = await AddressOfAsync(host);
            using var client = new HttpClient { BaseAddress = address };
            (
                await client.PutAsJsonAsync(
                    "/collections/notes",
                    new
                    {
                        fields = new[]
                        {
                            new
                            {
                                name = "text",
                                type = "string",
                                isFullText = true,
                            },
                        },
                    }
                )
            ).EnsureSuccessStatusCode();
            (
                await client.PostAsJsonAsync("/collections/notes/search", new { query = "heron", mode = "keyword" })
            ).EnsureSuccessStatusCode();

            await WaitForAsync("traces", "searchengine", "search notes", "POST /collections/{name}/search");
            await WaitForAsync("metrics", "searchengine", "db.client.operation.duration", "http.server.request.duration");
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Logs_are_lines_of_json_where_asked_for()
    {
        using var folder = new TemporaryDirectory();
        using var host = Start(folder.FullPath, ("Logging__Console__FormatterName", "json"));
        try
        {
            JsonElement? listening = null;
            while (listening is null && await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                using var said = JsonDocument.Parse(line);
                Assert.Contains(said.RootElement.GetProperty("LogLevel").GetString(), Enum.GetNames<LogLevel>());
                Assert.NotEmpty(said.RootElement.GetProperty("Category").GetString()!);
                Assert.NotEmpty(said.RootElement.GetProperty("Message").GetString()!);
                if (said.RootElement.GetProperty("State").TryGetProperty("address", out var address))
                    listening = address.Clone();
            }

            Assert.StartsWith("http://127.0.0.1:", listening?.GetString(), StringComparison.Ordinal);
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<IResult> ReceiveAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        // Names are plain UTF-8 inside the messages of protocol buffers.
        _received.GetOrAdd(signal, _ => new()).Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        return Results.Bytes([], "application/x-protobuf");
    }

    private async Task WaitForAsync(string signal, params string[] names)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var messages = _received.GetOrAdd(signal, _ => new());
            string[] missing = [.. names.Where(name => !messages.Any(message => message.Contains(name, StringComparison.Ordinal)))];
            if (missing.Length == 0)
                return;
            Assert.True(watch.Elapsed < Patience, $"no {signal} of: {string.Join(", ", missing)} in {messages.Count} messages");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Process Start(string folder, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "SearchEngine.Api")) { RedirectStandardOutput = true };
        start.Environment["DOTNET_ROOT"] = TestChild.RuntimeRoot;
        start.Environment["SEARCHENGINE_DATA"] = Path.Combine(folder, "database");
        start.Environment["SEARCHENGINE_MODEL"] = "none";
        start.Environment["SEARCHENGINE_API__URL"] = "http://127.0.0.1:0";
        start.Environment["SEARCHENGINE_API__SNAPSHOTS"] = Path.Combine(folder, "snapshots");
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector!.Urls.Single();
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        start.Environment["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        start.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<Uri> AddressOfAsync(Process host)
    {
        while (await host.StandardOutput.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf("http://", StringComparison.Ordinal);
            if (at >= 0)
            {
                // What it says from now on is read and let go, so that it never waits for a reader.
                _ = host.StandardOutput.ReadToEndAsync();
                return new Uri(line[at..].Trim());
            }
        }

        throw new InvalidOperationException("The host ended without saying where it listens.");
    }
}
