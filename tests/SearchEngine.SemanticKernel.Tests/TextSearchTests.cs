using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Data;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

#pragma warning disable CS0618 // The older ITextSearch is obsolete, and supported.

public sealed class TextSearchTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Queries_are_answered_by_meaning_and_keyword_together()
    {
        var search = new SearchEngineTextSearch<Page>(await CreateAsync());
        var records = await (await search.GetSearchResultsAsync("Where is the lighthouse?", new() { Top = 2 })).Results.ToListAsync();
        Assert.Equal("b", records[0].Id);
        var texts = await (await search.SearchAsync("lighthouse", new() { Top = 1 })).Results.ToListAsync();
        Assert.Equal(["The lighthouse stands on the northern cliff."], texts);
        var results = await (await search.GetTextSearchResultsAsync("lighthouse", new() { Top = 1 })).Results.ToListAsync();
        Assert.Equal(("Lighthouse", "https://example.com/b"), (results[0].Name, results[0].Link));
        Assert.Equal("The lighthouse stands on the northern cliff.", results[0].Value);
        Assert.Empty(await (await search.SearchAsync("  ")).Results.ToListAsync());
    }

    [Fact]
    public async Task Filters_skip_and_top_apply()
    {
        var search = new SearchEngineTextSearch<Page>(await CreateAsync());
        var filtered = await (
            await search.GetSearchResultsAsync("lighthouse", new() { Filter = r => r.Year > 2000 })
        ).Results.ToListAsync();
        Assert.Equal(["c"], filtered.Select(r => r.Id));
        Assert.Equal(2, await (await search.SearchAsync("lighthouse", new() { Top = 9, Skip = 1 })).Results.CountAsync());

        ITextSearch older = search;
        var equal = await (
            await older.GetSearchResultsAsync(
                "lighthouse",
                new TextSearchOptions { Filter = new TextSearchFilter().Equality("Year", 1990L) }
            )
        ).Results.ToListAsync();
        Assert.Equal(["b"], equal.Cast<Page>().Select(r => r.Id));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            older.SearchAsync("x", new TextSearchOptions { Filter = new TextSearchFilter().Equality("Nope", 1) })
        );
    }

    [Fact]
    public async Task The_plugin_helpers_get_hybrid_search()
    {
        ITextSearch search = new SearchEngineTextSearch<Page>(await CreateAsync());
        var kernel = new Kernel();
        var plugin = search.CreateWithGetTextSearchResults("pages");
        var result = await kernel.InvokeAsync<List<TextSearchResult>>(
            plugin["GetTextSearchResults"],
            new() { ["query"] = "bakery bread", ["count"] = 1 }
        );
        Assert.Equal("Bakery", Assert.Single(result!).Name);
    }

    [Fact]
    public async Task Other_types_want_mappers()
    {
        var letters = await fixture.CreateAsync<string, Letter>(
            new Letter
            {
                Id = "x",
                Subject = "Greetings",
                Body = "Hello there",
                Vector = new float[] { 1, 0 },
            }
        );
        var options = new SearchEngineTextSearchOptions<Letter>
        {
            EmbeddingGenerator = new HashingGenerator(2),
            StringMapper = new TextSearchStringMapper(r => ((Letter)r).Subject),
        };
        var search = new SearchEngineTextSearch<Letter>(letters, options);
        Assert.Equal(["Greetings"], await (await search.SearchAsync("hello")).Results.ToListAsync());
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await (await search.GetTextSearchResultsAsync("hello")).Results.ToListAsync()
        );
        Assert.Contains("TextSearchResultValueAttribute", exception.Message);
    }

    [Fact]
    public void Queries_are_cut_into_distinct_words() =>
        Assert.Equal(["What's", "C", "vs", "über", "2"], SearchEngineTextSearch<Page>.CutWords("What's C# vs. über (what's) 2?"));

    private async Task<SearchEngineCollection<string, Page>> CreateAsync()
    {
        var collection = fixture.NewStore(new HashingGenerator()).GetCollection<string, Page>(fixture.NewName());
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([
            new Page
            {
                Id = "a",
                Title = "Bakery",
                Text = "The bakery sells bread and rolls.",
                Year = 1980,
            },
            new Page
            {
                Id = "b",
                Title = "Lighthouse",
                Text = "The lighthouse stands on the northern cliff.",
                Year = 1990,
            },
            new Page
            {
                Id = "c",
                Title = "Harbour",
                Text = "Fishing boats lie in the harbour.",
                Year = 2010,
            },
        ]);
        return collection;
    }

    public sealed class Page
    {
        [VectorStoreKey]
        public string Id { get; set; } = "";

        [TextSearchResultName]
        [VectorStoreData]
        public string Title { get; set; } = "";

        [TextSearchResultValue]
        [VectorStoreData(IsFullTextIndexed = true)]
        public string Text { get; set; } = "";

        [TextSearchResultLink]
        public string Link => $"https://example.com/{Id}";

        [VectorStoreData(IsIndexed = true)]
        public int Year { get; set; }

        [VectorStoreVector(64)]
        public string Embedding => Text;
    }
}
