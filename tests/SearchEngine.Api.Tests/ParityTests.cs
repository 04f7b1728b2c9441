using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace SearchEngine.Api.Tests;

/// <summary>What the engine can, over HTTP: each ability once, on real collections.</summary>
public sealed class ParityTests(ParityTests.Host host) : IClassFixture<ParityTests.Host>
{
    public sealed class Host : IAsyncLifetime
    {
        public RunningHost Running { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Running = await RunningHost.StartAsync();
            await Running.SendAsync(
                HttpMethod.Put,
                "/collections/books",
                """
                {"fields":[{"name":"title","isFullText":true,"boost":2},{"name":"text","isFullText":true},{"name":"kind","isFilterable":true},
                {"name":"year","type":"int32","isFilterable":true},{"name":"tags","isList":true,"isFilterable":true}],
                "vectors":[{"name":"meaning","sourceField":"text"},{"name":"own","dimension":2,"metric":"euclidean","index":"flat","quantization":"none"}],
                "analyzer":"english.2"}
                """,
                201
            );
            var documents = Enumerable
                .Range(0, 30)
                .Select(i => new
                {
                    key = $"b{i:00}",
                    fields = new
                    {
                        title = $"Book {i}",
                        text = i % 2 == 0 ? $"whales and the sea {i}" : $"bread and the oven {i}",
                        kind = i % 3 == 0 ? "novel"
                        : i % 3 == 1 ? "essay"
                        : null,
                        year = 1990 + i,
                        tags = i % 5 == 0 ? new[] { "old", "rare" } : ["new"],
                    },
                    vectors = new { own = new[] { i, 1f } },
                });
            await Running.SendAsync(HttpMethod.Post, "/collections/books/documents", new { documents }, 200);
        }

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    private RunningHost Api => host.Running;

    [Theory]
    [InlineData("""{"kind":"novel"}""", 10)]
    [InlineData("""{"kind":["novel","essay"]}""", 20)]
    [InlineData("""{"kind":null}""", 10)]
    [InlineData("""{"kind":{"$ne":null}}""", 20)]
    [InlineData("""{"kind":{"$nin":["novel"]}}""", 20)]
    [InlineData("""{"year":{"$gte":2000,"$lt":2010}}""", 10)]
    [InlineData("""{"year":2000,"kind":"essay"}""", 1)]
    [InlineData("""{"tags":"rare"}""", 6)]
    [InlineData("""{"tags":{"$any":["new"]}}""", 24)]
    [InlineData("""{"tags":{"$eq":["old","rare"]}}""", 6)]
    [InlineData("""{"tags":{"$length":{"$gt":1}}}""", 6)]
    [InlineData("""{"tags":{"$some":{"$element":{"$prefix":"ol"}}}}""", 6)]
    [InlineData("""{"title":{"$prefix":"Book 1"}}""", 11)]
    [InlineData("""{"title":{"$prefix":{"text":"BOOK 1","ignoreCase":true}}}""", 11)]
    [InlineData("""{"text":{"$contains":"oven"}}""", 15)]
    [InlineData("""{"$or":[{"kind":"novel"},{"year":{"$gt":2017}}]}""", 12)]
    [InlineData("""{"$not":{"$and":[{"kind":"novel"},{"tags":"rare"}]}}""", 28)]
    [InlineData("""{"$key":{"$in":["b00","b01","nothing"]}}""", 2)]
    [InlineData("true", 30)]
    [InlineData("false", 0)]
    [InlineData("{}", 30)]
    public async Task Filters_say_what_the_engines_do(string filter, int count)
    {
        var counted = await Api.SendAsync(HttpMethod.Post, "/collections/books/documents/count", $$"""{"filter":{{filter}}}""", 200);
        Assert.Equal(count, counted.GetProperty("count").GetInt32());
        var found = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/search",
            $$"""{"query":"whales bread","vectorField":"meaning","k":100,"total":true,"filter":{{filter}}}""",
            200
        );
        Assert.Equal(count, found.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_schema_comes_back_as_it_was_given()
    {
        var books = await Api.SendAsync(HttpMethod.Get, "/collections/books", null, 200);
        Assert.Equal("string", books.GetProperty("keyKind").GetString());
        var own = books.GetProperty("vectors")[1];
        Assert.Equal("""["euclidean","flat","none",2]""", Compact(own, "metric", "index", "quantization", "dimension"));
        Assert.Equal(64, books.GetProperty("vectors")[0].GetProperty("dimension").GetInt32());

        await Api.SendAsync(
            HttpMethod.Put,
            "/collections/numbered",
            """{"keyKind":"int64","fields":[{"name":"text","isFullText":true}],"vectors":[]}""",
            201
        );
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/numbered/documents",
            """{"documents":[{"key":7,"fields":{"text":"seven"}}]}""",
            200
        );
        var seven = await Api.SendAsync(HttpMethod.Get, "/collections/numbered/documents/7", null, 200);
        Assert.Equal(7, seven.GetProperty("key").GetInt64());
        await Api.SendAsync(HttpMethod.Post, "/collections/numbered/search", """{"query":"seven"}""", 200);
        await Api.SendAsync(HttpMethod.Delete, "/collections/numbered", null, 204);
    }

    [Fact]
    public async Task Without_a_model_callers_bring_vectors()
    {
        await using var plain = await RunningHost.StartAsync(withModel: false);
        await plain.SendAsync(HttpMethod.Put, "/collections/v", """{"vectors":[{"name":"v","dimension":2}]}""", 201);
        await plain.SendAsync(
            HttpMethod.Post,
            "/collections/v/documents",
            """{"documents":[{"key":"x","fields":{"text":"right"},"vectors":{"v":[1,0]}},{"key":"y","fields":{"text":"up"},"vectors":{"v":[0,1]}}]}""",
            200
        );
        var near = await plain.SendAsync(HttpMethod.Post, "/collections/v/search", """{"vector":[0.9,0.1],"k":1,"vectors":true}""", 200);
        Assert.Equal("x", near.GetProperty("hits")[0].GetProperty("key").GetString());
        Assert.Equal(2, near.GetProperty("hits")[0].GetProperty("vectors").GetProperty("v").GetArrayLength());
        var word = await plain.SendAsync(HttpMethod.Post, "/collections/v/search", """{"query":"up"}""", 200);
        Assert.Equal("keyword", word.GetProperty("mode").GetString());
        await plain.SendAsync(HttpMethod.Post, "/v1/embeddings", """{"input":"x"}""", 400);
    }

    [Fact]
    public async Task Documents_are_patched_under_versions()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/versions", null, 201);
        using var made = await PutAsync(
            "/collections/versions/documents/a",
            """{"fields":{"title":"one","text":"first"}}""",
            ("If-None-Match", "*")
        );
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        var tag = made.Headers.ETag!.ToString();
        using var again = await PutAsync("/collections/versions/documents/a", """{"fields":{"text":"second"}}""", ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, again.StatusCode);
        await Api.SendAsync(HttpMethod.Get, "/collections/versions/documents/a", null, 304, ("If-None-Match", tag));
        await Api.SendAsync(
            HttpMethod.Patch,
            "/collections/versions/documents/a",
            """{"fields":{"text":"third"}}""",
            200,
            ("If-Match", tag)
        );
        await Api.SendAsync(HttpMethod.Patch, "/collections/versions/documents/a", """{"fields":{"text":"no"}}""", 412, ("If-Match", tag));
        var read = await Api.SendAsync(HttpMethod.Get, "/collections/versions/documents/a", null, 200);
        Assert.Equal("""["one","third"]""", Compact(read.GetProperty("fields"), "title", "text"));
        await Api.SendAsync(HttpMethod.Delete, "/collections/versions/documents/a", null, 412, ("If-Match", tag));
        await Api.SendAsync(
            HttpMethod.Delete,
            "/collections/versions/documents/a",
            null,
            204,
            ("If-Match", $"\"{read.GetProperty("version").GetString()}\"")
        );
        await Api.SendAsync(HttpMethod.Delete, "/collections/versions", null, 204);
    }

    [Fact]
    public async Task Filters_patch_and_delete()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/swept", null, 201);
        var documents = Enumerable.Range(0, 20).Select(i => new { key = $"{i}", fields = new { text = "t", source = i < 5 ? "a" : "b" } });
        await Api.SendAsync(HttpMethod.Post, "/collections/swept/documents", new { documents }, 200);
        var patched = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/swept/documents/patch",
            """{"filter":{"source":"a"},"changes":{"fields":{"title":"T"}}}""",
            200
        );
        Assert.Equal(5, patched.GetProperty("count").GetInt32());
        var gone = await Api.SendAsync(HttpMethod.Post, "/collections/swept/documents/delete", """{"filter":{"source":"b"}}""", 200);
        Assert.Equal(15, gone.GetProperty("deleted").GetInt32());
        var left = await Api.SendAsync(HttpMethod.Post, "/collections/swept/documents/get", """{"keys":["1","9","4"]}""", 200);
        Assert.Equal(["1", "4"], left.GetProperty("documents").EnumerateArray().Select(d => d.GetProperty("key").GetString()!));
        var batch = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/swept/write",
            """{"operations":[{"upsert":{"key":"new","fields":{"text":"n"}}},{"patch":{"key":"1","fields":{"text":"p"}}},{"merge":{"key":"m","fields":{"text":"m"}}},{"delete":"2"},{"metadata":"state","value":"s"}]}""",
            200
        );
        Assert.Equal("[2,1,1]", Compact(batch, "inserted", "updated", "deleted"));
        var value = await Api.SendAsync(HttpMethod.Get, "/collections/swept/metadata/state", null, 200);
        Assert.Equal("s", value.GetProperty("value").GetString());
        await Api.SendAsync(HttpMethod.Delete, "/collections/swept", null, 204);
    }

    [Fact]
    public async Task A_scroll_sees_one_moment_and_every_document_once()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/scrolled", null, 201);
        var documents = Enumerable.Range(0, 25).Select(i => new { key = $"{i:00}", fields = new { text = "t" } });
        await Api.SendAsync(HttpMethod.Post, "/collections/scrolled/documents", new { documents }, 200);
        var seen = new List<string>();
        var page = await Api.SendAsync(HttpMethod.Post, "/collections/scrolled/documents/scroll", """{"limit":10}""", 200);
        await Api.SendAsync(HttpMethod.Post, "/collections/scrolled/documents/delete", """{"filter":true}""", 200);
        while (true)
        {
            seen.AddRange(page.GetProperty("documents").EnumerateArray().Select(d => d.GetProperty("key").GetString()!));
            if (page.GetProperty("next").GetString() is not { } next)
                break;
            page = await Api.SendAsync(HttpMethod.Post, "/collections/scrolled/documents/scroll", new { after = next }, 200);
            // A page whose reply was lost can be asked for again.
            var repeated = await Api.SendAsync(HttpMethod.Post, "/collections/scrolled/documents/scroll", new { after = next }, 200);
            Assert.Equal(page.GetProperty("documents").GetRawText(), repeated.GetProperty("documents").GetRawText());
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i:00}"), seen.Order());
        await Api.SendAsync(HttpMethod.Delete, "/collections/scrolled", null, 204);
    }

    [Fact]
    public async Task Facets_groups_batches_and_recommendations()
    {
        var facets = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/facets",
            """{"facets":[{"field":"kind"},{"field":"year","borders":[2000,2010]}],"filter":{"year":{"$gte":1995}}}""",
            200
        );
        Assert.Equal(25, facets.GetProperty("total").GetInt32());
        Assert.Equal(
            [5, 10, 10],
            facets.GetProperty("facets")[1].GetProperty("values").EnumerateArray().Select(v => v.GetProperty("count").GetInt32())
        );
        var grouped = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/search",
            """{"query":"sea","mode":"keyword","groupBy":"kind","groupSize":2,"k":2}""",
            200
        );
        Assert.True(grouped.GetProperty("hits").EnumerateArray().GroupBy(h => h.GetProperty("group").ToString()).All(g => g.Count() <= 2));
        var both = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/search/batch",
            """{"searches":[{"query":"oven","mode":"keyword","fields":["title"]},{"vector":[3,1],"vectorField":"own","k":1,"ef":50}]}""",
            200
        );
        var first = both.GetProperty("results")[0].GetProperty("hits")[0].GetProperty("fields");
        Assert.Equal(["title"], first.EnumerateObject().Select(field => field.Name));
        Assert.Equal("b03", both.GetProperty("results")[1].GetProperty("hits")[0].GetProperty("key").GetString());
        var like = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/recommend",
            """{"like":["b10","b12"],"search":{"vectorField":"own","k":3}}""",
            200
        );
        // Nearest to 11, the examples themselves left out.
        Assert.Equal("b11", like.GetProperty("hits")[0].GetProperty("key").GetString());
        Assert.DoesNotContain("b10", like.GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("key").GetString()));
        var away = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/recommend",
            """{"like":["b10"],"dislike":["b05"],"search":{"vectorField":"own","k":1}}""",
            200
        );
        Assert.Equal("b15", away.GetProperty("hits")[0].GetProperty("key").GetString());
        var listed = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/search",
            """{"sort":{"field":"year","descending":true},"k":2,"filter":{"kind":"novel"}}""",
            200
        );
        Assert.Equal(["b27", "b24"], listed.GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("key").GetString()!));
    }

    [Fact]
    public async Task Fusion_per_request_weighs_the_rankers()
    {
        var reply = await Api.SendAsync(
            HttpMethod.Post,
            "/collections/books/search",
            """{"query":"oven","vectorField":"meaning","explain":true,"k":1,"fusion":{"method":"relativeScore","vectorWeight":0,"keywordWeight":1}}""",
            200
        );
        var explanation = reply.GetProperty("hits")[0].GetProperty("explanation");
        Assert.Equal(
            explanation.GetProperty("fused").GetDouble(),
            explanation.GetProperty("keyword").GetProperty("contribution").GetDouble(),
            1e-9
        );
    }

    [Fact]
    public async Task Snapshots_are_fetched_brought_in_and_restored()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/kept", null, 201);
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/kept/documents",
            """{"documents":[{"key":"1","fields":{"text":"kept"}}]}""",
            200
        );
        await Api.SendAsync(HttpMethod.Post, "/collections/kept/snapshots", """{"name":"one"}""", 201);
        var archive = await Api.Client.GetByteArrayAsync("/collections/kept/snapshots/one");
        using var put = new HttpRequestMessage(HttpMethod.Put, "/collections/kept/snapshots/two")
        {
            Content = new ByteArrayContent(archive),
        };
        put.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var taken = await Api.Client.SendAsync(put);
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        var list = await Api.SendAsync(HttpMethod.Get, "/collections/kept/snapshots?limit=1", null, 200);
        Assert.Equal("one", list.GetProperty("next").GetString());

        // Of another collection it is none.
        using var foreign = new HttpRequestMessage(HttpMethod.Put, "/collections/books/snapshots/x")
        {
            Content = new ByteArrayContent(archive),
        };
        foreign.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var refused = await Api.Client.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        await Api.SendAsync(HttpMethod.Post, "/collections/kept/snapshots/two/restore", null, 409);
        await Api.SendAsync(HttpMethod.Delete, "/collections/kept/documents/1", null, 204);
        var restored = await Api.SendAsync(HttpMethod.Post, "/collections/kept/snapshots/two/restore?replace=true", null, 200);
        Assert.Equal(1, restored.GetProperty("records").GetInt32());
        await Api.SendAsync(HttpMethod.Delete, "/collections/kept/snapshots/one", null, 204);
        await Api.SendAsync(HttpMethod.Delete, "/collections/kept", null, 204);
    }

    /// <summary>A snapshot that cannot be opened costs nothing: neither the collection that it would replace nor the name that it would take.</summary>
    [Fact]
    public async Task A_damaged_snapshot_is_not_restored_over_what_is_there()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/safe", null, 201);
        await Api.SendAsync(HttpMethod.Put, "/collections/safe/documents/1", """{"fields":{"text":"safe"}}""", 200);
        await Api.SendAsync(HttpMethod.Post, "/collections/safe/snapshots", """{"name":"bad"}""", 201);
        var folder = Path.Combine(Api.Settings.Api.Snapshots, "safe", "bad");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) != "schema.json")
                await File.WriteAllBytesAsync(file, [.. "damaged"u8], TestContext.Current.CancellationToken);
        }

        await Api.SendAsync(HttpMethod.Post, "/collections/safe/snapshots/bad/restore?replace=true", null, 409);
        await Api.SendAsync(HttpMethod.Get, "/collections/safe/documents/1", null, 200);
        await Api.SendAsync(HttpMethod.Delete, "/collections/safe", null, 204);
        await Api.SendAsync(HttpMethod.Post, "/collections/safe/snapshots/bad/restore", null, 409);
        await Api.SendAsync(HttpMethod.Get, "/collections/safe", null, 404);
        Assert.Empty(Directory.EnumerateDirectories(Api.Settings.Api.Snapshots, ".trial*"));
        await Api.SendAsync(HttpMethod.Delete, "/collections/safe/snapshots/bad", null, 204);
        await Api.SendAsync(HttpMethod.Delete, "/collections/safe/snapshots/bad", null, 404);
    }

    /// <summary>Looking for the neighbours of a word costs the square of its length: one of 6000 letters took 11 s.</summary>
    [Fact]
    public async Task What_is_longer_than_words_are_is_neither_put_right_nor_completed_by_likeness()
    {
        await Api.SendAsync(HttpMethod.Put, "/collections/long", null, 201);
        var (word, chain) = (Letters(40), Letters(120));
        await Api.SendAsync(HttpMethod.Put, "/collections/long/documents/1", new { fields = new { text = $"{word} {chain}" } }, 200);
        foreach (var (text, isFound) in new[] { (Misspelt(word), true), (Misspelt(chain), false) })
        {
            var suggested = await Api.SendAsync(HttpMethod.Get, "/collections/long/suggest?text=" + text, null, 200);
            Assert.Equal(isFound ? 1 : 0, suggested.GetProperty("suggestions").GetArrayLength());
            var found = await Api.SendAsync(HttpMethod.Post, "/collections/long/search", new { query = text, mode = "keyword" }, 200);
            Assert.Equal(isFound ? 1 : 0, found.GetProperty("hits").GetArrayLength());
        }

        static string Letters(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)('a' + i * 7 % 26)));
        static string Misspelt(string word) => word[..8] + 'z' + word[9..];
    }

    [Fact]
    public async Task Exports_are_imported_and_collections_are_kept_sound()
    {
        var export = await Api.Client.GetByteArrayAsync("/collections/books/export");
        using var content = new ByteArrayContent(export);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var reply = await Api.Client.PostAsync("/collections/copied/import", content);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        var copied = await Api.SendAsync(HttpMethod.Get, "/collections/copied", null, 200);
        Assert.Equal(30, copied.GetProperty("records").GetInt32());
        foreach (var what in new[] { "checkpoint", "compact", "reopen", "repair", "verify" })
            await Api.SendAsync(HttpMethod.Post, $"/collections/copied/{what}", null, 200);
        using var cut = new ByteArrayContent(export[..(export.Length / 2)]);
        cut.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var refused = await Api.Client.PostAsync("/collections/copied/import", cut);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await Api.SendAsync(HttpMethod.Delete, "/collections/copied", null, 204);
    }

    private Task<HttpResponseMessage> PutAsync(string path, string body, (string Name, string Value) header)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return Api.Client.SendAsync(request);
    }

    private static string Compact(JsonElement element, params string[] names) =>
        JsonSerializer.Serialize(names.Select(name => element.GetProperty(name)));
}
