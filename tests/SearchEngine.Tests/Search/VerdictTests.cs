using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Rule: what is said of a record agrees with the hits of every page, and its numbers add up.</summary>
public sealed class VerdictTests : CollectionTest
{
    private const int Dimension = 8;
    private const int Count = 300;

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
                new DataField("size", DataFieldType.Int32),
            ],
            Vectors = [new VectorField("vector", Dimension)],
        };

    protected override async Task FillAsync()
    {
        var random = new Random(TestSeed.Get(13));
        float[] Vector() => [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        _query = Vector();
        string[] words = ["alpha", "beta", "gamma", "delta"];
        var documents = new List<Document>();
        for (var key = 0; key < Count; key++)
        {
            var document = new Document(key)
            {
                ["text"] = string.Join(' ', Enumerable.Range(0, random.Next(5)).Select(_ => words[random.Next(words.Length)])),
                ["part"] = key % 9 == 0 ? null : key % 9,
                ["size"] = key,
            };
            if (random.Next(8) > 0)
                document.Vectors["vector"] = Vector();
            documents.Add(document);
        }

        await Collection.UpsertAsync(documents);
    }

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Keyword)]
    public async Task Every_record_is_where_the_whole_order_has_it(SearchMode mode)
    {
        var filter = DocumentFilter.Less("size", 250) & DocumentFilter.NotEqual("part", 3);
        var requests = new[]
        {
            Request(mode),
            Request(mode) with
            {
                Filter = filter,
            },
            Request(mode) with
            {
                MinimumScore = 0.3,
                MaximumDistance = 1.1f,
            },
            Request(mode) with
            {
                Filter = filter,
                GroupBy = "part",
                GroupSize = 2,
                Top = 2,
                Skip = 1,
            },
            Request(mode) with
            {
                Diversity = new DiversityOptions { Candidates = 30 },
                Top = 10,
                Skip = 5,
            },
        };
        foreach (var request in requests)
        {
            var page = await Collection.SearchAsync(request, Token);
            var order = (
                await Collection.SearchAsync(request with { Top = Count, Skip = 0, GroupBy = null, Explain = true }, Token)
            ).ToList();
            for (var key = 0; key < Count; key += 3)
            {
                var results = await Collection.FindAsync(request with { ExplainKey = key }, Token);
                var verdict = results.Verdict!;
                // Asking changes nothing.
                Assert.Equal(page.Select(hit => (hit.Key, hit.Score)), results.Hits.Select(hit => (hit.Key, hit.Score)));
                Assert.Equal(page.Any(hit => hit.Key == key), verdict.Kind == VerdictKind.Hit);
                Assert.Equal(page.Count == 0 ? null : page[^1].Score, verdict.LastScore);
                var place = order.FindIndex(hit => hit.Key == key);
                if (place < 0)
                {
                    AssertIsNone(request, verdict, key);
                    continue;
                }

                Assert.Equal(order[place].Score, verdict.Score!.Value, 1e-12);
                Assert.Equal(verdict.Score.Value, Sum(verdict.Explanation!), 1e-9);
                Assert.Equal(order[place].Explanation!.Vector?.Rank, verdict.Explanation!.Vector?.Rank);
                if (request.GroupBy is null)
                {
                    Assert.Equal(place + 1, verdict.Place);
                    Assert.Equal(
                        place < request.Skip ? VerdictKind.PassedOver
                            : place < request.Skip + request.Top ? VerdictKind.Hit
                            : VerdictKind.Behind,
                        verdict.Kind
                    );
                }
                else
                {
                    Assert.Contains(
                        verdict.Kind,
                        new[] { VerdictKind.PassedOver, VerdictKind.Hit, VerdictKind.Behind, VerdictKind.GroupFull }
                    );
                }
            }
        }
    }

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Vector)]
    [InlineData(SearchMode.Keyword)]
    public async Task What_has_too_low_a_score_is_told_the_place_that_it_would_have(SearchMode mode)
    {
        var whole = Request(mode) with { Top = Count };
        var order = (await Collection.SearchAsync(whole, Token)).ToList();
        var minimum = order[order.Count / 2].Score;
        var told = 0;
        for (var place = 0; place < order.Count; place += 7)
        {
            if (order[place].Score >= minimum)
                continue;
            var found = await Collection.FindAsync(whole with { MinimumScore = minimum, ExplainKey = order[place].Key }, Token);
            Assert.Equal(VerdictKind.BelowMinimumScore, found.Verdict!.Kind);
            Assert.Equal(place + 1, found.Verdict.Place);
            told++;
        }

        Assert.True(told > 3);
    }

    [Theory]
    [InlineData(1, 0, 3)]
    [InlineData(2, 0, 3)]
    [InlineData(2, 1, 4)]
    [InlineData(3, 0, 2)]
    [InlineData(3, 1, 2)]
    public async Task Groups_are_those_of_the_whole_order(int size, int skip, int top)
    {
        // Fewer records than a grouped search looks at.
        var whole = Request(SearchMode.Keyword) with
        {
            Top = Count,
            Filter = DocumentFilter.Less("size", 24),
        };
        var order = (await Collection.SearchAsync(whole, Token)).Select(hit => hit.Key).ToList();
        var groups = new List<(object? Value, List<RecordKey> Keys)>();
        foreach (var key in order)
        {
            var value = Collection.Get(key)!["part"];
            var at = value is null ? -1 : groups.FindIndex(group => Equals(group.Value, value));
            if (at < 0)
                groups.Add((value, [key]));
            else
                groups[at].Keys.Add(key);
        }

        var page = await Collection.SearchAsync(whole with { GroupBy = "part", GroupSize = size, Skip = skip, Top = top }, Token);
        Assert.Equal(groups.Skip(skip).Take(top).SelectMany(group => group.Keys.Take(size)), page.Select(hit => hit.Key));
    }

    [Fact]
    public async Task Every_reason_is_a_sentence_with_its_numbers()
    {
        await Collection.UpsertAsync(
            [
                new Document(1000)
                {
                    ["text"] = "omega",
                    ["part"] = 1,
                    ["size"] = 1,
                },
                new Document(1001)
                {
                    ["text"] = "nothing of it",
                    ["part"] = 2,
                    ["size"] = 5,
                    Vectors = { ["vector"] = Array.ConvertAll(_query, x => -x) },
                },
            ],
            Token
        );
        var hybrid = Request(SearchMode.Hybrid);
        foreach (
            var (request, key, kind, says) in new[]
            {
                (hybrid, 5000, VerdictKind.Missing, "no record '5000' in collection 'notes'"),
                (
                    hybrid with
                    {
                        Filter = DocumentFilter.Less("size", 3) & (DocumentFilter.Equal("part", 1) | DocumentFilter.Equal("part", 2)),
                    },
                    1001,
                    VerdictKind.Filtered,
                    """{"size":{"$lt":3}} does not hold"""
                ),
                (hybrid with { Filter = DocumentFilter.Equal("size", -1) }, 1001, VerdictKind.Filtered, "size"),
                (hybrid, 1000, VerdictKind.Unmatched, "No word of the query is in it, and it has no vector in field 'vector'."),
                (Request(SearchMode.Keyword), 1000, VerdictKind.Unmatched, "No word of the query is in it."),
                (Request(SearchMode.Vector), 1000, VerdictKind.Unmatched, "It has no vector in field 'vector'."),
                (Request(SearchMode.Vector) with { MaximumDistance = 0.5f }, 1001, VerdictKind.TooFar, "Its distance 2 is more than"),
                (Request(SearchMode.Vector) with { MinimumScore = 0 }, 1001, VerdictKind.BelowMinimumScore, "Its score -1 is less than"),
                (Request(SearchMode.Vector), 1001, VerdictKind.Behind, "its score is -1; the last hit has"),
            }
        )
        {
            var verdict = (await Collection.FindAsync(request with { ExplainKey = key }, Token)).Verdict!;
            Assert.Equal((kind, true), (verdict.Kind, verdict.Reason.Contains(says, StringComparison.Ordinal)));
        }

        var error = await Assert.ThrowsAsync<ArgumentException>(() => Collection.FindAsync(hybrid with { ExplainKey = "text" }, Token));
        Assert.Contains("ExplainKey", error.Message, StringComparison.Ordinal);
        Assert.Null((await Collection.FindAsync(hybrid, Token)).Verdict);
    }

    /// <summary>Each search is of one moment: what it says of a record and the hits beside it never contradict each other.</summary>
    [Fact]
    public async Task While_others_write_the_verdict_is_on_the_hits_beside_it()
    {
        const int searches = 60;
        using var done = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                var random = new Random(23);
                while (!done.IsCancellationRequested)
                {
                    RecordKey[] keys = [.. Enumerable.Range(0, 20).Select(_ => (RecordKey)random.Next(Count)).Distinct()];
                    await Collection.DeleteAsync(keys, CancellationToken.None);
                    await Collection.UpsertAsync(
                        [
                            .. keys.Select(key => new Document(key)
                            {
                                ["text"] = random.Next(2) == 0 ? "alpha" : "gamma delta",
                                ["part"] = random.Next(9),
                                ["size"] = random.Next(Count),
                                Vectors = { ["vector"] = Array.ConvertAll(_query, x => x + (float)random.NextDouble() - 0.5f) },
                            }),
                        ],
                        CancellationToken.None
                    );
                }
            },
            Token
        );
        var request = Request(SearchMode.Hybrid) with
        {
            Explain = true,
            Boosts = [new NumericBoost("size", 0.5, 50)],
            Diversity = new DiversityOptions { Weight = 0.3 },
        };
        try
        {
            await Parallel.ForAsync(
                0,
                searches,
                Token,
                async (i, token) =>
                {
                    RecordKey key = i * 7 % Count;
                    var results = await Collection.FindAsync(request with { ExplainKey = key }, token);
                    Assert.Equal(results.Hits.Any(hit => hit.Key == key), results.Verdict!.Kind == VerdictKind.Hit);
                    Assert.All(results.Hits, hit => Assert.Equal(hit.Score, Sum(hit.Explanation!), 1e-9));
                    if (results.Verdict.Explanation is { } explanation)
                        Assert.Equal(results.Verdict.Score!.Value, Sum(explanation), 1e-9);
                }
            );
        }
        finally
        {
            await done.CancelAsync();
            await writing;
        }
    }

    [Fact]
    public async Task An_order_by_a_field_has_places_too()
    {
        var listing = new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Sort = new SortOrder("part"),
            Top = 10,
            CorrectSpelling = false,
        };
        var whole = await Collection.SearchAsync(listing with { Top = Count }, Token);
        var verdict = (await Collection.FindAsync(listing with { ExplainKey = whole[123].Key }, Token)).Verdict!;
        Assert.Equal((VerdictKind.Behind, 124), (verdict.Kind, verdict.Place));
    }

    private static void AssertIsNone(SearchRequest request, SearchVerdict verdict, int key)
    {
        Assert.Null(key % 9 == 3 && request.Filter is not null ? verdict.Score : null);
        Assert.Contains(
            verdict.Kind,
            new[] { VerdictKind.Filtered, VerdictKind.Unmatched, VerdictKind.TooFar, VerdictKind.BelowMinimumScore }
        );
        if (request.Filter is not null && (key >= 250 || key % 9 == 3))
        {
            Assert.Equal(
                (VerdictKind.Filtered, (key >= 250 ? 1 : 0) + (key % 9 == 3 ? 1 : 0)),
                (verdict.Kind, verdict.FailedConditions.Count)
            );
        }
        if (verdict.Kind == VerdictKind.TooFar)
            Assert.True(verdict.Distance > request.MaximumDistance);
        if (verdict.Kind == VerdictKind.BelowMinimumScore)
            Assert.True(verdict.Score < request.MinimumScore);
    }

    private static double Sum(SearchExplanation parts) =>
        (parts.Vector?.Contribution ?? 0)
        + (parts.Keyword?.Contribution ?? 0)
        + (parts.Reranker?.Contribution ?? 0)
        + parts.Boosts.Sum(b => b.Contribution);

    private SearchRequest Request(SearchMode mode) =>
        new()
        {
            Mode = mode,
            Vector = mode == SearchMode.Keyword ? null : _query,
            Text = mode == SearchMode.Vector ? null : "alpha gamma",
            Top = 10,
        };
}
