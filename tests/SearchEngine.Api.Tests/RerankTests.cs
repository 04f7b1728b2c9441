using SearchEngine.Client;

namespace SearchEngine.Api.Tests;

/// <summary>The host's reranker: inside its searches, and over texts that requests bring.</summary>
public sealed class RerankTests(RerankTests.Host host) : IClassFixture<RerankTests.Host>
{
    private const string Texts = """["bread is baked in an oven", "the heart pumps blood", "a ship on the sea"]""";

    /// <summary>With the shipped model as embedder and, by late interaction, as reranker.</summary>
    public sealed class Host : IAsyncLifetime
    {
        public RunningHost Running { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Running = await RunningHost.StartAsync(configure: settings =>
                settings with
                {
                    Model = Path.Combine(TestSupport.Repository.Root, "models", "default"),
                    Search = settings.Search with { Reranker = "late" },
                }
            );

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    [Fact]
    public async Task Texts_are_ordered_as_Cohere_and_Jina_have_it()
    {
        var body = $$"""{"model":"any","query":"what pumps blood","documents":{{Texts}},"top_n":2,"return_documents":true}""";
        var reply = await host.Running.SendAsync(HttpMethod.Post, "/v1/rerank", body, 200);
        var results = reply.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(2, results.Length);
        Assert.Equal(1, results[0].GetProperty("index").GetInt32());
        Assert.Equal("the heart pumps blood", results[0].GetProperty("document").GetProperty("text").GetString());
        var scores = Array.ConvertAll(results, result => result.GetProperty("relevance_score").GetDouble());
        Assert.True(scores[0] > scores[1]);
        Assert.All(scores, score => Assert.InRange(score, 0, 1));

        var objects = """{"query":"what pumps blood","documents":[{"text":"a ship"},{"text":"the heart pumps blood"}]}""";
        var first = (await host.Running.SendAsync(HttpMethod.Post, "/v1/rerank", objects, 200)).GetProperty("results")[0];
        Assert.Equal(1, first.GetProperty("index").GetInt32());
        Assert.False(first.TryGetProperty("document", out _));
    }

    [Fact]
    public async Task Texts_are_ordered_as_Text_Embeddings_Inference_has_it()
    {
        var body = $$"""{"query":"what pumps blood","texts":{{Texts}},"return_text":true,"raw_scores":true}""";
        var ranks = (await host.Running.SendAsync(HttpMethod.Post, "/rerank", body, 200)).EnumerateArray().ToArray();
        Assert.Equal(3, ranks.Length);
        Assert.Equal(1, ranks[0].GetProperty("index").GetInt32());
        Assert.Equal("the heart pumps blood", ranks[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("/v1/rerank", """{"query":" ","documents":["x"]}""", "query")]
    [InlineData("/v1/rerank", """{"query":"x","documents":[]}""", "1 to")]
    [InlineData("/v1/rerank", """{"query":"x","documents":[3]}""", "documents")]
    [InlineData("/v1/rerank", """{"query":"x","documents":["y"],"top_n":0}""", "top_n")]
    [InlineData("/rerank", """{"query":"x","texts":[]}""", "1 to")]
    public async Task What_cannot_be_ordered_is_refused(string path, string body, string says)
    {
        var problem = await host.Running.SendAsync(HttpMethod.Post, path, body, 400);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_reranker_says_so()
    {
        await using var plain = await RunningHost.StartAsync();
        var problem = await plain.SendAsync(HttpMethod.Post, "/v1/rerank", """{"query":"x","documents":["y"]}""", 400);
        Assert.Contains("Search:Reranker", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_is_reranked_over_http_as_in_the_process()
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new SearchClient(new SearchClientOptions { Address = host.Running.Address });
        var remote = await client.GetOrCreateCollectionAsync(
            new CollectionSchema
            {
                Name = "reranked",
                Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
                Vectors = [new VectorField("vector", 384) { SourceField = "text" }],
            },
            token
        );
        string[] texts = ["bread is baked in an oven", "the heart pumps blood", "blood is red", "a ship on the sea"];
        await remote.UpsertAsync([.. texts.Select((text, i) => new Document($"{i}") { ["text"] = text })], token);
        var request = new SearchRequest
        {
            Text = "what pumps blood",
            Explain = true,
            Rerank = new RerankOptions { Candidates = 3, Weight = 0.4 },
        };
        var found = await remote.FindAsync(request, token);
        Assert.Equal("1", found.Hits[0].Key.ToString());
        Assert.Equal(3, found.Rerank!.Read);
        Assert.Equal(3, found.Hits.Count(hit => hit.Explanation!.Reranker is not null));
        var opened = (Serving.OpenedDatabase)host.Running.Application.Services.GetService(typeof(Serving.OpenedDatabase))!;
        var local = await (await opened.Database.GetCollectionAsync("reranked", token)).FindAsync(request, token);
        Assert.Equal(local.Hits.Select(hit => (hit.Key, hit.Score)), found.Hits.Select(hit => (hit.Key, hit.Score)));
        var own = request with { Rerank = new RerankOptions { Reranker = opened.Reranker } };
        await Assert.ThrowsAsync<ArgumentException>(() => remote.FindAsync(own, token));
    }
}
