using SearchEngine.Training.Evaluation;

namespace SearchEngine.Training.Tests;

[Collection(Serial.Name)]
public sealed class EvaluationTests : IDisposable
{
    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Ranking_measures_have_their_known_values()
    {
        string[] ranking = ["a", "b", "c", "d"];
        var relevance = new Dictionary<string, double>
        {
            ["b"] = 1,
            ["d"] = 2,
            ["x"] = 1,
            ["c"] = 0,
        };
        var gain = 1 / Math.Log2(3) + 2 / Math.Log2(5);
        var best = 2 / Math.Log2(2) + 1 / Math.Log2(3) + 1 / Math.Log2(4);
        Assert.Equal(gain / best, RetrievalMetrics.Ndcg(ranking, relevance, 10), 1e-12);
        Assert.Equal(1 / Math.Log2(3) / (2 + 1 / Math.Log2(3)), RetrievalMetrics.Ndcg(ranking, relevance, 2), 1e-12);
        Assert.Equal(2.0 / 3, RetrievalMetrics.Recall(ranking, relevance, 100), 1e-12);
        Assert.Equal(0.5, RetrievalMetrics.ReciprocalRank(ranking, relevance, 10), 1e-12);
        Assert.Equal(0, RetrievalMetrics.ReciprocalRank(ranking, relevance, 1), 1e-12);
        Assert.Equal(0, RetrievalMetrics.Ndcg(ranking, new Dictionary<string, double>(), 10), 1e-12);
    }

    [Fact]
    public void Spearman_shares_ranks_among_ties()
    {
        Assert.Equal(1, RankCorrelation.Spearman([1, 2, 3], [10, 20, 90]), 1e-12);
        Assert.Equal(-1, RankCorrelation.Spearman([1, 2, 3], [3, 2, 1]), 1e-12);
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 · 5).
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelation.Spearman([1, 2, 2, 5], [1, 2, 3, 4]), 1e-12);
        Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1], [1]));
    }

    /// <summary>Embeds by counts of letters: enough to tell the texts below apart.</summary>
    private static Task<IReadOnlyList<ReadOnlyMemory<float>>> Letters(
        IReadOnlyList<string> texts,
        bool asQueries,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<ReadOnlyMemory<float>>>([
            .. texts.Select(t =>
            {
                var counts = new float[26];
                foreach (var c in t.ToLowerInvariant().Where(char.IsAsciiLetter))
                    counts[c - 'a']++;
                return new ReadOnlyMemory<float>(counts);
            }),
        ]);

    [Fact]
    public async Task Retrieval_reads_the_layout_and_ranks_by_cosine()
    {
        Directory.CreateDirectory(_data.PathTo("qrels"));
        await File.WriteAllLinesAsync(
            _data.PathTo("corpus.jsonl"),
            ["""{"_id":"1","title":"aab","text":"aa"}""", """{"_id":"2","title":"","text":"zzz"}""", """{"_id":"3","text":"bbb"}"""]
        );
        await File.WriteAllLinesAsync(
            _data.PathTo("queries.jsonl"),
            ["""{"_id":"q1","text":"aaa"}""", """{"_id":"q2","text":"b"}""", """{"_id":"unjudged","text":"b"}"""]
        );
        await File.WriteAllLinesAsync(_data.PathTo("qrels/test.tsv"), ["query-id\tcorpus-id\tscore", "q1\t1\t1", "q2\t1\t1"]);
        var data = BeirDataset.Read(_data.Root);
        Assert.Equal(2, data.Queries.Count);
        Assert.Equal("aab aa", data.Corpus[0].FullText);
        var scores = await EvaluationRuns.RetrievalAsync(data, Letters);
        Assert.Equal(2, scores.Queries);
        Assert.Equal((1 + 1 / Math.Log2(3)) / 2, scores.NdcgAt10, 1e-9);
        Assert.Equal(0.75, scores.MrrAt10, 1e-9);
        Assert.Equal(1, scores.RecallAt100, 1e-9);
        Assert.Contains(
            "dev.tsv",
            Assert.Throws<TrainingException>(() => BeirDataset.Read(_data.Root, "dev")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Sts_and_classification_score_a_simple_embedder()
    {
        await File.WriteAllLinesAsync(
            _data.PathTo("sts.tsv"),
            ["score\tsentence1\tsentence2", "5\tabc\tcab", "2.5\tabcd\tabxy", "0\tabc\txyz"]
        );
        Assert.Equal(1, await EvaluationRuns.StsAsync(EvaluationFiles.ReadSts(_data.PathTo("sts.tsv")), Letters), 1e-9);

        var random = new Random(3);
        string Text(char kind) =>
            string.Concat(Enumerable.Range(0, 20).Select(_ => random.Next(3) == 0 ? kind : (char)('a' + random.Next(20))));
        var lines = Enumerable
            .Range(0, 300)
            .Select(i =>
                i % 3 == 0 ? $"\"{Text('x')}, \"\"quoted\"\"\",first"
                : i % 3 == 1 ? $"{Text('y')},second"
                : $"{Text('z')},third"
            );
        await File.WriteAllLinesAsync(_data.PathTo("train.csv"), lines.Prepend("text,category"));
        await File.WriteAllLinesAsync(_data.PathTo("test.csv"), lines.Prepend("text,category"));
        var train = EvaluationFiles.ReadClassification(_data.PathTo("train.csv"));
        Assert.Equal(300, train.Count);
        Assert.EndsWith("\"quoted\"", train[0].Text, StringComparison.Ordinal);
        Assert.InRange(
            await EvaluationRuns.ClassificationAsync(train, EvaluationFiles.ReadClassification(_data.PathTo("test.csv")), Letters),
            0.95,
            1
        );
    }

    [Fact]
    public void Evaluation_files_name_what_is_missing()
    {
        File.WriteAllText(_data.PathTo("sts.tsv"), "a\tb\n1\t2\n");
        Assert.Contains(
            "'score'",
            Assert.Throws<TrainingException>(() => EvaluationFiles.ReadSts(_data.PathTo("sts.tsv"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "does not exist",
            Assert.Throws<TrainingException>(() => EvaluationFiles.ReadConllu(_data.PathTo("no.conllu"))).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(_data.PathTo("c.csv"), "x,y\n1,2\n");
        Assert.Contains(
            "category",
            Assert.Throws<TrainingException>(() => EvaluationFiles.ReadClassification(_data.PathTo("c.csv"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_word_probe_reads_token_states()
    {
        // The words of each tag are disjoint, so that even an untrained model's states tell them apart.
        string[] nouns = ["king", "bird", "city", "river", "house"],
            verbs = ["sees", "builds", "feeds", "leaves", "covers"];
        var random = new Random(1);
        File.WriteAllLines(
            _data.PathTo("ud.conllu"),
            Enumerable
                .Range(0, 80)
                .SelectMany(_ =>
                    (string[])
                        [
                            "# sent",
                            $"1\t{nouns[random.Next(5)]}\t_\tNOUN",
                            "1.1\tempty\t_\tX",
                            $"2-3\tboth\t_\t_",
                            $"2\t{verbs[random.Next(5)]}\t_\tVERB",
                            $"3\t{nouns[random.Next(5)]}\t_\tNOUN",
                            "",
                        ]
                )
        );
        var sentences = EvaluationFiles.ReadConllu(_data.PathTo("ud.conllu"));
        Assert.Equal(80, sentences.Count);
        Assert.All(sentences, s => Assert.Equal(["NOUN", "VERB", "NOUN"], s.Select(w => w.Tag)));
        TrainingRuns.Mntp(_data.Mntp("model", 1));
        Assert.InRange(EvaluationRuns.Word(_data.PathTo("model"), sentences, sentences), 0.9, 1);
    }

    [Fact]
    public async Task Mined_negatives_stay_below_the_positive()
    {
        await File.WriteAllLinesAsync(
            _data.PathTo("qa.jsonl"),
            [
                """{"question":"aaab","answer":"aaabc"}""",
                """{"question":"bbbc","answer":"bbbca"}""",
                """{"question":"aab","answer":"aaab"}""",
                """{"question":"zzz","answer":"zzy"}""",
            ]
        );
        var summary = await HardNegativeMiner.MineAsync(
            new HardNegativeConfig
            {
                Data = [new DataSource { Path = "qa.jsonl", Kind = DataSourceKind.QuestionAnswer }],
                Output = "mined.jsonl",
                BaseDirectory = _data.Root,
                Negatives = 2,
                Depth = 3,
            },
            Letters
        );
        Assert.Equal(4, summary.Queries);
        Assert.True(summary.Filtered > 0);
        var mined = DataSourceReader.Read(new DataSource { Path = "mined.jsonl", Kind = DataSourceKind.Pairs }, _data.Root).ToList();
        Assert.Equal(4, mined.Count);
        // "aaab" is nearer to the first question than its own answer is: a probable positive.
        Assert.DoesNotContain("aaab", mined[0].Negatives);
        Assert.Contains("bbbca", mined[0].Negatives);
    }

    [Fact]
    public void Word_vectors_bring_words_of_one_context_together()
    {
        // Tokens 3 and 4 occur in the same contexts (10..14), token 5 in others (20..24).
        var random = new Random(2);
        var lines = Enumerable
            .Range(0, 400)
            .Select(i =>
            {
                var other = i % 3 == 2;
                var middle = i % 3 + 3;
                var around = Enumerable.Range(0, 6).Select(_ => (other ? 20 : 10) + random.Next(5)).ToArray();
                return "{\"text\":\"" + string.Join(' ', around.Take(3).Append(middle).Concat(around.Skip(3))) + "\"}";
            });
        File.WriteAllLines(_data.PathTo("texts.jsonl"), lines);
        var corpus = TokenizedCorpus.Build(
            new DataSource { Path = "texts.jsonl" },
            _data.Root,
            t => [.. t.Split(' ').Select(int.Parse)],
            50
        );
        var words = WordVectorTrainer.Train([corpus], 30, 8, 1);
        double Cosine(int a, int b) =>
            System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(
                words.Vectors.AsSpan(a * 8, 8),
                words.Vectors.AsSpan(b * 8, 8)
            );
        Assert.True(Cosine(3, 4) > 0.8, $"{Cosine(3, 4)}");
        Assert.True(Cosine(3, 5) < 0.3, $"{Cosine(3, 5)}");
        Assert.Equal(1, words.Frequencies.Sum(), 1e-9);
    }
}
