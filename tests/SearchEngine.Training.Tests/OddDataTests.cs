using System.Text;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Training.Tests;

/// <summary>
/// Odd settings and data, as people have them: each ends at once with one line that names the place, and nothing is overwritten.
/// </summary>
[Collection(Serial.Name)]
public sealed class OddDataTests : IDisposable
{
    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    /// <summary>A training step's configuration as a file, with one thing odd; and what the error says.</summary>
    public static TheoryData<string, string, string> Configurations =>
        new()
        {
            { "mntp", "", "does not exist" },
            { "mntp", "[]", "config.json" },
            { "mntp", "{", "config.json" },
            { "mntp", """{ "model": "base", "output": "out" }""", "'data'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [] }""", "'data' names no source" },
            { "mntp", """{ "output": "out", "data": [GOOD] }""", "'model'" },
            { "mntp", """{ "model": "nowhere", "output": "out", "data": [GOOD] }""", "nowhere" },
            { "mntp", """{ "model": "base", "output": "base", "data": [GOOD] }""", "'output' is the folder of 'model'" },
            { "mntp", """{ "model": "base", "output": "used", "data": [GOOD] }""", "holds a run already" },
            { "mntp", """{ "model": "base", "output": "base/model.safetensors", "data": [GOOD] }""", "'output' is a file" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "stepz": 3 }""", "stepz" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "steps": -3 }""", "'steps'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "steps": "many" }""", "steps" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "learningRate": 0 }""", "'learningRate'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "device": "tpu" }""", "'device'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "maskProbability": 2 }""", "'maskProbability'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "maskToken": "no such piece at all" }""", "'maskToken'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "maximumLength": 100000 }""", "'maximumLength'" },
            { "mntp", """{ "model": "base", "output": "out", "data": [GOOD], "lora": 16 }""", "'lora' is an object" },
            { "mntp", """{ "model": "base", "output": "out", "data": [{ "path": "empty.jsonl" }] }""", "is empty" },
            { "mntp", """{ "model": "base", "output": "out", "data": [{ "path": "none.jsonl" }] }""", "does not exist" },
            { "mntp", """{ "model": "base", "output": "out", "data": [{ "path": "latin1.jsonl" }] }""", "line 2: its bytes are not UTF-8" },
            { "mntp", """{ "model": "base", "output": "out", "data": [{ "path": "prose.jsonl" }] }""", "line 1: not a JSON object" },
            { "mntp", """{ "model": "base", "output": "out", "data": [{ "path": "list.jsonl" }] }""", "line 1: not a JSON object" },
            {
                "mntp",
                """{ "model": "base", "output": "out", "data": [{ "path": "other.jsonl" }] }""",
                "no text column 'text' (it has: body)"
            },
            { "mntp", """{ "model": "base", "output": "out", "data": [{ "path": "articles.jsonl", "kind": "Novels" }] }""", "kind" },
            {
                "mntp",
                """{ "model": "base", "output": "out", "data": [{ "path": "articles.jsonl", "kind": "SplitSentences" }] }""",
                "found no tab"
            },
            { "simcse", """{ "model": "base", "output": "out", "data": [GOOD], "batchSize": 1 }""", "'batchSize' must be at least 2" },
            { "simcse", """{ "model": "base", "output": "out", "data": [GOOD], "attentionDropout": 1 }""", "'attentionDropout'" },
            { "simcse", """{ "model": "base", "output": "out", "data": [GOOD], "matryoshka": [640] }""", "Matryoshka length 640" },
            { "contrastive", """{ "model": "base", "output": "out", "data": [GOOD], "batchSize": 1 }""", "'batchSize' must be at least 2" },
            {
                "contrastive",
                """{ "model": "base", "output": "out", "data": [{ "path": "pairs.jsonl", "kind": "Pairs" }] }""",
                "line 2: 'negatives' is no list of texts"
            },
            { "contrastive", """{ "model": "base", "output": "out", "data": [GOOD], "stage": "Embeddings" }""", "say \"lora\": false" },
            { "contrastive", """{ "model": "base", "output": "out", "data": [GOOD], "stage": "Everything" }""", "stage" },
            { "distill", """{ "model": "base", "output": "out", "data": [GOOD] }""", "teachers" },
            { "distill", """{ "model": "base", "output": "out", "data": [GOOD], "teachers": [] }""", "'teachers' names none" },
            { "distill", """{ "model": "base", "output": "out", "data": [GOOD], "teachers": [{ "model": "nowhere" }] }""", "nowhere" },
            {
                "distill",
                """{ "model": "base", "output": "out", "data": [GOOD], "teachers": [{ "vectors": "empty.jsonl" }] }""",
                "is empty"
            },
            {
                "distill",
                """{ "model": "base", "output": "out", "data": [GOOD], "teachers": [{ "model": "base" }], "shares": { "sentences": -1 } }""",
                "'shares'"
            },
            {
                "distill",
                """{ "model": "base", "output": "out", "data": [GOOD], "teachers": [{ "model": "base" }], "cache": "damaged" }""",
                "is no teacher cache"
            },
            {
                "distill",
                """{ "model": "base", "output": "base", "data": [GOOD], "teachers": [{ "model": "base" }] }""",
                "'output' is the folder of"
            },
            {
                "distill",
                """{ "model": "base", "output": "out", "data": [GOOD], "teachers": [{ "model": "base" }], "texts": 1 }""",
                "'texts'"
            },
        };

    [Fact]
    public void Every_odd_configuration_ends_with_one_line_and_changes_nothing()
    {
        Prepare();
        var before = Contents();
        foreach (var (step, json, expected) in Configurations.Select(row => row.Data))
        {
            var file = _data.PathTo("config.json");
            if (json.Length > 0)
            {
                File.WriteAllText(
                    file,
                    json.Replace("GOOD", """{ "path": "articles.jsonl", "kind": "Articles" }""", StringComparison.Ordinal)
                );
            }
            else
            {
                File.Delete(file);
            }
            var error = Record.Exception(() => Run(step, file));
            Assert.True(error is TrainingException, $"{step} {json}: {error?.GetType().Name ?? "no error"} {error?.Message}");
            Assert.True(
                error!.Message.Contains(expected, StringComparison.Ordinal),
                $"{step} {json}: expected '{expected}' in: {error.Message}"
            );
            Assert.False(error.Message.Contains('\n', StringComparison.Ordinal), $"{step} {json}: more than a line: {error.Message}");
            Assert.Equal(before, Contents());
        }
    }

    [Fact]
    public void Similarity_files_and_vectors_without_an_order_end_with_an_error()
    {
        Assert.Contains(
            "gives every pair the score 3",
            Error(() => EvaluationFiles.ReadSts(Write("score\tsentence1\tsentence2\n3\ta\tb\n3\tc\td\n"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "line 3",
            Error(() => EvaluationFiles.ReadSts(Write("score\tsentence1\tsentence2\n3\ta\tb\nNaN\tc\td\n"))),
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1, double.NaN, 3], [1, 2, 3]));

        ScoredPair[] pairs = [new("a", "b", 1), new("c", "d", 2), new("e", "f", 3)];
        Assert.Contains("not finite", Error(() => Sts([1, float.NaN])), StringComparison.Ordinal);
        Assert.Contains("equally alike", Error(() => Sts([1, 2])), StringComparison.Ordinal);

        double Sts(float[] vector) =>
            EvaluationRuns
                .StsAsync(
                    pairs,
                    (texts, _, _) =>
                        Task.FromResult<IReadOnlyList<ReadOnlyMemory<float>>>([.. texts.Select(_ => (ReadOnlyMemory<float>)vector)])
                )
                .Result;
    }

    [Fact]
    public void An_unclosed_quote_and_a_comma_without_quotes_are_named()
    {
        Assert.Contains(
            "row 3: a quote is opened",
            Error(() => EvaluationFiles.ReadClassification(Write("text,label\nfine,a\n\"open,b\nmore,c\n"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "row 3: it has 1 columns of 2",
            Error(() => EvaluationFiles.ReadClassification(Write("text,label\nfine,a\nbare\n"))),
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["say \"it\", please"],
            EvaluationFiles.ReadClassification(Write("text,label\n\"say \"\"it\"\", please\",b\n")).Select(t => t.Text)
        );
    }

    [Fact]
    public void Retrieval_sets_with_numeric_ids_and_grades_of_every_kind_are_read()
    {
        Set(
            """{"_id": 31, "title": "", "text": "a"}""" + "\n" + """{"_id": "d2", "text": "b"}""",
            """{"_id": 7, "text": "q"}""",
            "query-id\tcorpus-id\tscore\n7\t31\t0.5\n7\td2\t2\n"
        );
        var set = BeirDataset.Read(_data.PathTo("set"));
        Assert.Equal(("31", "7"), (set.Corpus[0].Id, set.Queries[0].Id));
        Assert.Equal(0.5, set.Judgements["7"]["31"], 1e-12);
        // The better document first is best, and half a grade counts half.
        Assert.Equal(1.0, RetrievalMetrics.Ndcg(["d2", "31"], set.Judgements["7"], 10), 1e-12);
        var swapped = (0.5 + (2 / Math.Log2(3))) / (2 + (0.5 / Math.Log2(3)));
        Assert.Equal(swapped, RetrievalMetrics.Ndcg(["31", "d2"], set.Judgements["7"], 10), 1e-12);

        Set("""{"_id": "d", "text": "a"}""", """{"_id": "q", "text": "q"}""", "q 0 d 1\n");
        Assert.Equal(1.0, BeirDataset.Read(_data.PathTo("set")).Judgements["q"]["d"], 1e-12);
    }

    [Fact]
    public void Retrieval_sets_that_say_two_things_are_refused()
    {
        const string Query = """{"_id": "q", "text": "q"}""";
        const string Document = """{"_id": "d", "text": "a"}""";
        Set(Document + "\n" + Document, Query, "q\td\t1\n");
        Assert.Contains(
            "line 2: the id 'd' is that of line 1",
            Error(() => BeirDataset.Read(_data.PathTo("set"))),
            StringComparison.Ordinal
        );
        Set(Document, Query, "q\td\t1\nq\td\t0\n");
        Assert.Contains(
            "line 2: document 'd' is judged twice",
            Error(() => BeirDataset.Read(_data.PathTo("set"))),
            StringComparison.Ordinal
        );
        Set(Document, Query, "query-id\tcorpus-id\tscore\nq\td\tgood\n");
        Assert.Contains("line 2: expected", Error(() => BeirDataset.Read(_data.PathTo("set"))), StringComparison.Ordinal);
    }

    private static string Error(Func<object> action)
    {
        try
        {
            action();
        }
        catch (AggregateException e) when (e.InnerException is TrainingException inner)
        {
            return inner.Message;
        }
        catch (TrainingException e)
        {
            return e.Message;
        }

        return "no error";
    }

    private static void Run(string step, string file)
    {
        _ = step switch
        {
            "mntp" => TrainingRuns.Mntp(TrainingConfig.Load<MntpConfig>(file)),
            "simcse" => TrainingRuns.SimCse(TrainingConfig.Load<SimCseConfig>(file)),
            "contrastive" => TrainingRuns.Contrastive(TrainingConfig.Load<ContrastiveConfig>(file)),
            _ => TrainingRuns.Distill(TrainingConfig.Load<DistillConfig>(file)),
        };
    }

    private void Prepare()
    {
        _data.Articles();
        TrainingRuns.Mntp(_data.Mntp("base", 1));
        Directory.Delete(_data.PathTo("base/checkpoints"), recursive: true);
        TrainingRuns.Mntp(_data.Mntp("used", 1));
        File.WriteAllText(_data.PathTo("empty.jsonl"), "\n");
        File.WriteAllBytes(_data.PathTo("latin1.jsonl"), Encoding.Latin1.GetBytes("{\"text\": \"a text\"}\n{\"text\": \"un café\"}\n"));
        File.WriteAllText(_data.PathTo("prose.jsonl"), "Just a text.\n");
        File.WriteAllText(_data.PathTo("list.jsonl"), "[1, 2]\n");
        File.WriteAllText(_data.PathTo("other.jsonl"), "{\"body\": \"a text\"}\n");
        File.WriteAllText(
            _data.PathTo("pairs.jsonl"),
            "{\"query\": \"a\", \"positive\": \"b\"}\n{\"query\": \"a\", \"positive\": \"b\", \"negatives\": \"c\"}\n"
        );
        Directory.CreateDirectory(_data.PathTo("damaged"));
        using var teacher = SearchEngine.Embeddings.Llm2VecEmbeddingGenerator.Load(_data.PathTo("base"));
        File.WriteAllText(_data.PathTo($"damaged/base.{teacher.Fingerprint[..12]}.vectors"), "not a cache, but some text");
    }

    /// <summary>Bytes of what was there, but for locks and the configuration itself.</summary>
    private string Contents() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(_data.Root, "*", SearchOption.AllDirectories)
                .Where(f =>
                    !f.Contains("config.json", StringComparison.Ordinal)
                    && !f.StartsWith(_data.PathTo("out"), StringComparison.Ordinal)
                    && !f.Contains("teacher-cache", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal)
                .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}")
        );

    private string Write(string text)
    {
        File.WriteAllText(_data.PathTo("file"), text);
        return _data.PathTo("file");
    }

    private void Set(string corpus, string queries, string judgements)
    {
        Directory.CreateDirectory(_data.PathTo("set/qrels"));
        File.WriteAllText(_data.PathTo("set/corpus.jsonl"), corpus);
        File.WriteAllText(_data.PathTo("set/queries.jsonl"), queries);
        File.WriteAllText(_data.PathTo("set/qrels/test.tsv"), judgements);
    }
}
