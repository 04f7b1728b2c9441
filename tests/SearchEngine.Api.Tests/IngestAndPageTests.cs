using System.Net;
using System.Text.Json;
using SearchEngine.Api.Mapping;

namespace SearchEngine.Api.Tests;

/// <summary>Files taken in over HTTP, and what the page is made of.</summary>
public sealed class IngestAndPageTests(IngestAndPageTests.Host host) : IClassFixture<IngestAndPageTests.Host>
{
    public sealed class Host : IAsyncLifetime
    {
        public RunningHost Running { get; private set; } = null!;

        public string Allowed { get; } = Directory.CreateTempSubdirectory("searchengine-allowed-").FullName;

        public async ValueTask InitializeAsync() => Running = await RunningHost.StartAsync(api => api with { IngestFolders = [Allowed] });

        public async ValueTask DisposeAsync()
        {
            await Running.DisposeAsync();
            Directory.Delete(Allowed, recursive: true);
        }
    }

    private RunningHost Api => host.Running;

    [Fact]
    public async Task Uploaded_files_become_passages_with_progress_to_the_end()
    {
        var job = await UploadAsync(
            "files",
            HttpStatusCode.Accepted,
            ("guide/bread.md", "# Bread\n\nA cast iron pot keeps steam."),
            ("sea.txt", "Whales sing.")
        );
        var events = await Api.Client.GetStringAsync($"/jobs/{job.GetProperty("id").GetString()}/events");
        var last = events
            .Split('\n')
            .Where(line => line.StartsWith("data:", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line[5..]))
            .Last();
        Assert.Equal("done", last.GetProperty("state").GetString());
        Assert.Equal(2, last.GetProperty("report").GetProperty("read").GetInt32());
        var found = await Api.SendAsync(HttpMethod.Post, "/collections/files/search", """{"query":"iron pot","k":1}""", 200);
        Assert.Equal("guide/bread.md", found.GetProperty("hits")[0].GetProperty("fields").GetProperty("source").GetString());
        await Api.SendAsync(HttpMethod.Get, "/jobs/none", null, 404);
        Assert.True((await Api.SendAsync(HttpMethod.Get, "/jobs", null, 200)).GetProperty("jobs").GetArrayLength() > 0);
        await Api.SendAsync(HttpMethod.Delete, $"/jobs/{job.GetProperty("id").GetString()}", null, 202);
    }

    [Fact]
    public async Task Late_chunking_of_the_settings_holds_for_files_over_HTTP()
    {
        var text = string.Join(
            "\n\n",
            Enumerable.Range(0, 12).Select(i => $"Paragraph {i} tells of herons that wade in the shallow lake.")
        );
        var digests = new List<string[]>();
        foreach (var late in new[] { true, false })
        {
            await using var running = await RunningHost.StartAsync(configure: all =>
                all with
                {
                    Ingestion = new()
                    {
                        ChunkTokens = 64,
                        OverlapTokens = 8,
                        LateChunking = late,
                    },
                }
            );
            using var form = new MultipartFormDataContent { { new StringContent(text), "files", "herons.txt" } };
            using var reply = await running.Client.PostAsync("/collections/late/ingest", form, TestContext.Current.CancellationToken);
            var job = JsonSerializer.Deserialize<JsonElement>(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Contains(
                "\"done\"",
                await running.Client.GetStringAsync(
                    $"/jobs/{job.GetProperty("id").GetString()}/events",
                    TestContext.Current.CancellationToken
                ),
                StringComparison.Ordinal
            );
            var found = await running.SendAsync(HttpMethod.Post, "/collections/late/search", """{"query":"herons","k":20}""", 200);
            digests.Add([
                .. found
                    .GetProperty("hits")
                    .EnumerateArray()
                    .Select(hit => hit.GetProperty("fields").GetProperty("digest").GetString()!)
                    .Order(StringComparer.Ordinal),
            ]);
        }

        // What was embedded is named by its digest: a passage alone, or in its document.
        Assert.True(digests[0].Length > 1);
        Assert.Equal(digests[0].Length, digests[1].Length);
        Assert.Empty(digests[0].Intersect(digests[1], StringComparer.Ordinal));
    }

    [Fact]
    public async Task Names_that_leave_the_folder_and_folders_that_are_not_allowed_are_refused()
    {
        foreach (var name in new[] { "../up.md", "a/../../up.md", "c:evil.md", new string('n', 600) + ".md" })
            await UploadAsync("refused", HttpStatusCode.BadRequest, (name, "x"));
        await Api.SendAsync(HttpMethod.Get, "/collections/refused", null, 404);
        await Api.SendAsync(HttpMethod.Post, "/collections/refused/ingest", "{}", 415);
        await Api.SendAsync(HttpMethod.Post, "/collections/refused/ingest/folder", """{"path":"/etc"}""", 403);
        await Api.SendAsync(HttpMethod.Post, "/collections/refused/ingest/folder", new { path = host.Allowed + "/../" }, 403);

        await File.WriteAllTextAsync(Path.Combine(host.Allowed, "a.md"), "An allowed text.", TestContext.Current.CancellationToken);
        var job = await Api.SendAsync(HttpMethod.Post, "/collections/allowed/ingest/folder", new { path = host.Allowed }, 202);
        await Api.Client.GetStringAsync($"/jobs/{job.GetProperty("id").GetString()}/events");
        var counted = await Api.SendAsync(HttpMethod.Post, "/collections/allowed/documents/count", "{}", 200);
        Assert.Equal(1, counted.GetProperty("count").GetInt32());
    }

    /// <summary>A file that another would replace was lost without a word; a file in the way of a folder was a failure of the host.</summary>
    [Fact]
    public async Task Files_that_stand_in_each_others_way_are_refused()
    {
        foreach (var (first, second) in new[] { ("a.md", "a.md"), ("a/b.md", "a"), ("a", "a/b.md"), ("ä/b.md", "ä/b.md") })
            await UploadAsync("clash", HttpStatusCode.BadRequest, (first, "x"), (second, "y"));
        await UploadAsync("clash", HttpStatusCode.BadRequest, (new string('n', 300) + ".md", "x"));
        await Api.SendAsync(HttpMethod.Get, "/collections/clash", null, 404);
    }

    /// <summary>That the collection takes no files is known before they are: it is no job's failure.</summary>
    [Fact]
    public async Task Files_for_a_collection_of_other_fields_are_refused_at_once()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/other", """{"fields":[{"name":"body"}]}""", 201);
        var refused = await UploadAsync("other", HttpStatusCode.BadRequest, ("a.md", "x"));
        Assert.Contains("not there yet", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await Api.SendAsync(HttpMethod.Post, "/collections/other/ingest/folder", new { path = host.Allowed }, 400);
    }

    /// <summary>Whoever watches a job sees its end when the host stops, and the host waits for nobody who watches.</summary>
    [Fact]
    public async Task Jobs_and_their_watchers_end_when_the_host_is_told_to_stop()
    {
        var embedder = new WaitingEmbedder { Holds = true };
        await using var running = await RunningHost.StartAsync(api => api with { DrainSeconds = 600 }, embedder.ToOptions());
        using var form = new MultipartFormDataContent { { new StringContent("A text that waits."), "files", "a.md" } };
        using var reply = await running.Client.PostAsync("/collections/w/ingest", form, TestContext.Current.CancellationToken);
        var job = JsonSerializer.Deserialize<JsonElement>(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await embedder.Entered.WaitAsync(TestContext.Current.CancellationToken);
        using var events = await running.Client.GetAsync(
            $"/jobs/{job.GetProperty("id").GetString()}/events",
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        var stopped = running.Application.StopAsync(TestContext.Current.CancellationToken);
        var told = await events.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"cancelled\"", told, StringComparison.Ordinal);
        await stopped;
    }

    [Fact]
    public async Task The_page_comes_whole_from_the_host()
    {
        using var reply = await Api.Client.GetAsync("/");
        var html = await reply.Content.ReadAsStringAsync();
        Assert.Contains("default-src 'none'", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var files = new Queue<string>(["index.html", "style.css", "icon.svg", "app.js"]);
        var seen = new HashSet<string>();
        while (files.TryDequeue(out var file))
        {
            if (!seen.Add(file))
                continue;
            var text = await Api.Client.GetStringAsync("/page/" + file);
            Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
            foreach (
                System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(
                    text,
                    "from \"\\./([a-z]+\\.js)\""
                )
            )
            {
                files.Enqueue(match.Groups[1].Value);
            }
        }

        Assert.True(seen.Count >= 9, string.Join(", ", seen));
        Assert.Contains("/page/app.js", html, StringComparison.Ordinal);
        await Api.SendAsync(HttpMethod.Get, "/page/..%2Fappsettings.json", null, 404);
    }

    [Fact]
    public async Task A_map_keeps_alike_passages_together()
    {
        await Api.SendAsync(
            HttpMethod.Put,
            "/collections/mapped",
            """{"fields":[{"name":"text"},{"name":"kind","isFilterable":true}],"vectors":[{"name":"v","dimension":8}]}""",
            201
        );
        var random = new Random(5);
        var documents = Enumerable
            .Range(0, 90)
            .Select(i => new
            {
                key = $"{i}",
                fields = new { text = $"t{i}", kind = $"k{i % 3}" },
                vectors = new { v = Enumerable.Range(0, 8).Select(d => (d == i % 3 ? 5f : 0f) + (float)random.NextDouble()).ToArray() },
            });
        await Api.SendAsync(HttpMethod.Post, "/collections/mapped/documents", new { documents }, 200);
        var map = await Api.SendAsync(HttpMethod.Get, "/collections/mapped/map?color=kind", null, 200);
        var points = map.GetProperty("points")
            .EnumerateArray()
            .Select(p => (X: p.GetProperty("x").GetDouble(), Y: p.GetProperty("y").GetDouble(), Kind: p.GetProperty("color").GetString()))
            .ToArray();
        Assert.Equal(90, points.Length);
        Assert.All(points, p => Assert.True(Math.Abs(p.X) <= 1.0001 && Math.Abs(p.Y) <= 1.0001));
        var together = points.Count(p =>
            points.Where(q => q != p).MinBy(q => Math.Pow(q.X - p.X, 2) + Math.Pow(q.Y - p.Y, 2)).Kind == p.Kind
        );
        Assert.True(together >= 85, $"{together} of 90 have a neighbour of their own kind.");
        await Api.SendAsync(HttpMethod.Get, "/collections/mapped/map?color=nothing", null, 400);

        // A map is of what is there now, be the number of records as before or the collection another one.
        await Api.SendAsync(
            HttpMethod.Patch,
            "/collections/mapped/documents",
            """{"documents":[{"key":"0","fields":{"kind":"changed"}}]}""",
            200
        );
        Assert.Contains("changed", await Api.Client.GetStringAsync("/collections/mapped/map?color=kind"), StringComparison.Ordinal);
    }

    [Fact]
    public void Layouts_of_few_or_equal_vectors_are_finite()
    {
        foreach (var count in new[] { 0, 1, 2, 3, 20 })
        {
            var points = NeighborLayout.Make(
                [.. Enumerable.Repeat(new float[] { 1, 2, 3 }, count)],
                1,
                TestContext.Current.CancellationToken
            );
            Assert.Equal(count, points.Length);
            Assert.All(points, p => Assert.True(float.IsFinite(p.X) && float.IsFinite(p.Y)));
        }
    }

    private async Task<JsonElement> UploadAsync(string collection, HttpStatusCode expected, params (string Name, string Text)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, text) in files)
            form.Add(new StringContent(text), "files", name);
        using var reply = await Api.Client.PostAsync($"/collections/{collection}/ingest", form);
        var content = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == expected, content);
        return JsonSerializer.Deserialize<JsonElement>(content);
    }
}
