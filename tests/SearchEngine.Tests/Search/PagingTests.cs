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

    private async Task PagesAsync(SearchRequest request)
    {
        foreach (var filter in new[] { null, DocumentFilter.Equal("part", 1) })
        {
            var asked = request with { Filter = filter };
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
            if (request.Mode == SearchMode.Hybrid)
                Assert.Equal(whole.OrderByDescending(hit => hit.Score).Select(hit => hit.Score), whole.Select(hit => hit.Score));
        }
    }
}
