using SearchEngine.Client;

namespace SearchEngine.Api.Tests;

/// <summary>What changes the order of hits, and what is asked about it, over HTTP as in the process.</summary>
public sealed class OrderingTests(OrderingTests.Host host) : IClassFixture<OrderingTests.Host>
{
    public sealed class Host : IAsyncLifetime
    {
        public RunningHost Running { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Running = await RunningHost.StartAsync();
            using var client = new SearchClient(new SearchClientOptions { Address = Running.Address });
            var notes = await client.GetOrCreateCollectionAsync(
                new CollectionSchema
                {
                    Name = "notes",
                    Fields =
                    [
                        new DataField("text", DataFieldType.String) { IsFullText = true },
                        new DataField("stars", DataFieldType.Int32) { IsFilterable = true },
                        new DataField("written", DataFieldType.DateOnly),
                    ],
                    Vectors = [new VectorField("meaning", 64) { SourceField = "text" }],
                }
            );
            await notes.UpsertAsync([
                .. Enumerable
                    .Range(0, 40)
                    .Select(i => new Document($"n{i}")
                    {
                        ["text"] = (i % 4) switch
                        {
                            0 => $"whales in the sea {i}",
                            1 => "whales in the sea",
                            2 => $"bread and whales {i}",
                            _ => $"an oven {i}",
                        },
                        ["stars"] = i,
                        ["written"] = new DateOnly(2026, 1, 1).AddDays(-i),
                    }),
            ]);
        }

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<SearchRequest> Requests()
    {
        var request = new SearchRequest
        {
            Text = "whales in the sea",
            Top = 8,
            Explain = true,
        };
        yield return request with
        {
            Diversity = new DiversityOptions
            {
                Weight = 0.6,
                Candidates = 30,
                VectorField = "meaning",
            },
        };
        yield return request with
        {
            Mode = SearchMode.Keyword,
            BoostCandidates = 25,
            Boosts =
            [
                new RecencyBoost("written", 0.3, TimeSpan.FromDays(7))
                {
                    Decay = DecayFunction.Gauss,
                    Origin = new DateTimeOffset(2025, 12, 20, 0, 0, 0, TimeSpan.FromHours(1)),
                    Offset = TimeSpan.FromDays(1),
                },
                new NumericBoost("stars", 0.2, 10) { Function = NumericFunction.Log1p },
            ],
        };
        yield return request with
        {
            VectorQueries = [new VectorQuery("meaning") { Weight = 2 }, new VectorQuery("meaning") { Text = "an oven" }],
            Diversity = new DiversityOptions(),
        };
        yield return request with
        {
            Mode = SearchMode.Vector,
            VectorQueries =
            [
                new VectorQuery("meaning"),
                new VectorQuery("meaning") { Vector = Enumerable.Range(1, 64).Select(i => 1f / i).ToArray() },
            ],
        };
        foreach (var key in new[] { "n0", "n39", "n2", "none" })
        {
            yield return request with
            {
                ExplainKey = key,
                Filter = DocumentFilter.Less("stars", 38),
            };
        }
    }

    [Fact]
    public async Task What_one_says_the_other_says()
    {
        using var client = new SearchClient(new SearchClientOptions { Address = host.Running.Address });
        var remote = await client.GetCollectionAsync("notes", Token);
        var opened = (Serving.OpenedDatabase)host.Running.Application.Services.GetService(typeof(Serving.OpenedDatabase))!;
        var local = await opened.Database.GetCollectionAsync("notes", Token);
        foreach (var request in Requests())
        {
            var (mine, theirs) = (await local.FindAsync(request, Token), await remote.FindAsync(request, Token));
            Assert.NotEmpty(mine.Hits);
            Assert.Equal(mine.Hits.Select(hit => (hit.Key, hit.Score)), theirs.Hits.Select(hit => (hit.Key, hit.Score)));
            Assert.Equal(mine.Hits.Select(hit => hit.Explanation!.Diversity), theirs.Hits.Select(hit => hit.Explanation!.Diversity));
            Assert.Equal(mine.Hits.SelectMany(hit => hit.Explanation!.Boosts), theirs.Hits.SelectMany(hit => hit.Explanation!.Boosts));
            Assert.Equal(mine.Hits.SelectMany(hit => hit.Explanation!.Vectors), theirs.Hits.SelectMany(hit => hit.Explanation!.Vectors));
            Assert.Equal(mine.Verdict is null, theirs.Verdict is null);
            if (mine.Verdict is not { } verdict)
                continue;
            Assert.Equal(Plain(verdict), Plain(theirs.Verdict!));
            Assert.Equal(verdict.FailedConditions, theirs.Verdict!.FailedConditions);
            Assert.Equal(verdict.Explanation?.Vector, theirs.Verdict.Explanation?.Vector);
        }
    }

    [Theory]
    [InlineData("""{"query":"whales","diversity":{"weight":2}}""", "weight of Diversity is 2")]
    [InlineData("""{"query":"whales","boosts":[{"field":"stars","weight":1}]}""", "either halfLifeDays")]
    [InlineData("""{"query":"whales","boosts":[{"field":"stars","weight":1,"pivot":3,"halfLifeDays":2}]}""", "either halfLifeDays")]
    [InlineData("""{"query":"whales","boosts":[{"field":"stars","weight":1,"halfLifeDays":-2}]}""", "halfLifeDays")]
    [InlineData("""{"query":"whales","boosts":[{"field":"text","weight":1,"pivot":3}]}""", "needs numbers")]
    [InlineData("""{"query":"whales","vectorQueries":[{"field":"meaning"},{"field":"meaning","weight":0}]}""", "weight")]
    [InlineData("""{"query":"whales","explainKey":[7]}""", "key")]
    public async Task What_is_impossible_is_refused_by_name(string body, string says)
    {
        var problem = await host.Running.SendAsync(HttpMethod.Post, "/collections/notes/search", body, 400);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static SearchVerdict Plain(SearchVerdict verdict) => verdict with { Explanation = null, FailedConditions = [] };
}
