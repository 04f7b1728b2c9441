using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Rule: several vectors make one ranking by the formula; one in a list is the same as one alone; pages are slices.</summary>
public sealed class VectorQueriesTests : CollectionTest
{
    private const int Count = 500;

    private readonly Dictionary<RecordKey, Dictionary<string, float[]>> _vectors = [];
    private Dictionary<string, float[]> _queries = null!;

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
                new VectorField("title", 16),
                new VectorField("body", 16),
                new VectorField("picture", 4) { Metric = DistanceMetric.Euclidean, Index = VectorIndexKind.Flat },
            ],
        };

    protected override EmbedderOptions? Embedder { get; } = new() { Generator = new HashingEmbeddingGenerator(16) };

    protected override async Task FillAsync()
    {
        var random = new Random(TestSeed.Get(19));
        float[] Vector(int dimension) => [.. Enumerable.Range(0, dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        _queries = Collection.Schema.Vectors.ToDictionary(field => field.Name, field => Vector(field.Dimension));
        string[] words = ["alpha", "beta", "gamma", "delta"];
        var documents = new List<Document>();
        for (var key = 0; key < Count; key++)
        {
            var document = new Document(key)
            {
                ["text"] = string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => words[random.Next(words.Length)])),
                ["part"] = key % 3,
            };
            _vectors[key] = [];
            foreach (var field in Collection.Schema.Vectors)
            {
                if (random.Next(6) > 0)
                    document.Vectors[field.Name] = _vectors[key][field.Name] = Vector(field.Dimension);
            }

            documents.Add(document);
        }

        await Collection.UpsertAsync(documents);
    }

    /// <summary>With every candidate in the first depth the whole order is that of the formula over exact distances.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_search_by_vectors_is_the_formula(bool filtered)
    {
        foreach (
            var weights in new (string Field, double Weight)[][]
            {
                [("title", 1), ("body", 1)],
                [("title", 3), ("body", 0.5), ("picture", 2)],
                [("picture", 5), ("picture", 1)],
            }
        )
        {
            var request = new SearchRequest
            {
                Mode = SearchMode.Vector,
                VectorQueries = [.. weights.Select(w => new VectorQuery(w.Field) { Vector = _queries[w.Field], Weight = w.Weight })],
                Filter = filtered ? DocumentFilter.Equal("part", 1) : null,
                Fusion = new FusionOptions { Depth = Count },
                Top = Count,
                Explain = true,
            };
            var hits = await Collection.SearchAsync(request, Token);

            var expected = Expected(weights, key => !filtered || (int)key.Value % 3 == 1);
            Assert.Equal(expected.Count, hits.Count);
            Assert.Equal(expected.Values.OrderDescending(), hits.Select(hit => hit.Score), (a, b) => Math.Abs(a - b) < 1e-5);
            foreach (var hit in hits)
            {
                Assert.Equal(expected[hit.Key], hit.Score, 1e-5);
                Assert.Null(hit.Distance);
                var parts = hit.Explanation!.Vectors;
                Assert.Equal(hit.Score, parts.Sum(part => part.Contribution), 1e-9);
                foreach (var part in parts)
                    Assert.Equal(ScoreOf(hit.Key, part.Field)!.Value, part.Score, 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(SearchMode.Vector, 0)]
    [InlineData(SearchMode.Vector, 20)]
    [InlineData(SearchMode.Hybrid, 0)]
    [InlineData(SearchMode.Hybrid, 20)]
    public async Task Pages_are_slices_and_parts_add_up(SearchMode mode, int depth)
    {
        var request = new SearchRequest
        {
            Mode = mode,
            Text = "alpha gamma",
            VectorQueries = [.. _queries.Select(query => new VectorQuery(query.Key) { Vector = query.Value })],
            Fusion = new FusionOptions { Depth = depth },
            Explain = true,
        };
        var whole = await Collection.SearchAsync(request with { Top = 200 }, Token);
        Assert.Equal(200, whole.Select(hit => hit.Key).Distinct().Count());
        Assert.Equal(whole.Select(hit => hit.Score).OrderDescending(), whole.Select(hit => hit.Score));
        for (var skip = 0; skip < 200; skip += 19)
        {
            var page = await Collection.SearchAsync(request with { Top = 19, Skip = skip }, Token);
            Assert.Equal(whole.Skip(skip).Take(19).Select(h => (h.Key, h.Score)), page.Take(200 - skip).Select(h => (h.Key, h.Score)));
        }

        foreach (var hit in whole)
        {
            var parts = hit.Explanation!;
            Assert.Equal(hit.Score, (parts.Vector?.Contribution ?? 0) + (parts.Keyword?.Contribution ?? 0), 1e-9);
            Assert.Equal(parts.Vector?.Contribution ?? 0, parts.Vectors.Sum(part => part.Contribution), 1e-9);
        }

        var verdict = (await Collection.FindAsync(request with { ExplainKey = whole[57].Key }, Token)).Verdict!;
        Assert.Equal((VerdictKind.Behind, 58), (verdict.Kind, verdict.Place));
    }

    [Theory]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Hybrid)]
    public async Task A_list_of_one_is_the_vector_alone(SearchMode mode)
    {
        var request = new SearchRequest
        {
            Mode = mode,
            Text = "alpha gamma",
            Top = 150,
            Explain = true,
        };
        foreach (var vector in new ReadOnlyMemory<float>?[] { _queries["body"], null })
        {
            var alone = await Collection.SearchAsync(request with { VectorField = "body", Vector = vector }, Token);
            var listed = await Collection.SearchAsync(
                request with
                {
                    VectorQueries = [new VectorQuery("body") { Vector = vector, Weight = 7 }],
                },
                Token
            );
            Assert.Equal(alone.Select(h => (h.Key, h.Score, h.Distance)), listed.Select(h => (h.Key, h.Score, h.Distance)));
            Assert.Equal(alone.Select(h => h.Explanation!.Vector), listed.Select(h => h.Explanation!.Vector));
        }
    }

    [Fact]
    public async Task Each_may_have_a_text_of_its_own()
    {
        var request = new SearchRequest
        {
            Mode = SearchMode.Vector,
            VectorQueries = [new VectorQuery("title") { Text = "alpha" }, new VectorQuery("body") { Text = "beta" }],
        };
        var made = await Embedder!.Generator.GenerateAsync(["alpha", "beta"], cancellationToken: Token);
        var vectors = request with
        {
            VectorQueries = [.. request.VectorQueries.Select((query, i) => new VectorQuery(query.Field) { Vector = made[i].Vector })],
        };
        var (byText, byVector) = (await Collection.SearchAsync(request, Token), await Collection.SearchAsync(vectors, Token));
        Assert.NotEmpty(byText);
        Assert.Equal(byVector.Select(h => (h.Key, h.Score)), byText.Select(h => (h.Key, h.Score)));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused()
    {
        var request = new SearchRequest { Mode = SearchMode.Vector, Text = "alpha" };
        var (title, body) = (new VectorQuery("title"), new VectorQuery("body"));
        foreach (
            var (wrong, says) in new[]
            {
                (request with { VectorQueries = [title, body], VectorField = "title" }, "VectorField"),
                (request with { VectorQueries = [title, body], Vector = _queries["title"] }, "VectorField and Vector"),
                (request with { VectorQueries = [title, body], MaximumDistance = 1 }, "MaximumDistance"),
                (request with { VectorQueries = [title, body with { Weight = 0 }] }, "'body' is 0"),
                (request with { VectorQueries = [title, body with { Weight = double.PositiveInfinity }] }, "finite"),
                (request with { VectorQueries = [new VectorQuery("nowhere")] }, "'nowhere'"),
                (request with { VectorQueries = [title, body], Text = null }, "'title' needs a vector"),
                (request with { VectorQueries = [title, new VectorQuery("picture") { Vector = new float[5] }] }, "5 dimensions"),
                (request with { VectorQueries = [.. Enumerable.Repeat(title, 33)] }, "at most 32"),
            }
        )
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => Collection.SearchAsync(wrong, Token));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The formula, from exact distances.</summary>
    private Dictionary<RecordKey, double> Expected((string Field, double Weight)[] weights, Func<RecordKey, bool> passes)
    {
        var sum = weights.Sum(w => w.Weight);
        var keys = _vectors.Keys.Where(key => passes(key) && weights.Any(w => _vectors[key].ContainsKey(w.Field))).ToList();
        var ranges = weights.ToDictionary(
            w => w,
            w =>
            {
                var scores = keys.Select(key => ScoreOf(key, w.Field)).OfType<double>().ToList();
                return (Least: w.Field == "picture" ? scores.Min() : -1, Best: scores.Max());
            }
        );
        return keys.ToDictionary(
            key => key,
            key =>
                weights.Sum(w =>
                    ScoreOf(key, w.Field) is { } score ? w.Weight / sum * (score - ranges[w].Least) / (ranges[w].Best - ranges[w].Least) : 0
                )
        );
    }

    private double? ScoreOf(RecordKey key, string field)
    {
        if (!_vectors[key].TryGetValue(field, out var vector))
            return null;
        var query = _queries[field];
        if (field == "picture")
            return -Math.Sqrt(vector.Zip(query, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
        return Dot(vector, query) / Math.Sqrt(Dot(vector, vector) * Dot(query, query));
    }
}
