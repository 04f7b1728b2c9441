using System.Text.Json;

namespace SearchEngine.Cli.Tests;

[Collection(DatabaseTests.Name)]
public sealed class SearchTests(IngestedDatabase database)
{
    [Fact]
    public void The_ingest_read_every_kind_of_file()
    {
        var report = database.Ingest.Json;
        Assert.Equal("default", report.GetProperty("collection").GetString());
        Assert.Equal(4, report.GetProperty("files").GetProperty("read").GetInt32());
        Assert.Empty(report.GetProperty("failed").EnumerateArray());
        Assert.True(report.GetProperty("chunks").GetInt64() >= 5);
    }

    [Theory]
    [InlineData("keyword", "oil chain rain", "bicycle.html")]
    [InlineData("hybrid", "oil chain rain", "bicycle.html")]
    [InlineData("keyword", "rotating lens", "notes.jsonl")]
    [InlineData("hybrid", "delta sand settles", "rivers.txt")]
    [InlineData("vector", "Rivers carry sediment from the mountains to the sea", "rivers.txt")]
    public async Task A_query_finds_its_file_in_every_mode(string mode, string query, string file)
    {
        var result = (await database.RunAsync("search", query, "--mode", mode, "-k", "3", "--json")).Expect(0);

        var report = result.Json;
        Assert.Equal(mode, report.GetProperty("mode").GetString());
        var hits = report.GetProperty("hits").EnumerateArray().ToArray();
        Assert.InRange(hits.Length, 1, 3);
        Assert.Contains(file, hits[0].GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.NotNull(hits[0].GetProperty("title").GetString());
        Assert.Equal(Enumerable.Range(1, hits.Length), hits.Select(hit => hit.GetProperty("rank").GetInt32()));
        Assert.Equal(
            hits.Select(hit => hit.GetProperty("score").GetDouble()).OrderDescending(),
            hits.Select(hit => hit.GetProperty("score").GetDouble())
        );
    }

    [Fact]
    public async Task A_reranker_reads_the_best_hits_and_the_parts_add_up()
    {
        var result = (await database.RunAsync("search", "oil chain rain", "--rerank", "late", "--rerank-top", "3", "--explain", "--json"))
            .Expect(0)
            .Json;
        Assert.Equal(3, result.GetProperty("rerank").GetProperty("read").GetInt32());
        var hits = result.GetProperty("hits").EnumerateArray().ToArray();
        Assert.EndsWith("bicycle.html", hits[0].GetProperty("source").GetString(), StringComparison.Ordinal);
        foreach (var hit in hits)
        {
            var parts = new[] { "vector", "keyword", "reranker" }
                .Select(name => hit.GetProperty("explanation").GetProperty(name))
                .Where(part => part.ValueKind == JsonValueKind.Object)
                .Sum(part => part.GetProperty("contribution").GetDouble());
            Assert.InRange(hit.GetProperty("score").GetDouble() - parts, -1e-9, 1e-9);
        }
    }

    [Fact]
    public async Task What_changes_the_order_is_explained_and_a_missing_record_is_told_of()
    {
        string[] common = ["search", "oil chain rain", "--diversity", "0.6", "--recent", "modified:30:0.5", "--explain"];
        var result = (await database.RunAsync([.. common, "--json"])).Expect(0).Json;
        var hits = result.GetProperty("hits").EnumerateArray().ToArray();
        foreach (var hit in hits)
        {
            var explanation = hit.GetProperty("explanation");
            var boost = Assert.Single(explanation.GetProperty("boosts").EnumerateArray()).GetProperty("contribution").GetDouble();
            Assert.InRange(boost, 1e-9, 0.5);
            var parts = new[] { "vector", "keyword" }
                .Select(name => explanation.GetProperty(name))
                .Where(part => part.ValueKind == JsonValueKind.Object)
                .Sum(part => part.GetProperty("contribution").GetDouble());
            Assert.Equal(hit.GetProperty("score").GetDouble(), parts + boost, 1e-9);
            Assert.Equal(JsonValueKind.Object, explanation.GetProperty("diversity").ValueKind);
        }

        string[] twice = ["--vector-field", "vector:2", "--vector-field", "vector:1"];
        var joint = (await database.RunAsync([.. common, .. twice, "--json"]))
            .Expect(0)
            .Json.GetProperty("hits")[0]
            .GetProperty("explanation");
        Assert.Equal(
            joint.GetProperty("vector").GetProperty("contribution").GetDouble(),
            joint.GetProperty("vectors").EnumerateArray().Sum(part => part.GetProperty("contribution").GetDouble()),
            1e-9
        );

        var key = hits[^1].GetProperty("key").GetString()!;
        var told = (await database.RunAsync([.. common, "-k", "1", "--why-not", key])).Expect(0);
        Assert.Contains($"{key}: It is number {hits.Length}, behind the page", told.Out, StringComparison.Ordinal);
        Assert.Contains("modified 0.", told.Out, StringComparison.Ordinal);
        var missing = (await database.RunAsync("search", "rain", "--mode", "keyword", "--why-not", "no#1", "--json")).Expect(0).Json;
        Assert.Equal("missing", missing.GetProperty("verdict").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("--recent", "modified", "FIELD:DAYS")]
    [InlineData("--boost", "chunk:many", "FIELD:PIVOT")]
    [InlineData("--boost", "nofield:3", "'nofield'")]
    [InlineData("--diversity", "1.5", "weight of Diversity is 1.5")]
    [InlineData("--diversity-top", "5", "--diversity W")]
    [InlineData("--vector-field", "vector:much", "FIELD[:WEIGHT]")]
    public async Task A_mistake_in_what_changes_the_order_is_named(string option, string value, string culprit) =>
        (await database.RunAsync("search", "bread", "--mode", "keyword", option, value)).ExpectOneLineError(culprit);

    [Theory]
    [InlineData("--rerank", "nowhere/at/all", "nowhere/at/all")]
    [InlineData("--rerank-top", "3", "--rerank MODEL")]
    public async Task A_reranker_that_is_not_there_is_named(string option, string value, string says) =>
        Assert.Contains(says, (await database.RunAsync("search", "rain", option, value)).Expect(2).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("--type", "html", "bicycle.html")]
    [InlineData("--path", "*.txt", "rivers.txt")]
    [InlineData("--path", "docs/bread.md", "bread.md")]
    [InlineData("--where", "source contains 'notes.jsonl' and not (chunk < 0 or title = none)", "notes.jsonl")]
    [InlineData("--where", "type in (md, rst)", "bread.md")]
    public async Task A_scope_leaves_only_its_files(string option, string value, string file)
    {
        var hits = (await database.RunAsync("search", "the chain and the river and the bread and the lighthouse", option, value, "--json"))
            .Expect(0)
            .Json.GetProperty("hits");

        Assert.All(hits.EnumerateArray(), hit => Assert.EndsWith(file, hit.GetProperty("source").GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--where", "yeer >= 2020", "yeer")]
    [InlineData("--where", "chunk >= many", "many")]
    [InlineData("--where", "(chunk = 1", "parenthesis")]
    [InlineData("--since", "someday", "someday")]
    public async Task A_mistake_in_a_scope_is_named(string option, string value, string culprit) =>
        (await database.RunAsync("search", "bread", "--mode", "keyword", option, value)).ExpectOneLineError(culprit);

    [Fact]
    public async Task Hits_are_paged_grouped_and_dated()
    {
        var all = (await database.RunAsync("search", "bread chain rivers lens", "--mode", "keyword", "--json"))
            .Expect(0)
            .Json.GetProperty("hits")
            .EnumerateArray()
            .ToList();
        var second = (await database.RunAsync("search", "bread chain rivers lens", "--mode", "keyword", "--skip", "1", "-k", "1", "--json"))
            .Expect(0)
            .Json.GetProperty("hits")[0];
        Assert.Equal(
            (2, all[1].GetProperty("key").GetString()),
            (second.GetProperty("rank").GetInt32(), second.GetProperty("key").GetString())
        );

        var grouped = (await database.RunAsync("search", "bread chain rivers lens", "--mode", "keyword", "--group", "--json"))
            .Expect(0)
            .Json.GetProperty("hits")
            .EnumerateArray()
            .ToList();
        Assert.Equal(all.Count, grouped.Sum(h => 1 + h.GetProperty("morePassages").GetInt32()));
        Assert.All(grouped, h => Assert.True(File.Exists(h.GetProperty("path").GetString())));

        (await database.RunAsync("search", "bread", "--mode", "keyword", "--since", "2999-01-01")).Expect(1);
        (await database.RunAsync("search", "bread", "--mode", "keyword", "--min-score", "1e9")).Expect(1);
    }

    [Fact]
    public async Task Explain_gives_each_rankers_rank_and_score_and_the_fused_one()
    {
        var result = (await database.RunAsync("search", "oil the chain", "--explain", "--json")).Expect(0);

        var hit = result.Json.GetProperty("hits")[0];
        var explanation = hit.GetProperty("explanation");
        var vector = explanation.GetProperty("vector");
        var keyword = explanation.GetProperty("keyword");
        var sum = vector.GetProperty("contribution").GetDouble() + keyword.GetProperty("contribution").GetDouble();
        Assert.Equal(hit.GetProperty("score").GetDouble(), explanation.GetProperty("fused").GetDouble(), 1e-9);
        Assert.Equal(explanation.GetProperty("fused").GetDouble(), sum, 1e-9);
        // The best of each ranking gets its whole weight, and the weights are 1 together; this one is the best of both.
        Assert.Equal(1, keyword.GetProperty("rank").GetInt32());
        Assert.Equal(1, vector.GetProperty("rank").GetInt32());
        Assert.Equal(1, sum, 1e-9);
        Assert.InRange(vector.GetProperty("contribution").GetDouble(), 0.6, 0.95);
        Assert.NotEmpty(explanation.GetProperty("terms").EnumerateArray());
    }

    [Fact]
    public async Task Piped_output_is_plain_and_marks_the_matches()
    {
        var result = (await database.RunAsync("search", "lighthouse", "beam", "--mode", "keyword", "--explain")).Expect(0);

        Assert.DoesNotContain('\u001b', result.Out + result.Error);
        Assert.StartsWith("1. Lighthouses  ", result.Out, StringComparison.Ordinal);
        Assert.Contains("**beam**", result.Out, StringComparison.Ordinal);
        Assert.Contains("notes.jsonl", result.Out, StringComparison.Ordinal);
        Assert.Contains("rank 1", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headings_are_shown_with_the_source()
    {
        var result = (await database.RunAsync("search", "sourdough culture", "--mode", "keyword")).Expect(0);

        Assert.Contains("bread.md", result.OutLines[1], StringComparison.Ordinal);
        Assert.Contains("Sourdough starter", result.OutLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_found_is_exit_code_1()
    {
        var result = (await database.RunAsync("search", "zyzzyva", "--mode", "keyword", "--json")).Expect(1);

        Assert.Equal(JsonValueKind.Array, result.Json.GetProperty("hits").ValueKind);
        Assert.Contains("nothing found", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keyword_search_and_management_load_no_model()
    {
        // A model that cannot be loaded does not matter to them.
        var environment = new Dictionary<string, string> { ["SEARCHENGINE_MODEL"] = "/nonexistent/model" };
        foreach (
            var arguments in new string[][]
            {
                ["search", "chain", "--mode", "keyword"],
                ["collection", "list"],
                ["collection", "info", "default"],
            }
        )
        {
            (await CliProcess.RunWithAsync(database.WorkingFolder, null, environment, [.. arguments, "--data", "data"])).Expect(0);
        }
    }

    [Fact]
    public async Task An_unknown_collection_lists_those_that_exist() =>
        (await database.RunAsync("search", "x", "--mode", "keyword", "--collection", "nope")).ExpectOneLineError("'nope'", "default");

    [Fact]
    public async Task A_missing_model_folder_is_named() =>
        (await database.RunAsync("search", "x", "--model", "no-such-model")).ExpectOneLineError("no-such-model", "--model");

    [Fact]
    public async Task The_collection_is_listed_described_and_sound()
    {
        var list = (await database.RunAsync("collection", "list", "--json")).Expect(0).Json;
        var listed = Assert.Single(list.EnumerateArray());
        Assert.Equal("default", listed.GetProperty("name").GetString());

        var info = (await database.RunAsync("collection", "info", "default", "--json")).Expect(0).Json;
        Assert.Equal(database.Ingest.Json.GetProperty("chunks").GetInt64(), info.GetProperty("records").GetInt64());
        Assert.Contains(info.GetProperty("vectors").EnumerateArray(), vector => vector.GetProperty("name").GetString() == "vector");
        Assert.StartsWith("name", (await database.RunAsync("collection", "info", "default")).Expect(0).Out, StringComparison.Ordinal);

        var verified = (await database.RunAsync("collection", "verify", "default", "--json")).Expect(0).Json;
        Assert.True(verified.GetProperty("sound").GetBoolean());
        Assert.Empty(verified.GetProperty("problems").EnumerateArray());
    }

    [Fact]
    public async Task A_database_in_use_names_the_process_that_holds_it()
    {
        // An ingest that waits for the rest of its input would be nicer; holding the lock from here is the same to the second process.
        await using var held = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = database.DataFolder });

        var result = await database.RunAsync("search", "chain", "--mode", "keyword");

        result.ExpectOneLineError("in use", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
