using System.Text.Json;
using System.Text.RegularExpressions;
using SearchEngine.TestSupport;

namespace SearchEngine.Api.Tests;

/// <summary>The sample dashboard asks for what the host gives, by the names and labels that it gives it.</summary>
public sealed partial class DashboardTests
{
    /// <summary>Words of the query language, not names of metrics.</summary>
    private static readonly string[] Words = ["sum", "rate", "histogram_quantile", "by", "le", "max", "increase", "clamp_min"];

    [Fact]
    public async Task Every_metric_and_label_of_the_sample_dashboard_is_there_to_be_scraped()
    {
        await using var host = await RunningHost.StartAsync();
        using (var form = new MultipartFormDataContent { { new StringContent("Whales sing."), "files", "sea.txt" } })
        using (var job = await host.Client.PostAsync("/collections/notes/ingest", form, TestContext.Current.CancellationToken))
        {
            var id = JsonSerializer.Deserialize<JsonElement>(await job.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            await host.Client.GetStringAsync($"/jobs/{id.GetProperty("id").GetString()}/events", TestContext.Current.CancellationToken);
        }

        await host.SendAsync(HttpMethod.Post, "/collections/notes/search", """{"query":"whales"}""", 200);
        await host.SendAsync(HttpMethod.Post, "/collections/none/search", """{"query":"whales"}""", 404);
        var scraped = await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var names = Sample().Matches(scraped).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        var path = Path.Combine(Repository.Root, "docs", "dashboard", "grafana.json");
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();
        Assert.True(panels.Length >= 8);
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        foreach (
            var expression in panels
                .SelectMany(p => p.GetProperty("targets").EnumerateArray())
                .Select(t => t.GetProperty("expr").GetString()!)
        )
        {
            var metrics = Metric()
                .Matches(Label().Replace(Range().Replace(expression, string.Empty), string.Empty))
                .Select(match => match.Value)
                .Except(Words)
                .ToArray();
            Assert.NotEmpty(metrics);
            foreach (var metric in metrics)
            {
                Assert.True(names.Contains(metric), $"{metric} is not among: {string.Join(' ', names.Order())}");
                foreach (Match label in Labels().Matches(expression))
                {
                    foreach (var name in label.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
                        Assert.Matches($"(?m)^{metric}\\{{.*\\b{name}=", scraped);
                }
            }
        }
    }

    [GeneratedRegex("(?m)^([a-z_0-9]+)(?:\\{.*\\})? ")]
    private static partial Regex Sample();

    [GeneratedRegex("[a-z][a-z_0-9]+")]
    private static partial Regex Metric();

    /// <summary>What is said of labels: by (…), {…}.</summary>
    [GeneratedRegex("by \\([^)]*\\)|\\{[^}]*\\}")]
    private static partial Regex Label();

    [GeneratedRegex("by \\(([^)]*)\\)")]
    private static partial Regex Labels();

    [GeneratedRegex("\\[[^\\]]*\\]")]
    private static partial Regex Range();
}
