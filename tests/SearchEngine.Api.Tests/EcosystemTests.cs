using System.ClientModel;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using OpenAI;
using OpenAI.Embeddings;

namespace SearchEngine.Api.Tests;

/// <summary>The host as other people's clients see it: OpenAI's, the Model Context Protocol's, Prometheus, browsers.</summary>
public sealed class EcosystemTests(EcosystemTests.Host host) : IClassFixture<EcosystemTests.Host>
{
    /// <summary>Set to write the description anew, after its changes were looked at.</summary>
    private const string UpdateVariable = "SEARCHENGINE_UPDATE_OPENAPI";

    public sealed class Host : IAsyncLifetime
    {
        public RunningHost Running { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Running = await RunningHost.StartAsync();

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    private RunningHost Api => host.Running;

    [Fact]
    public async Task OpenAIs_client_embeds_with_the_hosts_model()
    {
        var client = new EmbeddingClient(
            "hashing",
            new ApiKeyCredential("none"),
            new OpenAIClientOptions { Endpoint = new Uri(Api.Address, "/v1") }
        );
        string[] texts = ["whales in the sea", "bread"];
        var whole = (await client.GenerateEmbeddingsAsync(texts, cancellationToken: TestContext.Current.CancellationToken)).Value;
        var made = await RunningHost.Hashing().Generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, whole.Count);
        for (var i = 0; i < 2; i++)
            Assert.Equal(made[i].Vector.ToArray(), whole[i].ToFloats().ToArray());
        Assert.True(whole.Usage.InputTokenCount > 0);

        var shorter = await client.GenerateEmbeddingAsync(
            texts[0],
            new EmbeddingGenerationOptions { Dimensions = 8 },
            TestContext.Current.CancellationToken
        );
        var vector = shorter.Value.ToFloats().ToArray();
        Assert.Equal(8, vector.Length);
        Assert.Equal(1.0, Math.Sqrt(vector.Sum(x => (double)x * x)), 1e-5);

        // As numbers, in the order of the texts.
        var plain = await Api.SendAsync(HttpMethod.Post, "/v1/embeddings", new { input = texts, encoding_format = "float" }, 200);
        Assert.Equal(64, plain.GetProperty("data")[1].GetProperty("embedding").GetArrayLength());
        Assert.Equal(1, plain.GetProperty("data")[1].GetProperty("index").GetInt32());
        foreach (var wrong in new[] { """{"input":[]}""", """{"input":[1,2]}""", """{"input":""}""", """{"input":"x","dimensions":65}""" })
            await Api.SendAsync(HttpMethod.Post, "/v1/embeddings", wrong, 400);
    }

    [Fact]
    public async Task Agents_search_take_in_and_forget_by_tools()
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(Api.Address, "/mcp") });
        await using var client = await McpClient.CreateAsync(transport, cancellationToken: TestContext.Current.CancellationToken);
        var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["forget", "get", "ingest_text", "list_collections", "search"], tools.Select(tool => tool.Name).Order());

        await CallAsync(
            client,
            "ingest_text",
            ("text", "The heart pumps blood."),
            ("title", "Heart"),
            ("source", "heart.md"),
            ("collection", "agents")
        );
        var found = await CallAsync(client, "search", ("query", "what pumps blood"), ("collection", "agents"));
        var key = found.GetProperty("passages")[0].GetProperty("key").GetString()!;
        Assert.Equal("heart.md#0", key);
        var read = await CallAsync(client, "get", ("key", key), ("collection", "agents"));
        Assert.Equal("The heart pumps blood.", read.GetProperty("fields").GetProperty("text").GetString());
        var gone = await CallAsync(client, "forget", ("source", "heart.md"), ("collection", "agents"));
        Assert.Equal(1, gone.GetProperty("passages").GetInt32());
        var failed = await client.CallToolAsync(
            "search",
            new Dictionary<string, object?> { ["query"] = "x", ["collection"] = "nowhere" },
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.True(failed.IsError);
        Assert.Contains("nowhere", Assert.IsType<TextContentBlock>(failed.Content[0]).Text, StringComparison.Ordinal);

        // What is wrong with the arguments is said too, so that the agent can put it right.
        foreach (
            var (arguments, says) in new (Dictionary<string, object?> Arguments, string Says)[]
            {
                ([], "query"),
                (new() { ["query"] = "x", ["top"] = "many" }, "not of the kind"),
                (new() { ["query"] = new string('x', 20_001) }, "20000"),
            }
        )
        {
            var wrong = await client.CallToolAsync("search", arguments, cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(wrong.IsError);
            Assert.Contains(says, Assert.IsType<TextContentBlock>(wrong.Content[0]).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_description_is_the_one_that_is_checked_in()
    {
        var text = await Api.Client.GetStringAsync("/openapi/v1.json");
        using var document = JsonDocument.Parse(text);
        var members = document.RootElement.EnumerateObject().Where(member => member.Name != "servers");
        var described = JsonSerializer.Serialize(
            members.ToDictionary(member => member.Name, member => member.Value),
            new JsonSerializerOptions { WriteIndented = true }
        );
        var path = Path.Combine(TestSupport.Repository.Root, "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable(UpdateVariable) is not null)
            await File.WriteAllTextAsync(path, described + "\n");
        Assert.True(
            (await File.ReadAllTextAsync(path)).TrimEnd() == described,
            $"docs/openapi.json is not what the host describes: look at the change, then run this test with {UpdateVariable}=1."
        );
    }

    [Fact]
    public async Task The_references_page_the_metrics_and_the_filters_schema_are_there()
    {
        var docs = await Api.Client.GetStringAsync("/docs/");
        Assert.DoesNotContain("https://cdn", docs, StringComparison.Ordinal);
        await Api.SendAsync(HttpMethod.Put, "/collections/measured", null, 201);
        await Api.SendAsync(
            HttpMethod.Post,
            "/collections/measured/documents",
            """{"documents":[{"key":"1","fields":{"text":"a"}}]}""",
            200
        );
        await Api.SendAsync(HttpMethod.Post, "/collections/measured/search", """{"query":"a"}""", 200);
        var metrics = await Api.Client.GetStringAsync("/metrics");
        foreach (var name in new[] { "db_client_operation_duration", "http_server_request_duration", "searchengine_records_written" })
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        using var schema = JsonDocument.Parse(await Api.Client.GetStringAsync("/schemas/filter.json"));
        Assert.True(schema.RootElement.TryGetProperty("$defs", out _));
    }

    private static async Task<JsonElement> CallAsync(McpClient client, string tool, params (string Name, object? Value)[] arguments)
    {
        var result = await client.CallToolAsync(
            tool,
            arguments.ToDictionary(pair => pair.Name, pair => pair.Value),
            cancellationToken: TestContext.Current.CancellationToken
        );
        var text = Assert.IsType<TextContentBlock>(result.Content[0]).Text;
        Assert.True(result.IsError != true, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
