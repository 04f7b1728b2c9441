using SearchEngine.Writing;
using Xunit;

namespace SearchEngine.Tests.Reading;

/// <summary>Rule: the indexes may hold more than a moment shows; a search gives what the moment shows, and as many hits as there are.</summary>
public sealed class SearcherTests
{
    [Theory]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Keyword)]
    [InlineData(SearchMode.Hybrid)]
    public async Task Hits_that_are_not_in_the_moment_are_replaced_by_those_that_are(SearchMode mode)
    {
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync(
            [.. Enumerable.Range(0, 20).Select(key => SmallCollection.Record(key))],
            TestContext.Current.CancellationToken
        );
        var before = await FindAsync(small, mode);
        Assert.Equal(5, before.Count);

        // Nearer and just as good by words: what a group of writes has put into the indexes and not yet published.
        small.Engine.Views.Put([
            .. Enumerable.Range(100, 30).Select(ordinal => new NewRecord(ordinal, [], [0, 0, "word"], [SmallCollection.VectorOf(0)])),
        ]);
        Assert.Equal(before, await FindAsync(small, mode));
    }

    [Theory]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Keyword)]
    [InlineData(SearchMode.Hybrid)]
    public async Task A_filter_that_nothing_matches_finds_nothing_and_counts_it(SearchMode mode)
    {
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], TestContext.Current.CancellationToken);
        var plan = SearchPlan.Make(
            SmallCollection.Schema,
            Request(mode) with
            {
                Filter = DocumentFilter.Equal("tag", 9),
                CountTotal = true,
            }
        );
        var results = await small.Engine.Searcher.SearchAsync(plan, TestContext.Current.CancellationToken);
        Assert.Empty(results.Hits);
        Assert.Equal(0, results.Total);
    }

    [Fact]
    public async Task A_snippet_shows_the_rarest_word_also_where_nobody_has_searched_by_words_yet()
    {
        await using var small = await SmallCollection.CreateAsync();
        var text = $"common {string.Concat(Enumerable.Repeat("and so on ", 10))} rare";
        await small.Collection.UpsertAsync(
            [SmallCollection.Record(0, word: text), .. Enumerable.Range(1, 30).Select(key => SmallCollection.Record(key, word: "common"))],
            TestContext.Current.CancellationToken
        );
        var plan = SearchPlan.Make(
            SmallCollection.Schema,
            Request(SearchMode.Vector) with
            {
                Text = "common rare",
                SnippetField = "word",
                SnippetLength = 30,
                CorrectSpelling = false,
            }
        );
        var results = await small.Engine.Searcher.SearchAsync(plan, TestContext.Current.CancellationToken);
        Assert.EndsWith("rare", results.Hits[0].Snippet!.Text, StringComparison.Ordinal);
    }

    /// <summary>A group behind the page that is full early is no reason to end before the page's own are.</summary>
    [Fact]
    public async Task The_groups_of_a_page_are_filled_whatever_fills_behind_them()
    {
        // By nearness: one of the first group, the second and third group whole, and the first group's others.
        int[] tags = [1, 2, 2, 2, 3, 3, 3, 1, 1, 1];
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync(
            [.. tags.Select((tag, key) => SmallCollection.Record(key * 21, tag))],
            TestContext.Current.CancellationToken
        );
        foreach (var (skip, top) in new[] { (0, 1), (0, 2), (0, 3), (1, 1), (2, 1) })
        {
            var plan = SearchPlan.Make(
                SmallCollection.Schema,
                Request(SearchMode.Vector) with
                {
                    GroupBy = "tag",
                    GroupSize = 3,
                    Skip = skip,
                    Top = top,
                }
            );
            var found = await small.Engine.Searcher.SearchAsync(plan, TestContext.Current.CancellationToken);
            var expected = new[] { 1, 2, 3 }
                .Skip(skip)
                .Take(top)
                .SelectMany(tag => Enumerable.Range(0, tags.Length).Where(key => tags[key] == tag).Take(3));
            Assert.Equal(expected, found.Hits.Select(hit => (int)hit.Document.Key.Value / 21));
        }
    }

    private static SearchRequest Request(SearchMode mode) =>
        new()
        {
            Mode = mode,
            Text = mode == SearchMode.Vector ? null : "word",
            Vector = mode == SearchMode.Keyword ? null : SmallCollection.VectorOf(0),
            Top = 5,
        };

    private static async Task<List<int>> FindAsync(SmallCollection small, SearchMode mode)
    {
        var plan = SearchPlan.Make(SmallCollection.Schema, Request(mode));
        var results = await small.Engine.Searcher.SearchAsync(plan, TestContext.Current.CancellationToken);
        return [.. results.Hits.Select(hit => (int)hit.Document.Key.Value)];
    }
}
