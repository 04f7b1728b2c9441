namespace SearchEngine.Training.Tests;

[Collection(Serial.Name)]
public sealed class DataTests : IDisposable
{
    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    private static int[] Letters(string text) => [.. text.Where(char.IsAsciiLetter).Select(c => (int)c)];

    private List<TrainingDocument> Read(DataSource source) => [.. DataSourceReader.Read(source, _data.Root)];

    private DataSource Write(string text, DataSourceKind kind)
    {
        File.WriteAllText(_data.PathTo("data.jsonl"), text);
        return new DataSource { Path = "data.jsonl", Kind = kind };
    }

    [Fact]
    public void Articles_split_into_headed_sections()
    {
        var source = Write(
            """{"title":"Alder","text":"The alder is a common kind of tree, that grows beside rivers.\nUses.\nAlder wood was used for the piles of bridges since it lasts under water.\nMore of it."}""",
            DataSourceKind.Articles
        );
        var document = Assert.Single(Read(source));
        Assert.Equal("Alder", document.Title);
        Assert.Equal(["", "Uses"], document.Sections.Select(s => s.Heading));
        Assert.Equal(2, document.Sections[1].Paragraphs.Count);
    }

    [Fact]
    public void Split_sentences_lose_their_tokenisation()
    {
        var source = Write(
            "It was the second sequel , though he did not return .\tIt was the second sequel . <::::> He didn 't return .\n",
            DataSourceKind.SplitSentences
        );
        var document = Assert.Single(Read(source));
        Assert.Equal("It was the second sequel, though he did not return.", document.Title);
        Assert.StartsWith("It was the second sequel. He", document.Sections[0].Paragraphs[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_named()
    {
        var error = Assert.Throws<TrainingException>(() => Read(Write("", DataSourceKind.Articles)));
        Assert.Contains("data.jsonl", error.Message, StringComparison.Ordinal);
        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_column_is_named_with_those_that_are_there()
    {
        var error = Assert.Throws<TrainingException>(() => Read(Write("""{"heading":"x","body":"y"}""", DataSourceKind.Articles)));
        Assert.Contains("'title'", error.Message, StringComparison.Ordinal);
        Assert.Contains("heading, body", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", DataSourceKind.Texts, "line 1")]
    [InlineData("[1]", DataSourceKind.Texts, "not a JSON object")]
    [InlineData("no tab here", DataSourceKind.SplitSentences, "found no tab")]
    public void A_file_of_another_format_is_refused(string text, DataSourceKind kind, string expected) =>
        Assert.Contains(expected, Assert.Throws<TrainingException>(() => Read(Write(text, kind))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(
            "does not exist",
            Assert.Throws<TrainingException>(() => Read(new DataSource { Path = "nowhere.jsonl" })).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Held_out_and_training_records_divide_the_file()
    {
        var source = _data.Articles(100) with { HoldOutOneIn = 5 };
        var kept = Read(source).Select(d => d.Title).ToHashSet();
        var held = DataSourceReader.Read(source, _data.Root, heldOut: true).Select(d => d.Title).ToHashSet();
        Assert.Equal(100, kept.Count + held.Count);
        Assert.Empty(kept.Intersect(held));
        Assert.InRange(held.Count, 5, 45);
    }

    [Fact]
    public void Sentences_end_at_stops_but_not_after_initials() =>
        Assert.Equal(
            ["He met J. Smith in 1990.", "They left!", "Was it at 3.5 km?", "Yes."],
            SentenceSplitter.Split("He met J. Smith in 1990. They left! Was it at 3.5 km? Yes.")
        );

    [Fact]
    public void Passages_hold_whole_sentences_within_the_budget()
    {
        var corpus = TokenizedCorpus.Build(_data.Articles(), _data.Root, Letters, 100);
        Assert.Equal(60, corpus.Documents.Count);
        Assert.True(corpus.Passages.Count > 60);
        foreach (var passage in corpus.Passages)
            Assert.InRange(Enumerable.Range(passage.FirstSentence, passage.SentenceCount).Sum(s => corpus.Sentences[s].Length), 1, 100);
    }

    [Fact]
    public void The_batch_of_a_step_depends_on_seed_and_step_alone()
    {
        var corpus = TokenizedCorpus.Build(_data.Articles(), _data.Root, Letters, 60);
        PairSampler Sampler(long seed) => new(PairSampler.Mine([corpus]), 16, 60, seed);
        static string Show(PairBatch batch) =>
            batch.Source + string.Join(';', batch.Pairs.Select(p => string.Join(',', p.Query) + "|" + string.Join(',', p.Positive)));
        var forward = Sampler(1);
        var first = Enumerable.Range(0, 30).Select(s => Show(forward.Batch(s))).ToArray();
        var jumping = Sampler(1);
        Assert.Equal(first[29], Show(jumping.Batch(29)));
        Assert.Equal(first[3], Show(jumping.Batch(3)));
        Assert.NotEqual(first[3], Show(Sampler(2).Batch(3)));
        Assert.True(first.Distinct().Count() == 30);
    }

    [Fact]
    public void An_epoch_draws_every_unit_once()
    {
        var corpus = TokenizedCorpus.Build(_data.Articles(), _data.Root, Letters, 60);
        var source = new PairSource(corpus, PairKind.TitleLead, 1);
        var sampler = new PairSampler([source], 20, 60, 1);
        var titles = Enumerable.Range(0, 3).SelectMany(s => sampler.Batch(s).Pairs).Select(p => string.Join(',', p.Query)).ToList();
        Assert.Equal(60, titles.Count);
        Assert.Equal(
            corpus.Documents.Select(d => string.Join(',', corpus.Sentences[d.Title].Take(60))).Distinct().Count(),
            titles.Distinct().Count()
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void Runs_of_neighbours_hold_every_unit_once_and_begin_elsewhere_in_each_epoch(int runLength)
    {
        static string Name(int number) => $"{(char)('a' + (number / 8))}{(char)('a' + (number % 8))}";
        var lines = Enumerable.Range(0, 60).Select(i => $$"""{"query":"{{Name(i)}}","positive":"p{{Name(i)}}"}""");
        var corpus = TokenizedCorpus.Build(Write(string.Join('\n', lines), DataSourceKind.Pairs), _data.Root, Letters, 60);
        var sampler = new PairSampler([new PairSource(corpus, PairKind.Given, 1)], 60, 60, 1, runLength);
        var number = Enumerable.Range(0, 60).ToDictionary(Name);
        int[] Epoch(int epoch) => [.. sampler.Batch(epoch).Pairs.Select(p => number[string.Concat(p.Query.Select(c => (char)c))])];
        var (first, second) = (Epoch(0), Epoch(1));
        Assert.Equal(Enumerable.Range(0, 60), first.Order());
        Assert.Equal(Enumerable.Range(0, 60), second.Order());
        var neighbours = first.Zip(first.Skip(1)).Count(p => p.Second == p.First + 1);
        Assert.InRange(neighbours, 59 - (60 / runLength) - 1, runLength == 1 ? 10 : 59);
        if (runLength < 60)
            Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_pair_is_never_empty_and_never_too_long()
    {
        var corpus = TokenizedCorpus.Build(_data.Articles(), _data.Root, Letters, 60);
        foreach (var source in PairSampler.Mine([corpus]))
        {
            var random = new DeterministicRandom(9);
            for (var u = 0; u < source.Units; u++)
            {
                var pair = source.Draw(u, 40, ref random);
                Assert.InRange(pair.Query.Length, 1, 40);
                Assert.InRange(pair.Positive.Length, 1, 40);
            }
        }
    }

    [Fact]
    public void Given_pairs_keep_their_negatives()
    {
        var corpus = TokenizedCorpus.Build(
            Write(
                """{"query":"ab","positive":"cd","negatives":["ef","gh"]}""" + "\n" + """{"query":"ij","positive":"kl"}""",
                DataSourceKind.Pairs
            ),
            _data.Root,
            Letters,
            60
        );
        var source = new PairSource(corpus, PairKind.Given, 1);
        var random = new DeterministicRandom(1);
        var pair = source.Draw(0, 60, ref random);
        Assert.Equal("ab", string.Concat(pair.Query.Select(c => (char)c)));
        Assert.Equal("cd", string.Concat(pair.Positive.Select(c => (char)c)));
        Assert.Equal(["ef", "gh"], pair.Negatives.Select(n => string.Concat(n.Select(c => (char)c))));
        Assert.Empty(source.Draw(1, 60, ref random).Negatives);
    }

    [Fact]
    public void Normalization_rules_fold_case_and_set_punctuation_apart()
    {
        var rules = TokenizerTraining
            .NormalizationRules()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(r => r.Split('\t')[0], r => r.Split('\t')[1]);
        Assert.Equal("61", rules["41"]);
        Assert.Equal("E9", rules["C9"]);
        Assert.Equal("20 2D 20", rules["2D"]);
        Assert.Equal("20 2D 20", rules["2014"]);
        Assert.DoesNotContain("61", rules.Keys);
    }
}
