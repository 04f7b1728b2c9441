using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

public sealed class SearchTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Finds_inflected_words_and_ranks_by_frequency_and_rarity()
    {
        using var index = _fixture.Open();
        index.Add([
            Doc(1, "The index is searched by many readers."),
            Doc(2, "Searching searches: a search that searched."),
            Doc(3, "Nothing of that kind here."),
        ]);
        index.Refresh();

        Assert.Equal([2, 1], Search(index, "searching"));
        Assert.Equal(3, index.Count);
        Assert.Equal([1], Search(index, "reader's"));
        Assert.Empty(Search(index, "unknown"));
    }

    [Fact]
    public void Scores_are_those_of_the_BM25_formula()
    {
        using var index = _fixture.Open(
            new LexicalSchema { Fields = [new LexicalField { Name = "text", IsFullText = true }], Analyzer = "standard" }
        );
        index.Add([
            new LexicalDocument(0, [("text", "alpha beta")]),
            new LexicalDocument(1, [("text", "alpha alpha gamma delta")]),
            new LexicalDocument(2, [("text", "beta gamma delta epsilon zeta eta")]),
        ]);
        index.Refresh();

        var hits = index.Search(new LexicalQuery { Text = "alpha" });

        // N = 3, n = 2, average length 4; lengths 2 and 4 are exact in Lucene's one-byte norms.
        var idf = Math.Log(1 + (3 - 2 + 0.5) / (2 + 0.5));
        double Score(double tf, double length) => idf * (0.9 + 1) * tf / (tf + 0.9 * (1 - 0.4 + 0.4 * length / 4));
        Assert.Equal([1, 0], hits.Select(h => h.Ordinal));
        Assert.Equal(Score(2, 4), hits[0].Score, 1e-5);
        Assert.Equal(Score(1, 2), hits[1].Score, 0.02);
    }

    [Fact]
    public void Fields_are_scored_together_by_their_weights()
    {
        using var index = _fixture.Open(
            new LexicalSchema
            {
                Fields =
                [
                    new LexicalField
                    {
                        Name = "title",
                        IsFullText = true,
                        Boost = 2,
                    },
                    new LexicalField { Name = "text", IsFullText = true },
                ],
                Analyzer = "standard",
            }
        );
        index.Add([
            new LexicalDocument(0, [("title", "alpha"), ("text", "alpha beta gamma delta")]),
            new LexicalDocument(1, [("title", "beta"), ("text", "alpha epsilon zeta eta")]),
            new LexicalDocument(2, [("text", "theta")]),
        ]);
        index.Refresh();

        var hits = index.Search(new LexicalQuery { Text = "alpha" });

        // Lengths 2·1 + 4 = 6, average (6 + 6 + 1) / 3; frequencies 2·1 + 1 = 3 and 1; N = 3, n = 2 (in the text).
        var idf = Math.Log(1 + (3 - 2 + 0.5) / (2 + 0.5));
        double Score(double tf) => idf * (0.9 + 1) * tf / (tf + 0.9 * (1 - 0.4 + 0.4 * 6 / (13 / 3.0)));
        Assert.Equal([0, 1], hits.Select(h => h.Ordinal));
        Assert.Equal(Score(3), hits[0].Score, 1e-5);
        Assert.Equal(Score(1), hits[1].Score, 1e-5);
        var explanation = index.Explain(new LexicalQuery { Text = "alpha" }, 0);
        Assert.Equal([("title", 1), ("text", 1)], explanation.Matches.Select(m => (m.Field, m.Frequency)));
        Assert.Equal(Score(3) * 2 / 3, explanation.Matches[0].Contribution, 1e-5);
    }

    [Fact]
    public void Equal_scores_come_by_ordinal_however_segments_lie()
    {
        using var index = _fixture.Open();
        foreach (var ordinal in new[] { 7, 3, 9, 1, 5 })
        {
            index.Add([Doc(ordinal, "same words")]);
            index.Refresh();
        }

        Assert.Equal([1, 3, 5, 7, 9], Search(index, "words"));
        Assert.Equal([1, 3], Search(index, "words", top: 2));
    }

    [Fact]
    public void Title_boost_and_field_selection()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "volcano and more text", "islands"), Doc(2, "islands and more text", "volcano")]);
        index.Refresh();

        Assert.Equal([2, 1], Search(index, "volcano"));
        Assert.Equal([1], index.Search(new LexicalQuery { Text = "volcano", Fields = ["text"] }).Select(h => h.Ordinal));
        Assert.Contains(
            "'tag' is not full text",
            Assert.Throws<ArgumentException>(() => index.Search(new LexicalQuery { Text = "x", Fields = ["tag"] })).Message
        );
        Assert.Contains(
            "no field 'nope'",
            Assert.Throws<ArgumentException>(() => index.Search(new LexicalQuery { Text = "x", Fields = ["nope"] })).Message
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search(new LexicalQuery { Text = "x", Top = 0 }));
    }

    [Fact]
    public void Phrases_and_operators()
    {
        using var index = _fixture.Open();
        index.Add([
            Doc(1, "a black hole in space"),
            Doc(2, "the hole was black"),
            Doc(3, "a white hole"),
            Doc(4, "an article on covid-19 and its spread"),
            Doc(5, "19 cases of another illness"),
        ]);
        index.Refresh();

        Assert.Equal([1], Ask(index, "\"black holes\""));
        Assert.Equal([1, 2], Ask(index, "+black hole").Order());
        Assert.Equal([3], Ask(index, "hole -black"));
        Assert.Equal([2, 3], Ask(index, "hole -\"black hole\"").Order());
        Assert.Equal([4], Ask(index, "+covid-19 cases"));
        // Stop words keep their place in a phrase.
        Assert.Equal([1], Ask(index, "\"hole in space\""));
        Assert.Empty(Ask(index, "\"hole space\""));
        // Only exclusions: plain words.
        Assert.Equal([1, 2], Ask(index, "-black").Order());
        // A dash before a number is not an operator.
        Assert.Contains(5, Ask(index, "cases -19"));
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("hole \"black")]
    [InlineData("+")]
    [InlineData("- -- +++ \"\" \"+\" (hole")]
    [InlineData("title: hole AND (OR NOT) ^2 ~ * ? [a TO b] {x} \\ / && ||")]
    [InlineData("+\"\" hole")]
    [InlineData("\ud800 hole \udc00")]
    [InlineData("\0\u0001 hole")]
    public void User_text_is_never_an_error(string text)
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "a black hole")]);
        index.Refresh();

        Assert.Equal(text.Contains("hole", StringComparison.Ordinal) ? [1] : [], Search(index, text));
        Assert.Equal(text.Contains("hole", StringComparison.Ordinal) ? [1] : [], Ask(index, text));
    }

    [Fact]
    public void Keywords_are_plain_words_and_repeated_words_count_more()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "red apples"), Doc(2, "green pears"), Doc(3, "-green +red")]);
        index.Refresh();

        Assert.Equal([2, 3], index.Search(new LexicalQuery { Keywords = ["-green"] }).Select(h => h.Ordinal).Order());
        Assert.Equal([1, 3, 2], index.Search(new LexicalQuery { Text = "apple apple", Keywords = ["green +red"] }).Select(h => h.Ordinal));
        Assert.Empty(index.Search(new LexicalQuery { Text = " ", Keywords = [] }));
        Assert.Empty(index.Search(new LexicalQuery()));
    }

    [Fact]
    public void A_pasted_document_as_query_keeps_its_rarest_words()
    {
        using var index = _fixture.Open();
        index.Add(
            Enumerable
                .Range(0, 50)
                .Select(i => Doc(i, string.Join(' ', Enumerable.Range(0, 60).Select(j => $"w{i}x{j}")) + " common words"))
        );
        index.Refresh();
        var query =
            string.Join(' ', Enumerable.Range(0, 3000).Select(j => $"q{j}"))
            + " common words "
            + string.Join(' ', Enumerable.Range(0, 60).Select(j => $"w17x{j}"))
            + string.Join(' ', Enumerable.Range(0, 2000).Select(j => $" r{j}"));

        Assert.Equal(17, Search(index, query)[0]);
    }

    [Fact]
    public void Filter_limits_hits()
    {
        using var index = _fixture.Open();
        index.Add(Enumerable.Range(0, 200).Select(i => Doc(i, "same words", tag: i % 2 == 0 ? "even" : "odd")));
        index.Refresh();
        var odd = index.Filter(new LexicalFilter.Equal("tag", "odd"));

        Assert.Equal(
            [1, 3, 5],
            index
                .Search(
                    new LexicalQuery
                    {
                        Text = "words",
                        Top = 3,
                        Filter = odd,
                    }
                )
                .Select(h => h.Ordinal)
        );
        Assert.Equal([150], index.Search(new LexicalQuery { Text = "words", Filter = OrdinalBits.Of([150, 4000]) }).Select(h => h.Ordinal));
        Assert.Empty(index.Search(new LexicalQuery { Text = "words", Filter = OrdinalBits.Of([]) }));
        Assert.Equal(100, odd.Count);
    }

    [Fact]
    public void Explanation_adds_up_to_the_score()
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "black holes and a hole", "A black hole"), Doc(2, "something else"), Doc(3, "black")]);
        index.Refresh();
        var query = new LexicalQuery { Text = "\"black hole\" holes hole" };

        var explanation = index.Explain(query, 1);

        Assert.Equal(index.Search(query)[0].Score, explanation.Score, 1e-4);
        Assert.Equal(explanation.Score, explanation.Matches.Sum(m => m.Contribution), 1e-4);
        Assert.Contains(explanation.Matches, m => m is { Field: "text", Term: "hole", Frequency: 2 } && m.Idf > 0);
        Assert.Contains(explanation.Matches, m => m is { Field: "title", Term: "black hole", Frequency: 1 });
        Assert.Equal(new LexicalExplanation(0, explanation.Matches), index.Explain(query, 2) with { Matches = explanation.Matches });
        Assert.Empty(index.Explain(query, 99).Matches);
    }

    [Fact]
    public void Every_analyzer_indexes_and_finds()
    {
        Assert.Contains("english", LexicalSchema.AnalyzerNames);
        foreach (var name in LexicalSchema.AnalyzerNames)
        {
            using var fixture = new IndexFixture();
            using var index = fixture.Open(Schema with { Analyzer = name });
            index.Add([Doc(1, "zebra"), Doc(2, "giraffe"), Doc(3, new string('z', 40_000))]);
            index.Refresh();
            Assert.Equal([1], Search(index, "zebra"));
        }
        var e = Assert.Throws<ArgumentException>(() => _fixture.Open(Schema with { Analyzer = "klingon" }));
        Assert.Contains("'klingon'", e.Message);
        Assert.Contains("english", e.Message);
    }

    [Fact]
    public void Lists_of_text_are_searched_element_by_element()
    {
        using var index = _fixture.Open(
            new LexicalSchema
            {
                Fields =
                [
                    new LexicalField
                    {
                        Name = "names",
                        IsList = true,
                        IsFullText = true,
                        IsFilterable = true,
                    },
                ],
            }
        );
        index.Add([
            new LexicalDocument(1, [("names", new[] { "red panda", "fire fox" })]),
            new LexicalDocument(2, [("names", new List<string?> { null })]),
        ]);
        index.Refresh();

        Assert.Equal([1], Search(index, "foxes"));
        Assert.Equal([1], index.Filter(new LexicalFilter.Contains("names", "fire fox")).Ordinals());
    }

    private static int[] Ask(LexicalIndex index, string text) =>
        [.. index.Search(new LexicalQuery { Text = text, Syntax = LexicalSyntax.Operators }).Select(h => h.Ordinal)];
}
