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
