using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class HybridSearchTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private static readonly ReadOnlyMemory<float> Query = new float[] { 1, 0, 0, 0 };

    [Theory]
    [InlineData("Grapes", 3)]
    [InlineData("oranges", 2)]
    [InlineData("nourish", 1)]
    public async Task A_keyword_puts_its_record_first(string keyword, int code)
    {
        var articles = await CreateAsync();
        var hits = await articles.HybridSearchAsync(Query, [keyword], 3).ToListAsync();
        Assert.Equal(3, hits.Count);
        Assert.Equal(code, hits[0].Record.Code);
        Assert.True(hits[0].Score > hits[1].Score);
    }

    [Fact]
    public async Task Filter_top_skip_and_several_keywords()
    {
        var articles = await CreateAsync();
        Assert.Equal([1], await Codes(["Oranges"], new() { Filter = r => r.Code == 1 }));
        Assert.Equal([2], await Codes(["Oranges"], top: 1));
        Assert.Equal([2], await Codes(["healthy"], new() { Skip = 2 }));
        Assert.Equal(3, (await Codes(["tangy", "nourishing"]))[2]);
        Assert.Equal([1, 2, 3], (await Codes([])).Order());
        Assert.Equal([1, 2, 3], (await Codes(["  "])).Order());
        Assert.Equal(3, (await Codes(["the"], top: int.MaxValue)).Count);

        async Task<List<int>> Codes(string[] keywords, HybridSearchOptions<Article>? options = null, int top = 3) =>
            await articles.HybridSearchAsync(Query, keywords, top, options).Select(r => r.Record.Code).ToListAsync();
    }

    [Fact]
    public async Task The_threshold_compares_with_the_fused_score()
    {
        var articles = await CreateAsync();
        foreach (var keywords in new[] { new[] { "Grapes" }, [] })
        {
            var all = await articles.HybridSearchAsync(Query, keywords, 3).ToListAsync();
            Assert.Equal(3, all.Count);
            var within = await articles.HybridSearchAsync(Query, keywords, 3, new() { ScoreThreshold = all[0].Score }).ToListAsync();
            Assert.Equal(all.Where(hit => hit.Score == all[0].Score).Select(hit => hit.Record.Code), within.Select(hit => hit.Record.Code));
            Assert.Empty(
                await articles.HybridSearchAsync(Query, keywords, 3, new() { ScoreThreshold = all[0].Score + 0.001 }).ToListAsync()
            );
        }
    }

    [Fact]
    public async Task Several_full_text_properties_want_one_named_or_all()
    {
        var letters = await fixture.CreateAsync<string, Letter>(
            new()
            {
                Id = "a",
                Subject = "Apples",
                Body = "Oranges",
                Vector = new float[] { 1, 0 },
            },
            new()
            {
                Id = "b",
                Subject = "Oranges",
                Body = "Apples",
                Vector = new float[] { 1, 0 },
            }
        );
        ReadOnlyMemory<float> query = new float[] { 1, 0 };
        Assert.Equal(
            "b",
            (await letters.HybridSearchAsync(query, ["Apples"], 2, new() { AdditionalProperty = r => r.Body }).FirstAsync()).Record.Id
        );
        Assert.Equal(
            "a",
            (await letters.HybridSearchAsync(query, ["Apples"], 2, new() { AdditionalProperty = r => r.Subject }).FirstAsync()).Record.Id
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() => letters.HybridSearchAsync(query, ["Apples"], 2).ToListAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            letters.HybridSearchAsync(query, ["Apples"], 2, new() { AdditionalProperty = r => r.Id }).ToListAsync().AsTask()
        );
        Assert.Equal(
            2,
            await letters
                .HybridSearchAsync(query, ["Apples"], 2, new SearchEngineHybridSearchOptions<Letter> { AllTextProperties = true })
                .CountAsync()
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ((IKeywordHybridSearchable<Item>)fixture.Store.GetCollection<string, Item>("x"))
                .HybridSearchAsync(new float[] { 1, 2, 3 }, ["a"], 1)
                .ToListAsync()
                .AsTask()
        );
    }

    [Fact]
    public async Task Weights_decide_which_ranking_counts()
    {
        var articles = await fixture.CreateAsync<int, Article>(
            new()
            {
                Id = 1,
                Code = 1,
                Text = "Plain bread",
                Vector = new float[] { 1, 0, 0, 0 },
            },
            new()
            {
                Id = 2,
                Code = 2,
                Text = "Zebra crossing",
                Vector = new float[] { 0, 1, 0, 0 },
            },
            new()
            {
                Id = 3,
                Code = 3,
                Text = "Zebra zebra",
                Vector = new float[] { 0, 0, 1, 0 },
            }
        );
        Assert.Equal(1, await First(1, 0.001));
        Assert.Equal(3, await First(0.001, 1));

        async Task<int> First(double vector, double keyword)
        {
            var options = new SearchEngineHybridSearchOptions<Article>
            {
                Fusion = new FusionOptions { VectorWeight = vector, KeywordWeight = keyword },
            };
            return (await articles.HybridSearchAsync(Query, ["zebra"], 1, options).SingleAsync()).Record.Code;
        }
    }

    [Fact]
    public async Task Explanations_say_what_each_ranker_gave()
    {
        var articles = await CreateAsync();
        var options = new SearchEngineHybridSearchOptions<Article> { IncludeSnippet = true };
        var hits = await articles.ExplainAsync(Query, ["Grapes"], 3, options).ToListAsync();
        var explanation = hits[0].Explanation!;
        Assert.Equal(3, hits[0].Record.Code);
        Assert.Equal(1, explanation.Keyword!.Rank);
        Assert.NotNull(explanation.Vector);
        Assert.Equal(hits[0].Score, explanation.Vector.Contribution + explanation.Keyword.Contribution, 1e-9);
        Assert.Equal(("Text", 1), (Assert.Single(explanation.Terms).Field, explanation.Terms.Count));
        Assert.Contains("Grapes", hits[0].Snippet!.Text);
        Assert.Null(hits[1].Explanation!.Keyword);
    }

    [Fact]
    public async Task Keywords_alone_need_no_vector()
    {
        var articles = await CreateAsync();
        var hits = await articles.KeywordSearchAsync("healthy grape", 5, new() { IncludeSnippet = true }).ToListAsync();
        Assert.Equal([3, 1], hits.Select(h => h.Record.Code));
        Assert.True(hits[0].Score > hits[1].Score);
        Assert.Empty(await articles.KeywordSearchAsync("xylophone", 5).ToListAsync());
    }

    private Task<SearchEngineCollection<int, Article>> CreateAsync() =>
        fixture.CreateAsync<int, Article>(
            new()
            {
                Id = 1,
                Code = 1,
                Text = "Apples are a healthy and nourishing snack",
                Vector = Query,
            },
            new()
            {
                Id = 2,
                Code = 2,
                Text = "Oranges are tangy and contain vitamin c",
                Vector = Query,
            },
            new()
            {
                Id = 3,
                Code = 3,
                Text = "Grapes are healthy, sweet and juicy",
                Vector = Query,
            }
        );
}
