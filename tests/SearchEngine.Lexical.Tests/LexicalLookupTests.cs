using System.Globalization;

namespace SearchEngine.Lexical.Tests;

/// <summary>What a search leaves of its words serves the scores that follow, and never changes one.</summary>
public sealed class LexicalLookupTests
{
    private static readonly LexicalSchema Schema = new()
    {
        Fields = [new LexicalField { Name = "title", IsFullText = true }, new LexicalField { Name = "text", IsFullText = true }],
    };

    private static readonly int[] Everything = [.. Enumerable.Range(0, 400)];

    public static TheoryData<string, LexicalSyntax> Queries =>
        new()
        {
            { "harbour lights", LexicalSyntax.Words },
            { "crème brûlée of the harbour", LexicalSyntax.Words },
            { "\"harbour lights\" and a wi-fi tower", LexicalSyntax.Words },
            { "+harbour -lights tower", LexicalSyntax.Operators },
            { "title:harbour \"wi-fi tower\"", LexicalSyntax.Operators },
            { "to be or not to be", LexicalSyntax.Words },
            { "nothing of this stands anywhere: xyzzy", LexicalSyntax.Words },
        };

    [Theory]
    [MemberData(nameof(Queries))]
    public void Scores_after_a_search_are_those_without_one(string text, LexicalSyntax syntax)
    {
        using var index = Filled();
        var query = new LexicalQuery { Text = text, Syntax = syntax };
        var lookup = new LexicalLookup();
        var hits = index.Search(query, lookup);
        var scores = index.Score(query, Everything);
        Assert.Equal(index.Search(query), hits);
        Assert.Equal(scores, index.Score(query, Everything, lookup));
        // A second look at the same, and one that skips most.
        Assert.Equal(scores, index.Score(query, Everything, lookup));
        Assert.Equal([scores[7], scores[395]], index.Score(query, [7, 395], lookup));
        Assert.Equal(hits, index.Search(query, lookup));
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public void What_is_written_between_the_search_and_the_scores_counts(string text, LexicalSyntax syntax)
    {
        using var index = Filled();
        var query = new LexicalQuery { Text = text, Syntax = syntax };
        var lookup = new LexicalLookup();
        index.Search(query, lookup);
        index.Delete(Enumerable.Range(0, 150));
        index.Add([.. Enumerable.Range(380, 20).Select(i => Document(i, "harbour lights to be or not to be", "harbour wi-fi tower"))]);
        index.Refresh();
        var scores = index.Score(query, Everything, lookup);
        Assert.Equal(index.Score(query, Everything), scores);
        Assert.All(Enumerable.Range(0, 150), deleted => Assert.Equal(0, scores[deleted]));
    }

    private static LexicalIndex Filled()
    {
        string[] parts = ["harbour", "lights", "wi-fi", "tower", "crème brûlée", "creme", "to be or not", "sea", "harbour lights"];
        var index = LexicalIndex.Open(new Lucene.Net.Store.RAMDirectory(), "memory", Schema, generation: null);
        for (var i = 0; i < 380; i++)
        {
            var title = parts[i % parts.Length] + " " + i.ToString(CultureInfo.InvariantCulture);
            index.Add([Document(i, title, string.Join(' ', parts.Where((_, part) => (i >> part) % 2 == 1)))]);
            if (i % 90 == 89)
                index.Refresh();
        }

        index.Refresh();
        return index;
    }

    private static LexicalDocument Document(int ordinal, string title, string text) => new(ordinal, [("title", title), ("text", text)]);
}
