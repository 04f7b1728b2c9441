using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>The engine's own search over the collection's records: what the abstraction's options cannot say.</summary>
public sealed class FindTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private static readonly ReadOnlyMemory<float> Query = new float[] { 1, 0, 0, 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<SearchEngineCollection<int, Article>> CreateAsync() =>
        fixture.CreateAsync<int, Article>(
            Enumerable
                .Range(1, 12)
                .Select(i => new Article
                {
                    Id = i,
                    Text = i % 2 == 0 ? $"whales and ships {i}" : "whales",
                    Code = i % 3,
                    Vector = i % 2 == 0 ? new float[] { 1, i, 0, 0 } : new float[] { 1, 0.1f, 0, 0 },
                })
        );

    [Fact]
    public async Task Totals_facets_groups_and_orders()
    {
        var articles = await CreateAsync();
        var found = await articles.FindAsync(
            new SearchRequest
            {
                Text = "whales",
                Mode = SearchMode.Keyword,
                CountTotal = true,
                Facets = [new FacetRequest("Code")],
                GroupBy = "Code",
                GroupSize = 2,
            },
            article => article.Id > 3,
            Token
        );
        Assert.Equal(9, found.Total);
        Assert.Equal([3, 3, 3], found.Facets[0].Values.Select(value => value.Count));
        Assert.Equal(6, found.Hits.Count);
        Assert.All(found.Hits, hit => Assert.Equal(hit.Record.Code, hit.Group));

        var sorted = await articles.FindAsync(
            new SearchRequest
            {
                Text = "ships",
                Mode = SearchMode.Keyword,
                Sort = new SortOrder("Code", Descending: true),
            },
            cancellationToken: Token
        );
        Assert.Equal([2, 2, 1, 1, 0, 0], sorted.Hits.Select(hit => hit.Record.Code));
    }

    [Fact]
    public async Task Rerankers_boosts_diversity_and_verdicts()
    {
        var articles = await CreateAsync();
        var request = new SearchRequest
        {
            Text = "whales",
            Vector = Query,
            Top = 12,
            Explain = true,
        };
        var last = new DelegateReranker(
            "last",
            (_, texts, _) => Task.FromResult<IReadOnlyList<double>>([.. texts.Select((_, i) => (double)i)])
        );
        var reranked = await articles.FindAsync(
            request with
            {
                Rerank = new() { Reranker = last, Weight = 1 },
            },
            cancellationToken: Token
        );
        var plain = await articles.FindAsync(request, cancellationToken: Token);
        Assert.Equal(plain.Hits[^1].Record.Id, reranked.Hits[0].Record.Id);
        Assert.Equal(12, reranked.Rerank!.Read);

        var boosted = await articles.FindAsync(
            request with
            {
                Boosts = [new NumericBoost("Code", 5, 1) { Function = NumericFunction.Linear }],
                Diversity = new DiversityOptions { Weight = 0.8, Candidates = 4 },
                ExplainKey = 3,
            },
            cancellationToken: Token
        );
        Assert.NotEqual(0, boosted.Hits[0].Record.Code);
        Assert.NotNull(boosted.Hits[0].Explanation!.Diversity);
        Assert.Equal((VerdictKind.Hit, true), (boosted.Verdict!.Kind, boosted.Verdict.Explanation!.Boosts[0].Contribution == 0));
    }

    [Fact]
    public async Task Texts_are_embedded_by_the_collections_generator()
    {
        using var store = fixture.NewStore(new LiteralGenerator());
        var notes = store.GetCollection<Guid, Note>(fixture.NewName());
        await notes.EnsureCollectionExistsAsync(Token);
        string[] vectors = ["[1,0,0]", "[0,1,0]", "[0,0,1]"];
        await notes.UpsertAsync(vectors.Select(vector => new Note { Text = vector, Embedding = vector }), Token);
        var one = await notes.FindAsync(new SearchRequest { Mode = SearchMode.Vector, Text = "[0.1,1,0]" }, cancellationToken: Token);
        Assert.Equal("[0,1,0]", one.Hits[0].Record.Text);
        Assert.InRange(one.Hits[0].Distance!.Value, 0, 0.01f);
        var two = await notes.FindAsync(
            new SearchRequest
            {
                Mode = SearchMode.Vector,
                VectorQueries =
                [
                    new VectorQuery("Embedding") { Text = "[0,0,1]", Weight = 2 },
                    new VectorQuery("Embedding") { Text = "[1,0,0]" },
                ],
            },
            cancellationToken: Token
        );
        Assert.Equal(["[0,0,1]", "[1,0,0]", "[0,1,0]"], two.Hits.Select(hit => hit.Record.Text));
    }

    [Fact]
    public async Task What_does_not_fit_is_told_as_the_engine_tells_it()
    {
        var articles = await CreateAsync();
        var wrong = new SearchRequest
        {
            Mode = SearchMode.Vector,
            Vector = Query,
            VectorField = "Nowhere",
        };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => articles.FindAsync(wrong, cancellationToken: Token));
        Assert.Contains("'Nowhere'", error.Message, StringComparison.Ordinal);
        var missing = fixture.Store.GetCollection<int, Article>(fixture.NewName());
        await Assert.ThrowsAsync<VectorStoreException>(() =>
            missing.FindAsync(new SearchRequest { Mode = SearchMode.Vector, Vector = Query }, cancellationToken: Token)
        );
    }
}
