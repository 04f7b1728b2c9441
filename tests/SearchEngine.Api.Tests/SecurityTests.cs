using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Tests;

/// <summary>Who may do what: keys, scopes, hosts, origins, and where the host listens without keys.</summary>
public sealed class SecurityTests
{
    private static (string Name, string Value) Key(string key) => ("Authorization", "Bearer " + key);

    [Fact]
    public async Task Keys_open_what_they_are_for()
    {
        var (read, readHash) = ApiKeyRing.Make();
        var (write, writeHash) = ApiKeyRing.Make();
        var (admin, adminHash) = ApiKeyRing.Make();
        var (scoped, scopedHash) = ApiKeyRing.Make();
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".json");
        await File.WriteAllTextAsync(
            file,
            JsonSerializer.Serialize(
                new[]
                {
                    new
                    {
                        name = "scoped",
                        hash = scopedHash,
                        access = "write",
                        collections = new[] { "team-*" },
                    },
                }
            )
        );
        await using var host = await RunningHost.StartAsync(api =>
            api with
            {
                KeyFile = file,
                Keys =
                [
                    new ApiKeySettings { Name = "reader", Hash = readHash },
                    new ApiKeySettings
                    {
                        Name = "writer",
                        Hash = writeHash,
                        Access = "write",
                    },
                    new ApiKeySettings
                    {
                        Name = "chief",
                        Hash = adminHash,
                        Access = "admin",
                    },
                ],
            }
        );
        File.Delete(file);

        await host.SendAsync(HttpMethod.Get, "/health/live", null, 200);
        await host.SendAsync(HttpMethod.Get, "/collections", null, 401);
        await host.SendAsync(HttpMethod.Get, "/collections", null, 401, Key("se_wrong"));
        await host.SendAsync(HttpMethod.Trace, "/collections", null, 405, Key(read));
        await host.SendAsync(HttpMethod.Put, "/collections/notes", null, 403, Key(write));
        await host.SendAsync(HttpMethod.Put, "/collections/notes", null, 201, Key(admin));
        await host.SendAsync(HttpMethod.Put, "/collections/team-a", null, 201, ("X-Api-Key", admin));
        const string document = """{"documents":[{"key":"1","fields":{"text":"a"}}]}""";
        await host.SendAsync(HttpMethod.Post, "/collections/notes/documents", document, 403, Key(read));
        await host.SendAsync(HttpMethod.Post, "/collections/notes/documents", document, 200, Key(write));
        await host.SendAsync(HttpMethod.Get, "/collections/notes/documents/1", null, 200, Key(read));
        await host.SendAsync(HttpMethod.Post, "/collections/notes/verify", null, 403, Key(write));

        // Within its collections and nowhere else, whether the others are there or not; and their names are not told.
        await host.SendAsync(HttpMethod.Post, "/collections/team-a/documents", document, 200, Key(scoped));
        await host.SendAsync(HttpMethod.Get, "/collections/notes/documents/1", null, 403, Key(scoped));
        await host.SendAsync(HttpMethod.Get, "/collections/nowhere", null, 403, Key(scoped));
        await host.SendAsync(HttpMethod.Get, "/collections/notes%2Fx", null, 403, Key(scoped));
        var list = await host.SendAsync(HttpMethod.Get, "/collections", null, 200, Key(scoped));
        Assert.Equal("team-a", Assert.Single(list.GetProperty("collections").EnumerateArray()).GetProperty("name").GetString());
        // What tells of all collections is for keys of all.
        await host.SendAsync(HttpMethod.Get, "/metrics", null, 403, Key(scoped));
        await host.SendAsync(HttpMethod.Get, "/metrics", null, 401);
        using (var scrape = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "X-Api-Key", read } } })
        using (var metrics = await host.Client.SendAsync(scrape, TestContext.Current.CancellationToken))
        {
            Assert.Contains(
                "notes",
                await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }

        var problem = await host.SendAsync(HttpMethod.Get, "/collections/team-b", null, 404, Key(scoped));
        Assert.DoesNotContain("notes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", false)]
    [InlineData("http://[::]:0", false)]
    [InlineData("http://*:0", false)]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0", false)]
    [InlineData("http://localhost:0", true)]
    [InlineData("http://[::1]:0", true)]
    [InlineData("http://127.0.0.1:0", true)]
    public void A_public_address_without_keys_is_refused(string url, bool isSafe)
    {
        var none = ApiKeyRing.Load(new ApiSettings());
        if (isSafe)
        {
            ListeningAddress.RequireSafe(url, none, new ApiSettings());
            return;
        }

        var refusal = Assert.Throws<HostException>(() => ListeningAddress.RequireSafe(url, none, new ApiSettings()));
        Assert.Contains("searchengine key", refusal.Message, StringComparison.Ordinal);
        ListeningAddress.RequireSafe(url, none, new ApiSettings { AllowAnonymous = true });
        var key = new ApiKeySettings { Name = "a", Hash = ApiKeyRing.Make().Hash };
        ListeningAddress.RequireSafe(url, ApiKeyRing.Load(new ApiSettings { Keys = [key] }), new ApiSettings());
    }

    [Theory]
    [InlineData("", "sha256:00", "read", "no name")]
    [InlineData("a", "sha256:00", "read", "hash")]
    [InlineData("a", "secret", "read", "hash")]
    [InlineData("a", "sha256:zz", "read", "hash")]
    [InlineData("a", null, "none", "read, write or admin")]
    [InlineData("a", null, "7", "read, write or admin")]
    public void Wrong_keys_in_the_settings_are_named(string name, string? hash, string access, string part)
    {
        var key = new ApiKeySettings
        {
            Name = name,
            Hash = hash ?? ApiKeyRing.Make().Hash,
            Access = access,
        };
        var refusal = Assert.Throws<HostException>(() => ApiKeyRing.Load(new ApiSettings { Keys = [key] }));
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_lead_here_by_chance_and_foreign_pages_are_turned_away()
    {
        await using var host = await RunningHost.StartAsync(api =>
            api with
            {
                Origins = ["https://app.example"],
                Hosts = ["search.example"],
            }
        );
        await host.SendAsync(HttpMethod.Get, "/collections", null, 421, ("Host", "evil.example"));
        await host.SendAsync(HttpMethod.Get, "/collections", null, 200, ("Host", "search.example"));
        await host.SendAsync(HttpMethod.Get, "/collections", null, 200, ("Host", $"localhost:{host.Address.Port}"));
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 403, ("Origin", "https://evil.example"));
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 403, ("Origin", "null"));
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 403, ("Sec-Fetch-Site", "cross-site"));
        await host.SendAsync(HttpMethod.Put, "/collections/a", null, 201, ("Origin", "https://app.example"));
        await host.SendAsync(HttpMethod.Put, "/collections/b", null, 201, ("Origin", host.Address.GetLeftPart(UriPartial.Authority)));

        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/collections");
        foreign.Headers.Add("Origin", "https://evil.example");
        using var reply = await host.Client.SendAsync(foreign);
        Assert.False(reply.Headers.Contains("Access-Control-Allow-Origin"));
    }

    /// <summary>An address that was mapped without saying what it needs is for administrators; none is meant to be so by oversight.</summary>
    [Fact]
    public async Task Every_address_says_what_it_needs()
    {
        await using var host = await RunningHost.StartAsync();
        var endpoints = host.Application.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        Assert.True(endpoints.Count > 30);
        Assert.All(endpoints, endpoint => Assert.True(endpoint.Metadata.GetMetadata<EndpointRules>() is not null, endpoint.DisplayName));
        // What is open is open on purpose: probes, the page, the descriptions.
        string[] open = ["/", "/page/", "/docs", "/openapi/", "/health/live", "/health/ready", "/schemas/"];
        foreach (var endpoint in endpoints.OfType<RouteEndpoint>())
        {
            var rules = endpoint.Metadata.GetMetadata<EndpointRules>()!;
            var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            Assert.Equal(
                open.Any(path => path == pattern || path.Length > 1 && pattern.StartsWith(path, StringComparison.Ordinal)),
                rules.Access == Access.None
            );
            // What changes something needs more than to read, but for what is asked by POST.
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
            if (methods.Any(method => method is "PUT" or "PATCH" or "DELETE"))
                Assert.True(rules.Access >= Access.Write || pattern.EndsWith("/views/{view}", StringComparison.Ordinal), pattern);
        }
    }
}
