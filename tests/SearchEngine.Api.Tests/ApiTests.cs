using System.Text.Json;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Tests;

public sealed class ApiTests(ApiTests.Host host) : IClassFixture<ApiTests.Host>
{
    public sealed class Host : IAsyncLifetime
    {
        public RunningHost Running { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Running = await RunningHost.StartAsync();
            await Running.SendAsync(HttpMethod.Put, "/collections/notes", null, 201);
            var documents = new[]
            {
                new
                {
                    key = "bread",
                    fields = new
                    {
                        title = "Bread",
                        text = "A cast iron pot keeps steam around the loaf.",
                        source = "kitchen",
                    },
                },
                new
                {
                    key = "chain",
                    fields = new
                    {
                        title = "Bicycle",
                        text = "Oil the chain after riding in the rain.",
                        source = "workshop",
                    },
                },
                new
                {
                    key = "brakes",
                    fields = new
                    {
                        title = "Bicycle",
                        text = "Replace the pads before they touch the rim.",
                        source = "workshop",
                    },
                },
            };
            var reply = await Running.SendAsync(HttpMethod.Post, "/collections/notes/documents", new { documents }, 200);
            Assert.Equal(3, reply.GetProperty("inserted").GetInt32());
        }

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    private RunningHost Api => host.Running;

    [Fact]
    public async Task Health_and_collections_tell_what_is_there()
    {
        var health = await Api.SendAsync(HttpMethod.Get, "/health", null, 200);
        Assert.Equal("ok", health.GetProperty("status").GetString());
        // The test's model was not measured for it.
        Assert.Equal(JsonValueKind.Null, health.GetProperty("farthestAnswer").ValueKind);

        var list = await Api.SendAsync(HttpMethod.Get, "/collections", null, 200);
        Assert.Contains(list.GetProperty("collections").EnumerateArray(), c => c.GetProperty("name").GetString() == "notes");
        var one = await Api.SendAsync(HttpMethod.Get, "/collections/notes", null, 200);
        Assert.True(one.GetProperty("records").GetInt64() >= 3);
        await Api.SendAsync(HttpMethod.Put, "/collections/notes", null, 200);
    }

    [Theory]
    [InlineData("hybrid")]
    [InlineData("vector")]
    [InlineData("keyword")]
    public async Task Search_finds_in_every_mode(string mode)
    {
        var reply = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/notes/search",
            new
            {
                query = "oil the chain",
                mode,
                k = 2,
                explain = true,
            },
            200
        );

        Assert.Equal(mode, reply.GetProperty("mode").GetString());
        var hit = reply.GetProperty("hits")[0];
        Assert.Equal("chain", hit.GetProperty("key").GetString());
        Assert.Equal("Bicycle", hit.GetProperty("fields").GetProperty("title").GetString());
        var explanation = hit.GetProperty("explanation");
        Assert.Equal(mode != "keyword", explanation.GetProperty("vector").ValueKind == JsonValueKind.Object);
        Assert.Equal(mode != "vector", explanation.GetProperty("keyword").ValueKind == JsonValueKind.Object);
        if (mode == "keyword")
            Assert.NotEmpty(hit.GetProperty("snippet").GetProperty("matches").EnumerateArray());
    }

    [Fact]
    public async Task A_filter_keeps_only_what_matches()
    {
        var reply = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/notes/search",
            new { query = "steam around the chain", filter = new { source = new[] { "workshop" } } },
            200
        );

        var keys = reply.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("key").GetString()).ToArray();
        Assert.Contains("chain", keys);
        Assert.DoesNotContain("bread", keys);
    }

    [Fact]
    public async Task Documents_are_written_read_replaced_and_deleted()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/changing", null, 201);
        var written = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/changing/documents",
            """{"documents":[{"key":"a/b","fields":{"text":"one"}},{"key":"c","fields":{"text":"two"}}]}""",
            200
        );
        Assert.Equal(2, written.GetProperty("inserted").GetInt32());
        var replaced = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/changing/documents",
            """{"documents":[{"key":"c","fields":{"text":"three"}}]}""",
            200
        );
        Assert.Equal(1, replaced.GetProperty("updated").GetInt32());

        var read = await Api.SendAsync(HttpMethod.Get, "/collections/changing/documents/a%2Fb", null, 200);
        Assert.Equal("one", read.GetProperty("fields").GetProperty("text").GetString());
        read = await Api.SendAsync(HttpMethod.Get, "/collections/changing/documents/c", null, 200);
        Assert.Equal("three", read.GetProperty("fields").GetProperty("text").GetString());
        await Api.SendAsync(HttpMethod.Delete, "/collections/changing/documents/c", null, 204);
        await Api.SendAsync(HttpMethod.Get, "/collections/changing/documents/c", null, 404);
        var deleted = await Api.SendAsync(
            HttpMethod.Delete,
            "/collections/changing/documents",
            new { keys = new[] { "a/b", "never there" } },
            200
        );
        Assert.Equal(1, deleted.GetProperty("deleted").GetInt32());
        await Api.SendAsync(HttpMethod.Delete, "/collections/changing", null, 204);
        await Api.SendAsync(HttpMethod.Get, "/collections/changing", null, 404);
    }

    [Theory]
    [InlineData("/collections/nowhere/search", """{"query":"x"}""", 404, "notes")]
    [InlineData("/collections/notes/snapshots", """{"name":"../up"}""", 400, "letters, digits")]
    [InlineData("/collections/notes/snapshots", """{"name":""}""", 400, "letters, digits")]
    [InlineData("/collections/notes/snapshots", """{}""", 400, "name")]
    [InlineData("/collections/nowhere/snapshots", """{"name":"x"}""", 404, "notes")]
    [InlineData("/collections/notes/search", """{"query":"x","k":0}""", 400, "k is from 1")]
    [InlineData("/collections/notes/search", """{"query":" "}""", 400, "needs a query")]
    [InlineData("/collections/notes/search", """{"query":"x","modus":"keyword"}""", 400, "modus")]
    [InlineData("/collections/notes/search", """{"query":""", 400, "body")]
    [InlineData("/collections/notes/search", """{"query":"x","filter":{"colour":"red"}}""", 400, "colour")]
    [InlineData("/collections/notes/documents", """{"documents":[{"key":"k","fields":{"colour":"red"}}]}""", 400, "colour")]
    [InlineData("/collections/notes/documents", """{"documents":[{"key":"k","fields":{"text":5}}]}""", 400, "text")]
    [InlineData("/collections/notes/documents", """{"documents":[{"key":true}]}""", 400, "key")]
    [InlineData("/collections/notes/documents", """{"documents":[{"key":"k","vectors":{"vector":[1,2]}}]}""", 400, "vector")]
    public async Task Wrong_requests_are_told_what_is_wrong(string path, string body, int status, string part)
    {
        var problem = await Api.SendAsync(HttpMethod.Post, path, body, status);

        Assert.Contains(part, problem.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Lists_of_every_element_type_come_back_as_they_were_sent()
    {
        var fields = new[]
        {
            new
            {
                name = "numbers",
                type = "int16",
                isList = true,
            },
            new
            {
                name = "bytes",
                type = "byte",
                isList = true,
            },
            new
            {
                name = "days",
                type = "dateOnly",
                isList = true,
            },
            new
            {
                name = "words",
                type = "string",
                isList = true,
            },
        };
        await Api.SendAsync(HttpMethod.Put, "/collections/lists", new { fields }, 201);
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/lists/documents",
            """{"documents":[{"key":"1","fields":{"numbers":[3,-4],"bytes":[1,255],"days":["2024-02-29"],"words":[]}}]}""",
            200
        );
        var stored = (await Api.SendAsync(HttpMethod.Get, "/collections/lists/documents/1", null, 200)).GetProperty("fields");
        Assert.Equal([3, -4], stored.GetProperty("numbers").EnumerateArray().Select(item => item.GetInt32()));
        Assert.Equal("2024-02-29", stored.GetProperty("days")[0].GetString());
        Assert.Empty(stored.GetProperty("words").EnumerateArray());
        Assert.Equal(
            [1, 255],
            stored.GetProperty("bytes").ValueKind == JsonValueKind.String
                ? stored.GetProperty("bytes").GetBytesFromBase64()
                : stored.GetProperty("bytes").EnumerateArray().Select(item => item.GetByte())
        );
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/lists/documents",
            """{"documents":[{"key":"1","fields":{"numbers":[1,null]}}]}""",
            400
        );
    }

    [Fact]
    public async Task Numbers_that_json_has_none_for_go_by_their_names()
    {
        var fields = new[]
        {
            new
            {
                name = "a",
                type = "double",
                isList = false,
            },
            new
            {
                name = "b",
                type = "single",
                isList = true,
            },
        };
        await Api.SendAsync(HttpMethod.Put, "/collections/numbers", new { fields }, 201);
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/numbers/documents",
            """{"documents":[{"key":"1","fields":{"a":"NaN","b":[1.5,"-Infinity","Infinity"]}}]}""",
            200
        );
        var stored = (await Api.SendAsync(HttpMethod.Get, "/collections/numbers/documents/1", null, 200)).GetProperty("fields");
        Assert.Equal("NaN", stored.GetProperty("a").GetString());
        Assert.Equal("""[1.5,"-Infinity","Infinity"]""", stored.GetProperty("b").GetRawText());
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/numbers/documents",
            """{"documents":[{"key":"1","fields":{"a":"much"}}]}""",
            400
        );
    }

    [Fact]
    public async Task A_collection_is_verified()
    {
        var report = await Api.SendAsync(HttpMethod.Post, "/collections/notes/verify", null, 200);
        Assert.True(report.GetProperty("sound").GetBoolean());
        Assert.Equal("notes", report.GetProperty("collection").GetString());
        Assert.True(report.GetProperty("records").GetInt64() >= 3);
        Assert.NotEmpty(report.GetProperty("checks").EnumerateArray());
        Assert.Empty(report.GetProperty("problems").EnumerateArray());
        await Api.SendAsync(HttpMethod.Post, "/collections/nowhere/verify", null, 404);
    }

    [Fact]
    public async Task A_snapshot_is_made_once_and_can_be_read_in_place()
    {
        var made = await Api.SendAsync(HttpMethod.Post, "/collections/notes/snapshots", new { name = "monday" }, 201);
        Assert.Equal("monday", made.GetProperty("name").GetString());
        var folder = Path.Combine(Api.Settings.Api.Snapshots, "notes", "monday");
        Assert.True(made.GetProperty("diskBytes").GetInt64() > 0);
        await using (var snapshot = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = folder, ReadOnly = true }))
        {
            var notes = await snapshot.GetCollectionAsync("notes");
            Assert.Equal("Bread", notes.Get(RecordKey.From("bread"))!["title"]);
            Assert.Empty((await notes.VerifyAsync()).Problems);
        }

        await Api.SendAsync(HttpMethod.Post, "/collections/notes/snapshots", new { name = "monday" }, 409);
    }

    [Fact]
    public async Task A_snapshot_stays_in_its_folder_whatever_the_collection_is_called()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/%2E%2E%2Fodd", null, 201);
        await Api.SendAsync(HttpMethod.Post, "/collections/%2E%2E%2Fodd/snapshots", new { name = "first" }, 201);
        Assert.True(Directory.Exists(Path.Combine(Api.Settings.Api.Snapshots, "%2E%2E%2Fodd", "first")));
        await Api.SendAsync(HttpMethod.Delete, "/collections/%2E%2E%2Fodd", null, 204);
    }

    [Fact]
    public async Task A_damaged_collection_can_be_deleted()
    {
        await using var other = await RunningHost.StartAsync();
        var collection = Directory.CreateDirectory(Path.Combine(other.Settings.Data, "collections", "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(collection, "schema.json"), "no schema", TestContext.Current.CancellationToken);
        await other.SendAsync(HttpMethod.Get, "/collections/broken", null, 500);
        await other.SendAsync(HttpMethod.Put, "/collections/sound", null, 201);
        var listed = (await other.SendAsync(HttpMethod.Get, "/collections", null, 200))
            .GetProperty("collections")
            .EnumerateArray()
            .ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal(["broken", "sound"], listed.Keys.Order());
        Assert.Contains("schema.json", listed["broken"].GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.False(listed["sound"].TryGetProperty("problem", out _));
        await other.SendAsync(HttpMethod.Delete, "/collections/broken", null, 204);
        await other.SendAsync(HttpMethod.Delete, "/collections/broken", null, 404);
        Assert.False(Directory.Exists(collection));
    }

    [Theory]
    [InlineData("search")]
    [InlineData("documents")]
    [InlineData("snapshots")]
    public async Task A_missing_body_is_asked_for(string address)
    {
        var problem = await Api.SendAsync(HttpMethod.Post, $"/collections/notes/{address}", null, 400);
        Assert.Contains("takes a JSON body", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_names_every_address()
    {
        var description = await Api.SendAsync(HttpMethod.Get, "/openapi/v1.json", null, 200);

        var paths = description.GetProperty("paths").EnumerateObject().Select(path => path.Name.TrimEnd('/')).ToArray();
        foreach (
            var path in new[]
            {
                "/health",
                "/collections",
                "/collections/{name}/documents",
                "/collections/{name}/search",
                "/collections/{name}/verify",
                "/collections/{name}/snapshots",
            }
        )
        {
            Assert.Contains(path, paths);
        }
    }

    [Fact]
    public async Task A_second_host_on_the_same_database_is_refused()
    {
        var exception = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            ApiHost.StartAsync(Api.Settings, [], RunningHost.Hashing())
        );

        Assert.Equal(SearchDatabaseError.InUse, exception.Error);
    }

    [Fact]
    public void It_listens_on_the_loopback_address_by_default() =>
        Assert.True(new Uri(SettingsLoader.Load(AppContext.BaseDirectory, Path.GetTempPath()).Api.Url).IsLoopback);
}
