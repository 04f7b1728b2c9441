using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Pages 1 to 20 are one search for 20 pages, for every mode, index and fusion, with filters and without.</summary>
public sealed class PagingTests : IAsyncLifetime
{
    private const int Dimension = 32;
    private const int Count = 3_000;
    private const int Pages = 20;
    private const int PageSize = 10;

    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;
    private SearchCollection _collection = null!;
    private float[] _query = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = _directory.FullPath,
                MemoryBytes = 16 << 20,
                Durability = DatabaseDurability.None,
            }
        );
        _collection = await _database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "pages",
                KeyKind = RecordKeyKind.Int32,
                Fields =
                [
                    new DataField("text", DataFieldType.String) { IsFullText = true },
                    new DataField("part", DataFieldType.Int32) { IsFilterable = true },
                ],
                Vectors =
                [
                    new VectorField("graph", Dimension),
                    new VectorField("coarse", Dimension) { Quantization = VectorQuantization.Binary },
                    new VectorField("flat", Dimension) { Index = VectorIndexKind.Flat, Quantization = VectorQuantization.Int8 },
                ],
            }
        );
        var random = new Random(TestSeed.Get(7));
        float[] Near(float[] center, double spread) => [.. center.Select(c => c + (float)((random.NextDouble() - 0.5) * spread))];
        var centers = Enumerable.Range(0, 30).Select(_ => Near(new float[Dimension], 2)).ToArray();
        _query = Near(centers[0], 0.3);
        string[] words = ["alpha", "beta", "gamma", "delta", "epsilon"];
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(1000))
        {
            await _collection.UpsertAsync([
                .. chunk.Select(key =>
                {
                    var vector = Near(centers[key % centers.Length], 0.5);
                    return new Document(key)
                    {
                        ["text"] = string.Join(' ', Enumerable.Range(0, 3 + key % 5).Select(_ => words[random.Next(words.Length)])),
                        ["part"] = key % 3,
                        Vectors =
                        {
                            ["graph"] = vector,
                            ["coarse"] = vector,
                            ["flat"] = vector,
                        },
                    };
                }),
            ]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("graph")]
    [InlineData("coarse")]
    [InlineData("flat")]
    public async Task Pages_of_a_vector_search(string field) =>
        await PagesAsync(
            new SearchRequest
            {
                Mode = SearchMode.Vector,
                VectorField = field,
                Vector = _query,
            }
        );

    [Fact]
    public async Task Pages_of_a_keyword_search() =>
        await PagesAsync(new SearchRequest { Mode = SearchMode.Keyword, Text = "alpha gamma" });

    [Theory]
    [InlineData(FusionMethod.ReciprocalRank, 0)]
    [InlineData(FusionMethod.ReciprocalRank, 30)]
    [InlineData(FusionMethod.RelativeScore, 0)]
    [InlineData(FusionMethod.RelativeScore, 30)]
    public async Task Pages_of_a_hybrid_search(FusionMethod method, int depth) =>
        await PagesAsync(
            new SearchRequest
            {
                VectorField = "graph",
                Vector = _query,
                Text = "alpha gamma",
                Fusion = new FusionOptions { Method = method, Depth = depth },
            }
        );

    /// <summary>
    /// The first hits of a hybrid search are those of the formula over the union of both rankings, every candidate scored by both: worked
    /// out here from a vector search and a keyword search of everything.
    /// </summary>
    [Theory]
    [InlineData("graph", "alpha gamma", false)]
    [InlineData("coarse", "beta", false)]
    [InlineData("flat", "alpha gamma", true)]
    [InlineData("graph", "absent", true)]
    public async Task A_hybrid_search_scores_every_candidate_by_both_rankers(string field, string text, bool filtered)
    {
        const int depth = 20;
        const double weight = 0.6;
        var request = new SearchRequest
        {
            VectorField = field,
            Vector = _query,
            Text = text,
            CorrectSpelling = false,
            Filter = filtered ? DocumentFilter.Equal("part", 1) : null,
            Explain = true,
            Fusion = new FusionOptions
            {
                VectorWeight = weight,
                KeywordWeight = 1 - weight,
                Depth = depth,
            },
        };
        var near = await _collection.SearchAsync(request with { Mode = SearchMode.Vector, Top = Count, VectorField = "flat" });
        var brought = await _collection.SearchAsync(request with { Mode = SearchMode.Vector, Top = depth });
        var worded = await _collection.SearchAsync(request with { Mode = SearchMode.Keyword, Top = Count });
        var cosine = near.ToDictionary(hit => hit.Key, hit => hit.Score);
        var bm25 = worded.ToDictionary(hit => hit.Key, hit => hit.Score);
        var union = brought.Select(hit => hit.Key).Union(worded.Take(depth).Select(hit => hit.Key)).ToList();
        var best = union.Max(key => cosine[key]);
        double Expected(RecordKey key) =>
            weight * (cosine[key] + 1) / (best + 1)
            + (worded.Count == 0 ? 0 : (1 - weight) * bm25.GetValueOrDefault(key) / worded[0].Score);

        var hits = await _collection.SearchAsync(request);

        Assert.Equal(
            union.Select(Expected).OrderDescending().Take(hits.Count),
            hits.Select(hit => hit.Score),
            (a, b) => Math.Abs(a - b) < 1e-5
        );
        foreach (var hit in hits)
        {
            Assert.Equal(Expected(hit.Key), hit.Score, 1e-5);
            Assert.Equal(1 - cosine[hit.Key], hit.Distance!.Value, 1e-5);
            Assert.Equal(cosine[hit.Key], hit.Explanation!.Vector!.Score, 1e-5);
            Assert.Equal(bm25.GetValueOrDefault(hit.Key), hit.Explanation.Keyword?.Score ?? 0, 1e-5);
        }
    }

    private static void AssertIsExplained(SearchHit hit)
    {
        var parts = hit.Explanation!;
        Assert.Equal(DistanceScoreOf(hit), parts.Vector!.Score, 1e-12);
        Assert.Equal(hit.Score, parts.Vector.Contribution + (parts.Keyword?.Contribution ?? 0), 1e-9);
        Assert.Equal(parts.Keyword is null, parts.Terms.Count == 0);
    }

    private static double DistanceScoreOf(SearchHit hit) => 1.0 - hit.Distance!.Value;

    private async Task PagesAsync(SearchRequest request)
    {
        foreach (var filter in new[] { null, DocumentFilter.Equal("part", 1) })
        {
            var asked = request with { Filter = filter, Explain = true };
            var whole = await _collection.SearchAsync(asked with { Top = Pages * PageSize });
            Assert.Equal(Pages * PageSize, whole.Select(hit => hit.Key).Distinct().Count());
            var paged = new List<SearchHit>();
            for (var page = 0; page < Pages; page++)
                paged.AddRange(await _collection.SearchAsync(asked with { Top = PageSize, Skip = page * PageSize }));
            Assert.Equal(whole.Select(hit => hit.Key), paged.Select(hit => hit.Key));
            Assert.Equal(whole.Select(hit => hit.Score), paged.Select(hit => hit.Score));
            // A page of another size is a slice of the same.
            var odd = await _collection.SearchAsync(asked with { Top = 37, Skip = 83 });
            Assert.Equal(whole.Skip(83).Take(37).Select(hit => hit.Key), odd.Select(hit => hit.Key));
            // Whichever ranker brought a hit, and from however deep, both have their say.
            if (request is { Mode: SearchMode.Hybrid, Fusion.Method: FusionMethod.RelativeScore })
                Assert.All(whole, AssertIsExplained);
            if (request.Mode == SearchMode.Hybrid)
                Assert.Equal(whole.OrderByDescending(hit => hit.Score).Select(hit => hit.Score), whole.Select(hit => hit.Score));
        }
    }
}
