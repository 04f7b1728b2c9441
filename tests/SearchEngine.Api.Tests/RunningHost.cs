using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using SearchEngine.Hosting;
using SearchEngine.TestSupport;

namespace SearchEngine.Api.Tests;

/// <summary>The real host on a real port of the loopback address, over a database of its own.</summary>
public sealed class RunningHost : IAsyncDisposable
{
    private readonly string _directory;

    private RunningHost(WebApplication application, string directory, Settings settings)
    {
        Application = application;
        _directory = directory;
        Settings = settings;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(addresses.Addresses.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public WebApplication Application { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    internal Settings Settings { get; }

    /// <summary>A model that needs no libtorch.</summary>
    public static EmbedderOptions Hashing() => new() { Generator = new HashingEmbeddingGenerator(), Identity = "hashing" };

    /// <summary>Starts a host.</summary>
    /// <param name="change">Changes its settings.</param>
    /// <param name="embedder">Its model; null takes <see cref="Hashing"/>.</param>
    /// <param name="withModel">Whether it has one.</param>
    /// <param name="configure">Changes all settings, and leaves the model to them.</param>
    internal static async Task<RunningHost> StartAsync(
        Func<ApiSettings, ApiSettings>? change = null,
        EmbedderOptions? embedder = null,
        bool withModel = true,
        Func<Settings, Settings>? configure = null
    )
    {
        var directory = Directory.CreateTempSubdirectory("searchengine-api-test-").FullName;
        var settings = new Settings
        {
            Data = directory,
            Model = withModel ? string.Empty : "none",
            Api = new ApiSettings { Url = "http://127.0.0.1:0", Snapshots = Path.Combine(directory, "snapshots") },
        };
        settings = settings with { Api = (change ?? (api => api))(settings.Api) };
        settings = (configure ?? (all => all))(settings);
        var given = withModel && configure is null ? embedder ?? Hashing() : null;
        return new RunningHost(await ApiHost.StartAsync(settings, [], given), directory, settings);
    }

    public async Task<JsonElement> SendAsync(
        HttpMethod method,
        string path,
        object? body,
        int expectedStatus,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is string text)
            request.Content = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        else if (body is not null)
            request.Content = JsonContent.Create(body);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        var content = await response.Content.ReadAsStringAsync();
        Assert.True(
            (int)response.StatusCode == expectedStatus,
            $"{method} {path}: {(int)response.StatusCode}, expected {expectedStatus}: {content}"
        );
        if (expectedStatus >= 400 && response.Content.Headers.ContentType?.MediaType != "application/json")
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return content.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(content);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Application.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
