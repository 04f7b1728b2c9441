namespace SearchEngine.Cli.Tests;

public sealed class EvaluationTests
{
    [Fact]
    public async Task Keyword_retrieval_gives_the_metrics_computed_by_hand()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);

        var result = (await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "set", "--mode", "keyword", "--json")).Expect(0);

        // q1: both relevant documents are the only two with the word, so nDCG, recall and reciprocal rank are 1.
        // q2: the relevant one has the word once, the other three times in a text of the same length: it comes second, 1/log2(3).
        // q3: its word is in no document: 0. q4 has no judgement above 0 and does not count.
        var json = result.Json;
        Assert.Equal((1 + (1 / Math.Log2(3)) + 0) / 3, json.GetProperty("ndcg@10").GetDouble(), 1e-9);
        Assert.Equal(2.0 / 3, json.GetProperty("recall@100").GetDouble(), 1e-9);
        Assert.Equal((1 + 0.5 + 0) / 3, json.GetProperty("mrr@10").GetDouble(), 1e-9);
        Assert.Equal((1 + 0.5 + 0) / 3, json.GetProperty("map@100").GetDouble(), 1e-9);
        Assert.Equal(3, json.GetProperty("queries").GetInt32());
        Assert.Equal(5, json.GetProperty("documents").GetInt32());
        Assert.Single(result.OutLines);
    }

    [Fact]
    public async Task Hybrid_and_vector_retrieval_run_through_the_model()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);

        foreach (var mode in new[] { "hybrid", "vector" })
        {
            var result = (await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "set", "--mode", mode)).Expect(0);
            Assert.Contains("nDCG@10", result.Out, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', result.Out + result.Error);
        }
    }

    [Fact]
    public async Task The_fusion_table_holds_the_halves_and_every_weight()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);
        var keyword = (await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "set", "--mode", "keyword", "--json")).Expect(0).Json;

        var rows = (await CliProcess.RunAsync(folder.Path, "eval", "fusion", "set", "--json"))
            .Expect(0)
            .Json.GetProperty("results")
            .EnumerateArray()
            .ToArray();

        Assert.Equal(33, rows.Length);
        Assert.Equal(
            ["keyword alone", "vector alone", "as searches are set", "reciprocal ranks"],
            rows.Take(4).Select(r => r.GetProperty("fusion").GetString())
        );
        Assert.Equal(keyword.GetProperty("ndcg@10").GetDouble(), rows[0].GetProperty("ndcg@10").GetDouble(), 1e-9);
        Assert.All(rows, row => Assert.InRange(row.GetProperty("mrr@10").GetDouble(), 0, 1));
    }

    [Fact]
    public async Task Rankings_are_written_in_the_common_format_and_held_against_each_other()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);
        var keyword = (
            await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "set", "--mode", "keyword", "--run-file", "keyword.run", "--json")
        ).Expect(0);
        // Both relevant documents in front, but for q3: better than the keywords by q2 and q3.
        folder.Write("other.run", "q1 Q0 d1 1 2 x\nq1 Q0 d2 2 1 x\nq2 Q0 d3 1 1 x\nq3 Q0 d5 1 1 x\n");

        var rows = (await CliProcess.RunAsync(folder.Path, "eval", "compare", "set", "keyword.run", "other.run", "--json"))
            .Expect(0)
            .Json.GetProperty("results")
            .EnumerateArray()
            .ToArray();

        Assert.Equal(keyword.Json.GetProperty("ndcg@10").GetDouble(), rows[0].GetProperty("ndcg@10").GetDouble(), 1e-12);
        Assert.Equal(keyword.Json.GetProperty("map@100").GetDouble(), rows[0].GetProperty("map@100").GetDouble(), 1e-12);
        Assert.Equal(1, rows[1].GetProperty("ndcg@10").GetDouble(), 1e-12);
        Assert.Equal((1 - (1 / Math.Log2(3)) + 1) / 3, rows[1].GetProperty("difference").GetDouble(), 1e-12);
        Assert.InRange(rows[1].GetProperty("p").GetDouble(), 0.001, 1);
        Assert.Contains(
            "| other.run |",
            (await CliProcess.RunAsync(folder.Path, "eval", "compare", "set", "keyword.run", "other.run")).Expect(0).Out,
            StringComparison.Ordinal
        );
        (await CliProcess.RunAsync(folder.Path, "eval", "compare", "set", "none.run")).ExpectOneLineError("none.run");
    }

    [Fact]
    public async Task A_second_model_stands_beside_the_first()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);
        var model = Path.Combine(TestSupport.Repository.Root, "models", "default");

        var table = (await CliProcess.RunAsync(folder.Path, "eval", "suite", ".", "--beside", model)).Expect(0).Out;
        var row = table.Split('\n').Single(line => line.StartsWith("| set | vector | ndcg@10 |", StringComparison.Ordinal));
        var cells = row.Split('|', StringSplitOptions.TrimEntries);

        Assert.Equal(cells[4], cells[5]);
        Assert.StartsWith("+0.000", cells[6], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_best_weight_is_written_into_the_models_folder()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);
        var model = Path.Combine(folder.Path, "model");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestSupport.Repository.Root, "models", "default")))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        File.Delete(Path.Combine(model, "fusion.json"));

        var table = (await CliProcess.RunAsync(folder.Path, "eval", "fusion", "set", "--model", model, "--write")).Expect(0).Out;

        var record = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(model, "fusion.json"))).RootElement;
        var weight = record.GetProperty("vector_weight").GetDouble();
        Assert.Contains($"| **by the query, from vector {weight:0.00}", table, StringComparison.Ordinal);
        Assert.Equal("set test", record.GetProperty("measured")[0].GetProperty("set").GetString());
    }

    [Fact]
    public async Task A_set_that_is_only_there_compressed_says_how_to_unpack_it()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);
        File.Move(folder.Combine("set", "corpus.jsonl"), folder.Combine("set", "corpus.jsonl.xz"));

        (await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "set", "--mode", "keyword")).ExpectOneLineError(
            "corpus.jsonl",
            "xz -dk"
        );
    }

    [Fact]
    public async Task A_wrong_line_is_named()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder);
        File.AppendAllText(folder.Combine("set", "corpus.jsonl"), "{ broken\n");

        (await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "set", "--mode", "keyword")).ExpectOneLineError(
            "corpus.jsonl, line 6"
        );
        (await CliProcess.RunAsync(folder.Path, "eval", "retrieval", "no-such-set", "--mode", "keyword")).ExpectOneLineError("no-such-set");
    }

    [Fact]
    public async Task Similarity_is_a_fraction_between_minus_one_and_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "pairs.tsv",
            "score\tsentence1\tsentence2\n5\tA dog runs.\tA dog is running.\n2.5\tA dog runs.\tA cat sleeps.\n0\tA dog runs.\tShares fell on Monday.\n"
        );

        var json = (await CliProcess.RunAsync(folder.Path, "eval", "sts", "pairs.tsv", "--json")).Expect(0).Json;

        Assert.InRange(json.GetProperty("spearman").GetDouble(), -1, 1);
    }

    private static void WriteSet(TemporaryFolder folder)
    {
        folder.Write(
            "set/corpus.jsonl",
            """
            {"_id": "d1", "title": "Volcano", "text": "molten rock"}
            {"_id": "d2", "title": "", "text": "a volcano wakes"}
            {"_id": "d3", "title": "", "text": "river delta sand gravel"}
            {"_id": "d4", "title": "", "text": "river river river gravel"}
            {"_id": "d5", "title": "", "text": "lighthouse beam"}

            """
        );
        folder.Write(
            "set/queries.jsonl",
            """
            {"_id": "q1", "text": "volcano"}
            {"_id": "q2", "text": "river"}
            {"_id": "q3", "text": "bicycle"}
            {"_id": "q4", "text": "lighthouse"}

            """
        );
        folder.Write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t1\nq2\td3\t1\nq3\td5\t1\nq4\td5\t0\n");
    }
}
