using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using static SearchEngine.Api.Tests.HostileRequest;

namespace SearchEngine.Api.Tests;

/// <summary>
/// Requests that are wrong in every way that was thought of: each gets a 4xx with one sentence that names no part of the program, and
/// nothing of it is stored.
/// </summary>
public sealed class HostileTests
{
    private const string Documents = "/documents";
    private const string Find = "/search";

    private static readonly HostileRequest[] Table =
    [
        // Bodies that are no JSON of the address.
        Post(Documents, """{"documents":[null]}""", 400, "null"),
        Post(Documents, """{"documents":null}""", 400, "documents"),
        Post(Documents, """{}""", 400, "documents"),
        Post(Documents, """[]""", 400, "kind"),
        Post(Documents, """null""", 400, "openapi"),
        Post(Documents, "", 400, "body"),
        Post(Documents, """{"documents":{}}""", 400, "kind"),
        Post(Documents, """{"documents":[[]]}""", 400, "kind"),
        Post(Documents, """{"documents":[{"key":"k"}],"more":1}""", 400, "more"),
        Post(Documents, """{"documents":[{"key":"k"}],"documents":[]}""", 400, "documents"),
        Post(Documents, """{"documents":[{"key":"k"}""", 400, "body"),
        Post(Documents, """{"documents":[{"key":"k"}]}}""", 400, "body"),
        Post(Documents, """{'documents':[]}""", 400, "body"),
        Post(Documents, new string('[', 10_000), 400, "body"),
        Post(
            Documents,
            """{"documents":[{"key":"k","fields":{"text":""" + new string('[', 100) + new string(']', 100) + "}}]}",
            400,
            "deep"
        ),
        new(
            "POST",
            "/collections/h/documents",
            [.. """{"documents":[{"key":"k","fields":{"text":"""u8, 0x22, 0xFF, 0xFE, 0x22, .. "}}]}"u8],
            400,
            "UTF-8"
        ),
        new("POST", "/collections/h/documents", [.. """{"documents":[{"key":"""u8, 0x22, 0xC0, 0x80, 0x22, .. "}]}"u8], 400, "UTF-8"),
        new("POST", "/collections/h/documents", [0xED, 0xA0, 0x80], 400, "UTF-8"),
        new("POST", "/collections/h/documents", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], 400, "UTF-8"),
        new("POST", "/collections/h/documents", new byte[3 << 20], 413, "bytes"),
        // Types and charsets.
        Post(Documents, """{"documents":[]}""", 415, "UTF-8", "application/json; charset=utf-16"),
        Post(Documents, """{"documents":[]}""", 415, "UTF-8", "application/json; charset=klingon"),
        Post(Documents, """{"documents":[]}""", 415, "JSON", "text/plain"),
        Post(Documents, """documents=1""", 415, "JSON", "application/x-www-form-urlencoded"),
        Post(Documents, """{"documents":[]}""", 415, "JSON", "multipart/form-data; boundary=x"),
        Post(Documents, """{"documents":[]}""", 415, "JSON", null),
        Post("/import", """{}""", 415, "x-ndjson"),
        new("PUT", "/collections/h/snapshots/s", "{}"u8.ToArray(), 415, "x-tar"),
        // Keys.
        Post(Documents, """{"documents":[{}]}""", 400, "key"),
        Post(Documents, """{"documents":[{"key":null}]}""", 400, "key"),
        Post(Documents, """{"documents":[{"key":true}]}""", 400, "key"),
        Post(Documents, """{"documents":[{"key":{}}]}""", 400, "key"),
        Post(Documents, """{"documents":[{"key":[]}]}""", 400, "key"),
        Post(Documents, """{"documents":[{"key":""}]}""", 400, "empty"),
        Post(Documents, """{"documents":[{"key":"\ud800"}]}""", 400, "surrogate"),
        Post(Documents, """{"documents":[{"key":"a\udc00b"}]}""", 400, "surrogate"),
        Post(Documents, """{"documents":[{"key":"K"}]}""".Replace("K", new string('k', 4_001)), 400, "4000"),
        Post(Documents + "/get", """{"keys":[null]}""", 400, "key"),
        Post(Documents + "/get", """{"keys":["\udfff"]}""", 400, "surrogate"),
        Post(Documents + "/get", """{"keys":[""" + Many(1_001, "1") + "]}", 400, "1000"),
        Post(Documents + "/delete", """{}""", 400, "filter"),
        Post(Documents + "/delete", """{"keys":[],"filter":{}}""", 400, "either"),
        Post(Documents + "/delete", """{"keys":["\ud83d"]}""", 400, "surrogate"),
        // Fields and vectors.
        Post(Documents, """{"documents":[{"key":"k","fields":{"number":1e400}}]}""", 400, "number"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"number":-1e400}}]}""", 400, "number"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"number":"Infinite"}}]}""", 400, "number"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"number":{}}}]}""", 400, "number"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"small":70000}}]}""", 400, "small"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"small":1.5}}]}""", 400, "small"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"day":"2024-02-30"}}]}""", 400, "day"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"tags":"a"}}]}""", 400, "tags"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"text":"\ud800"}}]}""", 400, "text"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"tags":["\ud800"]}}]}""", 400, "tags"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"\ud800":1}}]}""", 400, "body"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"nowhere":1}}]}""", 400, "nowhere"),
        Post(Documents, """{"documents":[{"key":"k","fields":[]}]}""", 400, "kind"),
        Post(Documents, """{"documents":[{"key":"k","vectors":{"vector":[1,2]}}]}""", 400, "dimension"),
        Post(Documents, """{"documents":[{"key":"k","vectors":{"own":[1e400,0,0]}}]}""", 400, "own"),
        Post(Documents, """{"documents":[{"key":"k","vectors":{"own":["NaN",0,0]}}]}""", 400, "own"),
        Post(Documents, """{"documents":[{"key":"k","vectors":{"own":[0,0,0]}}]}""", 400, "zero"),
        Post(Documents, """{"documents":[{"key":"k","vectors":{"own":[]}}]}""", 400, "own"),
        Post(Documents, """{"documents":[{"key":"k","vectors":{"none":[1]}}]}""", 400, "none"),
        Post(Documents, """{"documents":[{"key":"k","version":"new"}]}""", 400, "version"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"text":"a"}},{"key":"l","fields":{"small":1e9}}]}""", 400, "small"),
        Post(Documents, """{"documents":[{"key":"k","embeddingTexts":{"vector":7}}]}""", 400, "kind"),
        Post(Documents, """{"documents":[{"key":"one","version":"999999"}]}""", 412, "version"),
        // Batches.
        Post("/write", """{"operations":null}""", 400, "list"),
        Post("/write", """{"operations":[null]}""", 400, "operation"),
        Post("/write", """{"operations":[{}]}""", 400, "upsert"),
        Post("/write", """{"operations":[{"upsert":[]}]}""", 400, "object"),
        Post("/write", """{"operations":[{"upsert":{"key":"k","fields":{"number":1e400}}}]}""", 400, "number"),
        Post("/write", """{"operations":[{"upsert":{"key":"k","vectors":{"own":[1e60,0,0]}}}]}""", 400, "own"),
        Post("/write", """{"operations":[{"delete":"\ud800"}]}""", 400, "surrogate"),
        Post("/write", """{"operations":[{"metadata":null}]}""", 400, "metadata"),
        Post("/write", """{"operations":[{"metadata":"\ud800","value":"x"}]}""", 400, "Operation 0"),
        Post(Documents + "/patch", """{"filter":{"text":{"$what":1}},"changes":{}}""", 400, "$what"),
        Post(Documents + "/patch", """{"filter":true,"changes":{"fields":{"number":1e999}}}""", 400, "number"),
        // Searches.
        Post(Find, """{}""", 400, "query"),
        Post(Find, """{"query":"  "}""", 400, "query"),
        Post(Find, """{"query":"x","k":0}""", 400, "k is from 1"),
        Post(Find, """{"query":"x","k":1000000}""", 400, "k is from 1"),
        Post(Find, """{"query":"x","k":1e9}""", 400, "kind"),
        Post(Find, """{"query":"x","skip":-1}""", 400, "skip"),
        Post(Find, """{"query":"x","skip":2147483647}""", 400, "100000"),
        Post(Find, """{"query":"x","mode":"psychic"}""", 400, "kind"),
        Post(Find, """{"query":"x","mode":7}""", 400, "kind"),
        Post(Find, """{"query":"\ud800"}""", 400, "body"),
        Post(Find, """{"query":7}""", 400, "kind"),
        Post(Find, """{"query":"x","ef":100000000}""", 400, "ef"),
        Post(Find, """{"query":"x","fusion":{"vectorWeight":-1}}""", 400, "weight"),
        Post(Find, """{"query":"x","fusion":{"vectorWeight":1e400,"keywordWeight":1}}""", 400, "weight"),
        Post(Find, """{"query":"x","fusion":{"depth":2000000000}}""", 400, "depth"),
        Post(Find, """{"query":"x","minimumScore":1e400}""", 400, "minimumScore"),
        Post(Find, """{"vector":[],"vectorField":"own"}""", 400, "dimension"),
        Post(Find, """{"vector":[1,null,3],"vectorField":"own"}""", 400, "component 1"),
        Post(Find, """{"vector":[1,2,"three"],"vectorField":"own"}""", 400, "component 2"),
        Post(Find, """{"vector":[1,[2],3],"vectorField":"own"}""", 400, "component 1"),
        Post(Find, """{"vector":{"0":1},"vectorField":"own"}""", 400, "vector"),
        Post(Find, """{"vector":[1,2,""", 400, "body"),
        Post(Find, """{"vector":[1,2,1e400],"vectorField":"own"}""", 400, "finite"),
        Post(Find, """{"vector":[1,2,3],"vectorField":"elsewhere"}""", 400, "elsewhere"),
        Post(Find, """{"query":"x","textFields":[null]}""", 400, "null"),
        Post(Find, """{"query":"x","textFields":[],"vectorField":"own"}""", 400, "TextFields"),
        Post(Find, """{"query":"x","facets":[null]}""", 400, "null"),
        Post(Find, """{"query":"x","facets":[{"field":"number","borders":[null]}]}""", 400, "null"),
        Post(Find, """{"query":"x","facets":[{"field":"text"}],"vectorField":"vector"}""", 400, "filterable"),
        Post(Find, """{"query":"x","snippetLength":-1}""", 400, "snippetLength"),
        Post(Find, """{"query":"x","groupBy":"tags","vectorField":"vector"}""", 400, "tags"),
        Post(Find, """{"query":"x","filter":"text"}""", 400, "filter"),
        Post(Find, """{"query":"x","filter":[]}""", 400, "filter"),
        Post(Find, """{"query":"x","filter":{"$and":{}}}""", 400, "$and"),
        Post(Find, """{"query":"x","filter":{"$script":"1"}}""", 400, "$script"),
        Post(Find, """{"query":"x","filter":{"\ud800":1}}""", 400, "filter"),
        Post(Find, """{"query":"x","filter":{"number":{}}}""", 400, "number"),
        Post(Find, """{"query":"x","filter":{"number":{"$gt":1e400}}}""", 400, "number"),
        Post(Find, """{"query":"x","filter":{"text":{"$prefix":null}}}""", 400, "$prefix"),
        Post(Find, """{"query":"x","filter":{"$or":[""" + Many(2_000, "true") + "]}}", 400, "1000"),
        Post(Find + "/batch", """{"searches":[null]}""", 400, "null"),
        Post(Find + "/batch", """{"searches":[""" + Many(101, """{"query":"x"}""") + "]}", 400, "100"),
        Post("/recommend", """{"like":[]}""", 400, "liked"),
        Post("/recommend", """{"like":["nobody"],"search":{"vectorField":"own"}}""", 400, "nobody"),
        Post("/recommend", """{"like":[null]}""", 400, "key"),
        Post("/facets", """{"facets":[{"field":"number","top":0}]}""", 400, "top"),
        Post(Documents + "/scroll", """{"limit":0}""", 400, "limit"),
        Post(Documents + "/scroll", """{"after":"nonsense"}""", 400, "after"),
        Post(Documents + "/scroll", """{"after":"ffff.1"}""", 410, "over"),
        Post(Documents + "/scroll", """{"orderBy":[{"field":"tags"}]}""", 400, "tags"),
        Post(Documents + "/stream", """{"skip":-1}""", 400, "skip"),
        // Searches without end: they would work past every time limit.
        Post(Find, """{"query":"Q","mode":"keyword"}""".Replace("Q", new string('q', 20_001)), 400, "20000"),
        Post(Find, """{"keywords":["Q"]}""".Replace("Q", new string('q', 20_001)), 400, "20000"),
        Post(Find, """{"query":"x","facets":[""" + Many(101, """{"field":"number"}""") + "]}", 400, "facets"),
        Post(Find, """{"query":"x","boosts":[""" + Many(101, """{"field":"number","weight":1,"pivot":1}""") + "]}", 400, "boosts"),
        Post(Find, """{"query":"x","textFields":[""" + Many(101, "\"text\"") + "]}", 400, "textFields"),
        Post(Find, """{"query":"x","vectorQueries":[""" + Many(101, """{"field":"own","vector":[1,2,3]}""") + "]}", 400, "vectorQueries"),
        Post("/facets", """{"facets":[{"field":"number","borders":[""" + Many(1_001, "1") + "]}]}", 400, "borders"),
        Post(Documents + "/scroll", """{"limit":1,"orderBy":[""" + Many(101, """{"field":"number"}""") + "]}", 400, "orderBy"),
        // What is quoted of a request stays a sentence.
        Post(Documents, """{"documents":[{"key":"k","fields":{"F":1}}]}""".Replace("F", new string('f', 100_000)), 400, "it has: text"),
        Post(Documents, """{"documents":[],"M":1}""".Replace("M", new string('m', 100_000)), 400, "does not know"),
        Post(Documents, """{"documents":[{"key":"k","fields":{"a\nb\u2028c":1}}]}""", 400, "a b c"),
        Post(Documents, " ", 400, "ends before"),
        // Exports and snapshots.
        new("POST", "/collections/i/import", [0x7B, 0xFF, 0x7D, 0x0A], 400, "UTF-8", "application/x-ndjson"),
        new("POST", "/collections/i/import", new byte[5 << 20], 400, "characters", "application/x-ndjson"),
        new("POST", "/collections/i/import", "[]\n"u8.ToArray(), 400, "header", "application/x-ndjson"),
        Tar(400, "no tar"),
        Tar(400, "two entries", ("a", "x"), ("a", "y")),
        Tar(400, "two entries", ("a", "x"), ("a/b", "y")),
        Tar(400, "outside", ("../../a", "x")),
        Tar(400, "name", (new string('a', 101), "x")),
        Tar(400, "no snapshot", ("schema.json", "[1]")),
        new(
            "PUT",
            "/collections/h/snapshots/s",
            new byte[] { 0x41, 0x42 }
                .Concat(new byte[2_000])
                .ToArray(),
            400,
            "snapshot",
            "application/x-tar"
        ),
        // Names and addresses.
        Post("/snapshots", """{"name":"../up"}""", 400, "letters"),
        Post("/snapshots", """{"name":null}""", 400, "name"),
        new("POST", "/collections/h/snapshots/..%2F..%2Fetc/restore", null, 400, "letters"),
        new("GET", "/collections/h/snapshots/nothing", null, 404, "nothing"),
        new("GET", "/collections/h/suggest", null, 400, "address"),
        new("GET", "/collections/h/suggest?text=a&top=-1", null, 400, "suggestions"),
        new("GET", "/collections/h/suggest?text=a&top=x", null, 400, "address"),
        new("GET", "/collections?limit=0", null, 400, "limit"),
        new("GET", "/collections/nowhere", null, 404, "nowhere"),
        new("GET", "/nowhere", null, 404, ""),
        new("PUT", "/collections/h", null, 409, "schema"),
        new("PUT", "/collections/" + new string('n', 129), null, 400, "128"),
        new("PUT", "/collections/a%00b", null, 400, ""),
        new("PUT", "/collections/new", """{"fields":[null]}"""u8.ToArray(), 400, "null"),
        new("PUT", "/collections/new", """{"fields":[{"name":null}]}"""u8.ToArray(), 400, "name"),
        new("PUT", "/collections/new", """{"fields":[{"name":"$key"}]}"""u8.ToArray(), 400, "$"),
        new("PUT", "/collections/new", """{"fields":[{"name":"a","boost":1e400,"isFullText":true}]}"""u8.ToArray(), 400, "boost"),
        new("PUT", "/collections/new", """{"vectors":[{"name":"v"}]}"""u8.ToArray(), 400, "dimension"),
        new("PUT", "/collections/new", """{"vectors":[{"name":"v","dimension":100000000}]}"""u8.ToArray(), 400, "dimension"),
        new("PUT", "/collections/new", """{"vectors":[{"name":"v","dimension":4,"metric":"manhattan"}]}"""u8.ToArray(), 400, "flat"),
        new("PUT", "/collections/new", """{"analyzer":"klingon"}"""u8.ToArray(), 400, "analyzer"),
        new("PUT", "/collections/h/documents/k", """{"fields":{"number":1e400}}"""u8.ToArray(), 400, "number"),
        new("PATCH", "/collections/h/documents/nobody", """{"fields":{"text":"x"}}"""u8.ToArray(), 404, "nobody"),
        new("DELETE", "/collections/h/documents/nobody", null, 404, "nobody"),
        new("DELETE", "/collections/h/documents", null, 400, "body"),
        new("TRACE", "/collections", null, 405, ""),
    ];

    [Fact]
    public async Task Every_hostile_request_is_refused_in_one_sentence_and_stores_nothing()
    {
        Assert.True(Table.Length >= 100, $"There are only {Table.Length}.");
        await using var host = await RunningHost.StartAsync(api => api with { MaxRequestBytes = 2 << 20 });
        await host.SendAsync(
            HttpMethod.Put,
            "/collections/h",
            """
            {"fields":[{"name":"text","isFullText":true},{"name":"number","type":"double","isFilterable":true},{"name":"small","type":"int16"},
            {"name":"day","type":"dateOnly"},{"name":"tags","isList":true,"isFilterable":true}],
            "vectors":[{"name":"vector","sourceField":"text"},{"name":"own","dimension":3}]}
            """,
            201
        );
        await host.SendAsync(
            HttpMethod.Post,
            "/collections/h/documents",
            """{"documents":[{"key":"one","fields":{"text":"first"}}]}""",
            200
        );
        var before = await StateAsync(host);
        var wrong = new List<string>();
        foreach (var request in Table)
        {
            using var message = request.ToMessage();
            using var reply = await host.Client.SendAsync(message);
            if (Judge(request, (int)reply.StatusCode, await reply.Content.ReadAsStringAsync()) is { } fault)
                wrong.Add($"{request}: {fault}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(before, await StateAsync(host));
    }

    private static HostileRequest Tar(int status, string says, params (string Name, string Text)[] entries)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                writer.WriteEntry(
                    new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) }
                );
            }
        }

        var body = entries.Length == 0 ? "no archive"u8.ToArray() : archive.ToArray();
        return new("PUT", "/collections/h/snapshots/s", body, status, says, "application/x-tar");
    }

    private static string Many(int count, string item) => string.Join(',', Enumerable.Repeat(item, count));

    private static string? Judge(HostileRequest request, int status, string content)
    {
        if (status != request.Status)
            return $"{status}, expected {request.Status}: {content}";
        if (content.Length == 0)
            return request.Says.Length == 0 ? null : "no sentence";
        var problem = JsonSerializer.Deserialize<JsonElement>(content);
        var detail = problem.TryGetProperty("detail", out var text) ? text.GetString()! : string.Empty;
        if (!detail.Contains(request.Says, StringComparison.OrdinalIgnoreCase))
            return $"'{detail}' does not say '{request.Says}'";
        if (detail.Length > 1_100)
            return $"a sentence of {detail.Length} characters";
        foreach (var inside in new[] { "SearchEngine.", "System.", "Parameter '", "   at ", "/tmp", "Exception", "\n" })
        {
            if (detail.Contains(inside, StringComparison.Ordinal))
                return $"'{detail}' tells '{inside}'";
        }

        return null;
    }

    private static async Task<string> StateAsync(RunningHost host)
    {
        var collections = await host.SendAsync(HttpMethod.Get, "/collections", null, 200);
        var names = collections.GetProperty("collections").EnumerateArray().Select(c => c.GetProperty("name").GetString());
        var documents = await host.SendAsync(HttpMethod.Post, "/collections/h/documents/scroll", """{"vectors":true}""", 200);
        return new StringBuilder().AppendJoin(',', names).Append(documents.GetProperty("documents").GetRawText()).ToString();
    }
}
