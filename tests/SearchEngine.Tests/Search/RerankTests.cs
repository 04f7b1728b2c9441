using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>The rerank step: who is read, what it adds, and what happens when it takes too long or misbehaves.</summary>
public sealed class RerankTests : IAsyncLifetime
{
    private static readonly string[] Texts =
    [
        "the whale",
        "a whale and a ship",
        "a ship, a whale, a sea",
        "whale",
        "the sea",
        "a whale of a time",
    ];

    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;
    private SearchCollection _collection = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var embedder = new HashingEmbeddingGenerator();
        _database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = _directory.FullPath,
                Durability = DatabaseDurability.None,
                Embedder = new EmbedderOptions { Generator = embedder },
                Reranker = Shortest,
            }
        );
        _collection = await _database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "notes",
                Fields =
                [
                    new DataField("title", DataFieldType.String) { IsFullText = true },
                    new DataField("text", DataFieldType.String) { IsFullText = true },
                ],
                Vectors = [new VectorField("vector", embedder.Dimension) { SourceField = "text" }],
            }
        );
        await _collection.UpsertAsync([.. Texts.Select((text, i) => new Document($"{i}") { ["title"] = $"t{i}", ["text"] = text })], Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Likes short passages, whatever is asked.</summary>
    private static DelegateReranker Shortest =>
        new("shortest", (_, passages, _) => Task.FromResult<IReadOnlyList<double>>([.. passages.Select(text => -(double)text.Length)]));

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Keyword)]
    public async Task Scores_are_the_formulas_and_the_explanations_add_up(SearchMode mode)
    {
        var plain = await _collection.SearchAsync(
            new SearchRequest
            {
                Text = "whale",
                Mode = mode,
                Top = 100,
            },
            Token
        );
        foreach (var weight in new[] { 0, 0.3, 1 })
        {
            var request = new SearchRequest
            {
                Text = "whale",
                Mode = mode,
                Top = 100,
                Explain = true,
                Rerank = new RerankOptions { Candidates = 4, Weight = weight },
            };
            var results = await _collection.FindAsync(request, Token);
            Assert.Equal((4, 4), (results.Rerank!.Read, results.Rerank.Wanted));
            Assert.Equal(Expected(plain, weight, mode), results.Hits.Select(hit => hit.Key.ToString()));
            foreach (var hit in results.Hits)
            {
                var parts = hit.Explanation!;
                var sum = (parts.Vector?.Contribution ?? 0) + (parts.Keyword?.Contribution ?? 0) + (parts.Reranker?.Contribution ?? 0);
                Assert.InRange(hit.Score - sum, -1e-9, 1e-9);
                Assert.InRange(hit.Score, 0, 1 + 1e-9);
            }
            Assert.Equal(4, results.Hits.Count(hit => hit.Explanation!.Reranker is not null));
            // A page of it is a slice of it.
            var page = await _collection.SearchAsync(request with { Skip = 1, Top = 2 }, Token);
            Assert.Equal(results.Hits.Skip(1).Take(2).Select(h => (h.Key, h.Score)), page.Select(h => (h.Key, h.Score)));
        }
    }

    [Fact]
    public async Task What_is_read_are_the_full_text_fields_or_those_named()
    {
        List<string> seen = [];
        var reader = new DelegateReranker(
            "reader",
            (query, passages, _) =>
            {
                Assert.Equal("whale", query);
                seen.AddRange(passages);
                return Task.FromResult<IReadOnlyList<double>>([.. passages.Select(_ => 0.0)]);
            }
        );
        var request = new SearchRequest { Text = "whale", Filter = DocumentFilter.Equal(DocumentFilter.KeyField, "3") };
        await _collection.SearchAsync(request with { Rerank = new RerankOptions { Reranker = reader } }, Token);
        await _collection.SearchAsync(
            request with
            {
                Rerank = new RerankOptions { Reranker = reader, Fields = ["text"] },
            },
            Token
        );
        Assert.Equal(["t3\nwhale", "whale"], seen);
    }

    [Fact]
    public async Task When_the_time_is_over_what_was_not_read_stays_behind()
    {
        await _collection.UpsertAsync([.. Enumerable.Range(100, 60).Select(i => new Document($"{i}") { ["text"] = $"whale {i}" })], Token);
        // The first passages are read at once, the others never are.
        var asked = 0;
        var slow = new DelegateReranker(
            "slow",
            async (_, passages, cancellationToken) =>
            {
                if (Interlocked.Increment(ref asked) > 1)
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                return [.. passages.Select((_, i) => (double)i)];
            }
        );
        var request = new SearchRequest
        {
            Text = "whale",
            Top = 50,
            Explain = true,
            Rerank = new RerankOptions { Reranker = slow, Budget = TimeSpan.FromSeconds(1) },
        };
        var results = await _collection.FindAsync(request, Token);
        // On a busy machine the time may be over before the first are read: then it was too short.
        while (results.Rerank!.Read == 0)
        {
            asked = 0;
            request = request with { Rerank = request.Rerank with { Budget = request.Rerank.Budget * 2 } };
            results = await _collection.FindAsync(request, Token);
        }

        Assert.Equal(50, results.Hits.Count);
        Assert.InRange(results.Rerank.Read, 1, 49);
        Assert.All(results.Hits.Take(results.Rerank.Read), hit => Assert.NotNull(hit.Explanation!.Reranker));
        Assert.All(results.Hits.Skip(results.Rerank.Read), hit => Assert.Null(hit.Explanation!.Reranker));
        Assert.Equal(results.Hits.OrderByDescending(hit => hit.Score).Select(hit => hit.Key), results.Hits.Select(hit => hit.Key));
    }

    [Fact]
    public async Task A_reranker_that_misbehaves_is_named()
    {
        var few = new DelegateReranker("few", (_, _, _) => Task.FromResult<IReadOnlyList<double>>([1]));
        var none = new DelegateReranker("none", (_, p, _) => Task.FromResult<IReadOnlyList<double>>([.. p.Select(_ => double.NaN)]));
        foreach (var (reranker, says) in new[] { (few, "'few' gave 1 scores"), (none, "'none' gave a score that is not a finite number") })
        {
            var request = new SearchRequest
            {
                Text = "whale",
                Rerank = new RerankOptions { Reranker = reranker },
            };
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => _collection.SearchAsync(request, Token));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_reranked_is_refused()
    {
        var keyword = new SearchRequest { Text = "whale", Mode = SearchMode.Keyword };
        foreach (
            var (request, says) in new[]
            {
                (keyword with { Rerank = new() { Candidates = 0 } }, "0 candidates"),
                (keyword with { Rerank = new() { Weight = 1.5 } }, "1.5"),
                (keyword with { Rerank = new() { Budget = TimeSpan.Zero } }, "time"),
                (keyword with { Rerank = new() { Fields = ["nowhere"] } }, "'nowhere'"),
                (keyword with { Rerank = new(), Sort = new SortOrder("title") }, "Sort"),
                (
                    new SearchRequest
                    {
                        Mode = SearchMode.Vector,
                        Vector = new float[64],
                        Rerank = new(),
                    },
                    "text"
                ),
            }
        )
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => _collection.SearchAsync(request, Token));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_second_embedder_reads_each_passage_once()
    {
        var second = new HashingEmbeddingGenerator(128);
        var reranker = new EmbeddingReranker("second", second);
        var request = new SearchRequest
        {
            Text = "whale",
            Rerank = new RerankOptions { Reranker = reranker, Weight = 1 },
        };
        var hits = await _collection.SearchAsync(request, Token);
        Assert.Equal("3", hits[0].Key.ToString()); // "whale" alone
        var embedded = second.TextCount;
        await _collection.SearchAsync(request, Token);
        Assert.Equal(embedded + 1, second.TextCount); // the query
    }

    private static IEnumerable<string> Expected(IReadOnlyList<SearchHit> plain, double weight, SearchMode mode)
    {
        var least = mode == SearchMode.Vector ? -1 : 0;
        var best = plain.Max(hit => hit.Score);
        var read = plain.Take(4).Select(hit => -(double)$"{hit.Document["title"]}\n{hit.Document["text"]}".Length).ToArray();
        double Of(SearchHit hit, int place) =>
            (1 - weight) * (hit.Score - least) / (best - least) + weight * (read[place] - read.Min()) / (read.Max() - read.Min());
        return plain
            .Take(4)
            .Select((hit, place) => (hit, Score: Of(hit, place)))
            .OrderByDescending(pair => pair.Score)
            .Select(pair => pair.hit)
            .Concat(plain.Skip(4))
            .Select(hit => hit.Key.ToString()!);
    }
}
