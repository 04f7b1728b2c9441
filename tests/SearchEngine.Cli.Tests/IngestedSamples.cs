using System.Net.Http.Json;
using System.Text.Json;
using SearchEngine.Cli.Tests.Browser;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>A served database with all samples and the project's own documents, ingested once.</summary>
public sealed class IngestedSamples : IAsyncLifetime
{
    private ServedDatabase? _served;
    private HttpClient? _client;

    /// <summary>Of the host.</summary>
    public HttpClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        _served = await ServedDatabase.StartAsync();
        _client = new HttpClient { BaseAddress = _served.Address };
        await IngestAsync(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_served is not null)
            await _served.DisposeAsync();
    }

    private static async Task IngestAsync(HttpClient client)
    {
        using var form = new MultipartFormDataContent();
        foreach (var folder in new[] { "samples/wikipedia", "samples/cpp", "docs" })
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md").Order(StringComparer.Ordinal))
                form.Add(new StringContent(await File.ReadAllTextAsync(path)), "files", $"{folder}/{Path.GetFileName(path)}");
        }

        using var reply = await client.PostAsync("/collections/texts/ingest", form);
        reply.EnsureSuccessStatusCode();
        var job = (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        Assert.Contains("\"state\":\"done\"", await client.GetStringAsync($"/jobs/{job}/events"), StringComparison.Ordinal);
    }
}
