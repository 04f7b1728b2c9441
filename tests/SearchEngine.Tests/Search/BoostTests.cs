using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Rule: boosts add what their formulas say, explanations add up to scores, and pages stay slices of one order.</summary>
public sealed class BoostTests : CollectionTest
{
    private const int Dimension = 8;
    private const int Count = 300;

    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private float[] _query = null!;

    protected override CollectionSchema Schema =>
        new()
        {
            Name = "notes",
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("text", DataFieldType.String) { IsFullText = true },
                new DataField("stars", DataFieldType.Int32),
                new DataField("price", DataFieldType.Decimal),
                new DataField("when", DataFieldType.DateTimeOffset),
                new DataField("written", DataFieldType.DateTime),
                new DataField("day", DataFieldType.DateOnly) { IsFilterable = true },
                new DataField("tags", DataFieldType.Int32) { IsList = true },
            ],
            Vectors = [new VectorField("vector", Dimension), new VectorField("euclid", Dimension) { Metric = DistanceMetric.Euclidean }],
        };

    protected override async Task FillAsync()
    {
        var random = new Random(TestSeed.Get(17));
        float[] Vector() => [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        _query = Vector();
        string[] words = ["alpha", "beta", "gamma", "delta"];
        var documents = new List<Document>();
        for (var key = 0; key < Count; key++)
        {
            var vector = Vector();
            var time = Origin.AddDays(random.Next(-400, 100)).AddMinutes(random.Next(1440));
            documents.Add(
                new Document(key)
                {
                    ["text"] = string.Join(' ', Enumerable.Range(0, 1 + random.Next(5)).Select(_ => words[random.Next(words.Length)])),
                    ["stars"] = random.Next(6) == 0 ? null : random.Next(-5, 500),
                    ["price"] = (decimal)random.Next(1, 9999) / 100,
                    ["when"] = random.Next(6) == 0 ? null : time.ToOffset(TimeSpan.FromHours(3)),
                    ["written"] = time.UtcDateTime,
                    ["day"] = DateOnly.FromDateTime(time.UtcDateTime),
                    Vectors = { ["vector"] = vector, ["euclid"] = vector },
                }
            );
        }

        await Collection.UpsertAsync(documents);
    }

    [Theory]
    [InlineData(SearchMode.Hybrid, "vector", false)]
    [InlineData(SearchMode.Hybrid, "euclid", true)]
    [InlineData(SearchMode.Vector, "vector", false)]
    [InlineData(SearchMode.Vector, "euclid", false)]
    [InlineData(SearchMode.Vector, "euclid", true)]
    [InlineData(SearchMode.Keyword, "vector", false)]
    public async Task Scores_are_the_formulas_and_pages_are_slices(SearchMode mode, string field, bool reranked)
    {
        const int window = 70;
        var request = Request(mode, field) with { Top = 150, Rerank = reranked ? Longest(40) : null };
        var plain = await Collection.SearchAsync(request, Token);
        var read = plain.Take(window).ToList();
        var lowest =
            reranked || mode != SearchMode.Vector ? 0
            : field == "vector" ? -1
            : read.Min(hit => hit.Score);
        var range = reranked ? 1 : read.Max(hit => hit.Score) - lowest;
        double Relevance(SearchHit hit) => (hit.Score - lowest) / range;
        foreach (var boosts in Boosts())
        {
            var boosted = request with { Explain = true, Boosts = boosts, BoostCandidates = window };
            var hits = await Collection.SearchAsync(boosted, Token);

            var expected = read.Select(hit =>
                    (hit.Key, Score: Relevance(hit) + boosts.Sum(boost => boost.Weight * Expected(boost, hit.Document)))
                )
                .OrderByDescending(pair => pair.Score)
                .ToList();
            Assert.Equal(expected.Select(pair => pair.Score), hits.Take(window).Select(hit => hit.Score), (a, b) => Math.Abs(a - b) < 1e-9);
            Assert.Equal(
                expected.OrderBy(pair => pair.Key),
                hits.Take(window).Select(hit => (hit.Key, hit.Score)).OrderBy(pair => pair.Key),
                (a, b) => a.Key == b.Key && Math.Abs(a.Score - b.Score) < 1e-9
            );
            Assert.Equal(plain.Skip(window).Select(hit => hit.Key), hits.Skip(window).Select(hit => hit.Key));
            Assert.All(hits.Skip(window), hit => Assert.True(hit.Score <= hits[window - 1].Score + 1e-12));
            foreach (var (hit, place) in hits.Select((hit, place) => (hit, place)))
            {
                var parts = hit.Explanation!;
                Assert.Equal(place < window ? boosts.Length : 0, parts.Boosts.Count);
                Assert.Equal(hit.Score, Sum(parts), 1e-9);
                Assert.Equal(hit.Score, parts.Fused, 1e-12);
            }

            var paged = new List<(RecordKey, double)>();
            for (var skip = 0; skip < request.Top; skip += 23)
            {
                paged.AddRange((await Collection.SearchAsync(boosted with { Top = 23, Skip = skip }, Token)).Select(h => (h.Key, h.Score)));
            }
            Assert.Equal(hits.Select(h => (h.Key, h.Score)), paged.Take(hits.Count));
        }
    }

    [Fact]
    public async Task Of_two_alike_the_newer_comes_first_and_without_an_origin_now_counts()
    {
        await Collection.UpsertAsync(
            [
                new Document(1000) { ["text"] = "omega", ["when"] = DateTimeOffset.UtcNow.AddYears(-9) },
                new Document(1001) { ["text"] = "omega", ["when"] = DateTimeOffset.UtcNow },
            ],
            Token
        );
        var request = new SearchRequest { Text = "omega", Mode = SearchMode.Keyword };
        Assert.Equal(1000, (await Collection.SearchAsync(request, Token))[0].Key);
        var recent = request with { Boosts = [new RecencyBoost("when", 0.1, TimeSpan.FromDays(365))] };
        var hits = await Collection.SearchAsync(recent, Token);
        Assert.Equal(1001, hits[0].Key);
        Assert.Equal(1.1, hits[0].Score, 1e-3);
    }

    [Fact]
    public async Task What_cannot_boost_is_refused()
    {
        var request = Request(SearchMode.Keyword, "vector");
        var day = TimeSpan.FromDays(1);
        foreach (
            var (boost, says) in new (ScoreBoost, string)[]
            {
                (new RecencyBoost("nowhere", 1, day), "'nowhere'"),
                (new RecencyBoost("stars", 1, day), "Field 'stars' is Int32: a boost by recency"),
                (new RecencyBoost("when", 1, TimeSpan.Zero), "half-life"),
                (new RecencyBoost("when", 1, day) { Offset = -day }, "offset"),
                (new RecencyBoost("when", 1, day) { Decay = (DecayFunction)9 }, "decay 9"),
                (new RecencyBoost("when", -1, day), "weight of the boost by 'when' is -1"),
                (new NumericBoost("tags", 1, 1), "'tags'"),
                (new NumericBoost("text", 1, 1), "Field 'text' is String: a boost by a number"),
                (new NumericBoost("stars", double.NaN, 1), "weight"),
                (new NumericBoost("stars", 1, 0), "pivot"),
                (new NumericBoost("stars", 1, 1) { Function = (NumericFunction)9 }, "function 9"),
            }
        )
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => Collection.SearchAsync(request with { Boosts = [boost] }, Token));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }

        var good = request with { Boosts = [new NumericBoost("stars", 1, 1)] };
        await Assert.ThrowsAsync<ArgumentException>(() => Collection.SearchAsync(good with { BoostCandidates = 0 }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => Collection.SearchAsync(good with { Sort = new SortOrder("day") }, Token));
    }

    private static IEnumerable<ScoreBoost[]> Boosts()
    {
        var month = TimeSpan.FromDays(30);
        yield return [new RecencyBoost("when", 0.3, month) { Origin = Origin }];
        yield return
        [
            new RecencyBoost("written", 0.5, 2 * month)
            {
                Origin = Origin,
                Decay = DecayFunction.Gauss,
                Offset = month,
            },
            new NumericBoost("stars", 0.2, 100),
        ];
        yield return
        [
            new RecencyBoost("day", 0.4, 3 * month) { Origin = Origin, Decay = DecayFunction.Linear },
            new NumericBoost("price", 0.1, 50) { Function = NumericFunction.Linear },
            new NumericBoost("stars", 1, 10) { Function = NumericFunction.Log1p },
        ];
    }

    /// <summary>The formulas once more, from the documentation.</summary>
    private static double Expected(ScoreBoost boost, Document document)
    {
        if (document[boost.Field] is not { } value)
            return 0;
        if (boost is NumericBoost numeric)
        {
            var x = Math.Max(0, (double)Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture));
            return numeric.Function switch
            {
                NumericFunction.Saturation => x / (x + numeric.Pivot),
                NumericFunction.Log1p => Math.Log(1 + x, 1 + numeric.Pivot),
                _ => Math.Min(x / numeric.Pivot, 1),
            };
        }

        var recency = (RecencyBoost)boost;
        var instant = value switch
        {
            DateOnly day => Origin.AddDays(day.DayNumber - DateOnly.FromDateTime(Origin.UtcDateTime).DayNumber),
            DateTime time => new DateTimeOffset(time.Ticks, TimeSpan.Zero),
            _ => (DateTimeOffset)value,
        };
        var t = Math.Max(0, Math.Abs((instant - recency.Origin!.Value).TotalDays) - recency.Offset.TotalDays) / recency.HalfLife.TotalDays;
        return recency.Decay switch
        {
            DecayFunction.Exponential => Math.Exp(-Math.Log(2) * t),
            DecayFunction.Gauss => Math.Exp(-Math.Log(2) * t * t),
            _ => Math.Max(0, 1 - 0.5 * t),
        };
    }

    private static double Sum(SearchExplanation parts) =>
        (parts.Vector?.Contribution ?? 0)
        + (parts.Keyword?.Contribution ?? 0)
        + (parts.Reranker?.Contribution ?? 0)
        + parts.Boosts.Sum(boost => boost.Contribution);

    private static RerankOptions Longest(int candidates) =>
        new()
        {
            Candidates = candidates,
            Reranker = new DelegateReranker(
                "longest",
                (_, passages, _) => Task.FromResult<IReadOnlyList<double>>([.. passages.Select(text => (double)text.Length)])
            ),
        };

    private SearchRequest Request(SearchMode mode, string field) =>
        new()
        {
            Mode = mode,
            VectorField = field,
            Vector = mode == SearchMode.Keyword ? null : _query,
            Text = "alpha gamma",
        };
}
