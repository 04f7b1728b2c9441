using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Tests;

/// <summary>The real host on a real port of the loopback address, over a database of its own.</summary>
public sealed class RunningHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _directory;

    private RunningHost(WebApplication application, string directory)
    {
        _application = application;
        _directory = directory;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Client = new HttpClient { BaseAddress = new Uri(addresses.Addresses.Single()) };
    }

    public HttpClient Client { get; }

    internal static async Task<RunningHost> StartAsync(Func<ApiSettings, ApiSettings>? change = null)
    {
        var directory = Directory.CreateTempSubdirectory("searchengine-api-test-").FullName;
        var settings = SettingsIn(directory);
        settings = settings with { Api = (change ?? (api => api))(settings.Api) };
        return new RunningHost(await ApiHost.StartAsync(settings, []), directory);
    }

    internal Settings Settings => SettingsIn(_directory);

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, int expectedStatus)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is string text)
            request.Content = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        else if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await Client.SendAsync(request);
        var content = await response.Content.ReadAsStringAsync();
        Assert.True(
            (int)response.StatusCode == expectedStatus,
            $"{method} {path}: {(int)response.StatusCode}, expected {expectedStatus}: {content}"
        );
        if (expectedStatus >= 400)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return content.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(content);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static Settings SettingsIn(string directory) =>
        new()
        {
            Data = directory,
            Api = new ApiSettings { Url = "http://127.0.0.1:0", Snapshots = Path.Combine(directory, "snapshots") },
        };
}
