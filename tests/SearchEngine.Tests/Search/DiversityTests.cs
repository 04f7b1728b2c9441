using SearchEngine.Reading;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Rule: hits that are alike are kept apart by maximal marginal relevance, and pages stay slices of one order.</summary>
public sealed class DiversityTests : CollectionTest
{
    private const int Dimension = 16;
    private const int Count = 400;

    private readonly Dictionary<RecordKey, Dictionary<string, float[]>> _vectors = [];
    private float[] _query = null!;

    protected override CollectionSchema Schema =>
        new()
        {
            Name = "notes",
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("text", DataFieldType.String) { IsFullText = true },
                new DataField("part", DataFieldType.Int32) { IsFilterable = true },
            ],
            Vectors =
            [
                new VectorField("cosine", Dimension),
                new VectorField("dot", Dimension) { Metric = DistanceMetric.DotProduct },
                new VectorField("euclid", Dimension) { Metric = DistanceMetric.Euclidean },
                new VectorField("manhattan", Dimension) { Metric = DistanceMetric.Manhattan, Index = VectorIndexKind.Flat },
                new VectorField("hamming", Dimension) { Metric = DistanceMetric.Hamming, Index = VectorIndexKind.Flat },
            ],
        };

    protected override async Task FillAsync()
    {
        var random = new Random(TestSeed.Get(11));
        float[] Near(float[] center, double spread) => [.. center.Select(c => c + (float)((random.NextDouble() - 0.5) * spread))];
        var centers = Enumerable.Range(0, 8).Select(_ => Near(new float[Dimension], 2)).ToArray();
        _query = Near(centers[0], 0.5);
        string[] words = ["alpha", "beta", "gamma", "delta"];
        var documents = new List<Document>();
        for (var key = 0; key < Count; key++)
        {
            var vector = Near(centers[random.Next(centers.Length)], 0.4);
            var document = new Document(key)
            {
                ["text"] = string.Join(' ', Enumerable.Range(0, 1 + random.Next(6)).Select(_ => words[random.Next(words.Length)])),
                ["part"] = key % 7,
            };
            _vectors[key] = [];
            foreach (var field in Collection.Schema.Vectors)
            {
                // Some records have no vector; keyword and hybrid searches bring them all the same.
                if (random.Next(10) > 0)
                    document.Vectors[field.Name] = _vectors[key][field.Name] = field.Name == "hamming" ? Bits(vector) : vector;
            }
            documents.Add(document);
        }

        await Collection.UpsertAsync(documents);
    }

    [Theory]
    [InlineData(SearchMode.Hybrid, "cosine")]
    [InlineData(SearchMode.Vector, "cosine")]
    [InlineData(SearchMode.Keyword, "cosine")]
    [InlineData(SearchMode.Hybrid, "dot")]
    [InlineData(SearchMode.Vector, "dot")]
    [InlineData(SearchMode.Hybrid, "euclid")]
    [InlineData(SearchMode.Vector, "euclid")]
    [InlineData(SearchMode.Vector, "manhattan")]
    [InlineData(SearchMode.Keyword, "hamming")]
    public async Task The_order_is_that_of_the_formula_and_pages_are_slices_of_it(SearchMode mode, string field)
    {
        var metric = Collection.Schema.FindVector(field)!.Metric;
        var request = Request(mode, field) with { Top = 120 };
        var plain = await Collection.SearchAsync(request, Token);
        foreach (var (weight, candidates) in new[] { (0.0, 40), (0.3, 40), (0.7, 1), (0.5, 60), (1.0, 25) })
        {
            var diverse = request with
            {
                Explain = true,
                Diversity = new DiversityOptions { Weight = weight, Candidates = candidates },
            };
            var hits = await Collection.SearchAsync(diverse, Token);

            var least =
                mode != SearchMode.Vector ? 0
                : metric == DistanceMetric.Cosine ? -1.0
                : (double?)null;
            Assert.Equal(Reference(plain, weight, candidates, least, metric, field), hits.Select(hit => hit.Key));
            Assert.Equal(plain.ToDictionary(hit => hit.Key, hit => hit.Score), hits.ToDictionary(hit => hit.Key, hit => hit.Score));
            foreach (var (hit, place) in hits.Select((hit, place) => (hit, place)))
            {
                var chosen = hit.Explanation!.Diversity;
                Assert.Equal(place < candidates, chosen is not null);
                if (chosen is null)
                    continue;
                Assert.Equal(hit.Key, plain[chosen.Rank - 1].Key);
                Assert.Equal((1 - weight) * chosen.Relevance - weight * chosen.Similarity, chosen.Value, 1e-12);
            }

            var paged = new List<RecordKey>();
            for (var skip = 0; skip < request.Top; skip += 17)
                paged.AddRange((await Collection.SearchAsync(diverse with { Top = 17, Skip = skip }, Token)).Select(hit => hit.Key));
            Assert.Equal(hits.Select(hit => hit.Key), paged.Take(hits.Count));
        }
    }

    [Fact]
    public async Task Thresholds_filters_groups_and_rerankers_come_before_it()
    {
        var reranker = new DelegateReranker(
            "length",
            (_, passages, _) => Task.FromResult<IReadOnlyList<double>>([.. passages.Select(text => (double)text.Length)])
        );
        var request = Request(SearchMode.Hybrid, "cosine") with
        {
            Top = 60,
            Filter = DocumentFilter.Less("part", 5),
            Rerank = new RerankOptions { Reranker = reranker, Candidates = 30 },
            MinimumScore = 0.4,
        };
        var plain = await Collection.SearchAsync(request, Token);
        Assert.NotEmpty(plain);
        var diverse = request with
        {
            Diversity = new DiversityOptions { Weight = 0.6, Candidates = 20 },
        };
        var hits = await Collection.SearchAsync(diverse, Token);
        Assert.Equal(Reference(plain, 0.6, 20, 0, DistanceMetric.Cosine, "cosine"), hits.Select(hit => hit.Key));

        var groups = await Collection.SearchAsync(diverse with { GroupBy = "part", GroupSize = 2, Top = 3 }, Token);
        var expected = hits.GroupBy(hit => (int)hit.Document["part"]!).Take(3).SelectMany(group => group.Take(2)).Select(hit => hit.Key);
        Assert.Equal(expected, groups.Select(hit => hit.Key));
    }

    [Fact]
    public async Task What_is_the_same_twice_is_not_said_twice()
    {
        await Collection.UpsertAsync(
            [
                .. Enumerable
                    .Range(1000, 5)
                    .Select(key => new Document(key) { ["text"] = "zeta", Vectors = { ["cosine"] = Axis(0) } })
                    .Append(new Document(2000) { ["text"] = "zeta and much else that is said here", Vectors = { ["cosine"] = Axis(1) } }),
            ],
            Token
        );
        var request = new SearchRequest
        {
            Text = "zeta",
            Mode = SearchMode.Keyword,
            Top = 2,
        };
        Assert.DoesNotContain((await Collection.SearchAsync(request, Token)).Select(hit => hit.Key), key => key == 2000);
        var diverse = request with
        {
            Diversity = new DiversityOptions { Weight = 0.7, VectorField = "cosine" },
        };
        Assert.Contains((await Collection.SearchAsync(diverse, Token)).Select(hit => hit.Key), key => key == 2000);
    }

    [Fact]
    public async Task What_cannot_be_kept_apart_is_refused()
    {
        var request = Request(SearchMode.Keyword, "cosine");
        foreach (
            var (wrong, says) in new[]
            {
                (request with { Diversity = new() { Weight = 1.5 } }, "weight of Diversity is 1.5"),
                (request with { Diversity = new() { Weight = double.NaN } }, "weight of Diversity is NaN"),
                (request with { Diversity = new() { Candidates = 0 } }, "0 candidates"),
                (request with { Diversity = new() { Candidates = 1001 } }, "1001 candidates"),
                (request with { Diversity = new() { VectorField = "nowhere" } }, "'nowhere'"),
                (request with { Diversity = new(), VectorField = null }, "DiversityOptions.VectorField"),
                (request with { Diversity = new(), Sort = new SortOrder("part") }, "Sort or Diversity"),
            }
        )
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => Collection.SearchAsync(wrong, Token));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The formula with every value worked out anew at each choice.</summary>
    private List<RecordKey> Reference(
        IReadOnlyList<SearchHit> plain,
        double weight,
        int candidates,
        double? least,
        DistanceMetric metric,
        string field
    )
    {
        var window = plain.Take(candidates).ToList();
        var (lowest, best) = (least ?? window.Min(hit => hit.Score), window.Max(hit => hit.Score));
        var first = window.Select(hit => VectorOf(hit.Key, field)).FirstOrDefault(vector => vector is not null);
        var reach = window.Max(hit => VectorOf(hit.Key, field) is { } vector ? DistanceOf(metric, first!, vector) : 0);
        double Like(RecordKey a, RecordKey b)
        {
            if (VectorOf(a, field) is not { } x || VectorOf(b, field) is not { } y)
                return 0.5;
            return metric is DistanceMetric.Cosine or DistanceMetric.DotProduct ? (1 + CosineOf(x, y)) / 2
                : reach == 0 ? 1
                : 1 - DistanceOf(metric, x, y) / (2 * reach);
        }

        var chosen = new List<RecordKey>();
        while (window.Count > 0)
        {
            var next = window
                .OrderByDescending(hit =>
                    chosen.Count == 0
                        ? hit.Score
                        : Math.Round(
                            (1 - weight) * (best > lowest ? (hit.Score - lowest) / (best - lowest) : 1)
                                - weight * chosen.Max(key => Like(key, hit.Key)),
                            9
                        )
                )
                .First();
            chosen.Add(next.Key);
            window.Remove(next);
        }

        return [.. chosen, .. plain.Skip(candidates).Select(hit => hit.Key)];
    }

    private float[]? VectorOf(RecordKey key, string field) => _vectors[key].GetValueOrDefault(field);

    private SearchRequest Request(SearchMode mode, string field) =>
        new()
        {
            Mode = mode,
            VectorField = field,
            Vector = mode == SearchMode.Keyword ? null : _query,
            Text = mode == SearchMode.Vector ? null : "alpha gamma",
        };

    private static float[] Bits(float[] vector) => Array.ConvertAll(vector, x => x > 0 ? 1f : 0f);

    private static float[] Axis(int axis)
    {
        var vector = new float[Dimension];
        vector[axis] = 1;
        return vector;
    }

    private static double CosineOf(float[] a, float[] b)
    {
        var (dot, left, right) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            left += (double)a[i] * a[i];
            right += (double)b[i] * b[i];
        }

        return dot / Math.Sqrt(left * right);
    }

    private static double DistanceOf(DistanceMetric metric, float[] a, float[] b)
    {
        var differences = a.Zip(b, (x, y) => (double)x - y).ToArray();
        return metric switch
        {
            DistanceMetric.Manhattan => differences.Sum(Math.Abs),
            DistanceMetric.Hamming => differences.Count(d => d != 0),
            _ => Math.Sqrt(differences.Sum(d => d * d)),
        };
    }
}
