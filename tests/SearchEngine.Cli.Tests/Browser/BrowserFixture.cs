using System.Text.Json;
using PuppeteerSharp;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>A browser, and a host with the samples in the collection "samples". Nothing is started where there is no browser.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private ServedDatabase? _served;
    private IBrowser? _browser;

    internal async Task<IBrowser> BrowserAsync()
    {
        Chromium.Require();
        return _browser ??= await Chromium.LaunchAsync();
    }

    internal async Task<Uri> SamplesAsync()
    {
        Chromium.Require();
        if (_served is null)
        {
            _served = await ServedDatabase.StartAsync();
            using var client = new HttpClient { BaseAddress = _served.Address };
            using var form = new MultipartFormDataContent();
            foreach (var path in SampleFiles.Paths)
                form.Add(new StringContent(await File.ReadAllTextAsync(path)), "files", Path.GetFileName(path));
            using var reply = await client.PostAsync("/collections/samples/ingest", form);
            var job = JsonSerializer.Deserialize<JsonElement>(await reply.Content.ReadAsStringAsync());
            var events = await client.GetStringAsync($"/jobs/{job.GetProperty("id").GetString()}/events");
            Assert.Contains("\"state\":\"done\"", events, StringComparison.Ordinal);
        }

        return _served.Address;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        if (_served is not null)
            await _served.DisposeAsync();
    }
}
