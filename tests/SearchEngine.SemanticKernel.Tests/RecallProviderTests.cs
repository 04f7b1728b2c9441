using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using SearchEngine.Samples.AgentMemory;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>An Agent Framework context provider of one's own over a typed collection: the sample's, in every way it can be put to an agent.</summary>
public sealed class RecallProviderTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    /// <summary>Where a session's state says who talks.</summary>
    private const string UserKey = "user";

    [Fact]
    public async Task What_was_said_comes_back_in_other_conversations_of_the_same_person_by_word_too()
    {
        await using var memory = await Memory.CreateAsync(fixture);
        var agent = memory.Agent(ScriptedChatClient.Echo);
        await agent.RunAsync("Order QX-7731 goes to Bergen.", await memory.SessionAsync(agent, "ada"));
        foreach (var number in Enumerable.Range(100, 20))
            await agent.RunAsync($"Order QX-{number} is paid.", await memory.SessionAsync(agent, "ada"));
        await agent.RunAsync("Order QX-7731 goes to Oslo.", await memory.SessionAsync(agent, "bob"));

        // The generator takes QX-7731 for one word: the number alone is found by the keyword ranking.
        var answer = (await agent.RunAsync("7731?", await memory.SessionAsync(agent, "ada"))).Text;
        Assert.Contains("user: Order QX-7731 goes to Bergen.", answer);
        Assert.DoesNotContain("Oslo", answer);
    }

    [Fact]
    public async Task A_call_that_failed_leaves_nothing_and_the_next_one_is_kept()
    {
        await using var memory = await Memory.CreateAsync(fixture);
        var agent = memory.Agent(
            new ScriptedChatClient(
                (messages, _) => messages[^1].Text.Contains("fail") ? throw new HttpRequestException("no model") : new TextContent("yes")
            )
        );
        var session = await memory.SessionAsync(agent, "ada");
        await Assert.ThrowsAsync<HttpRequestException>(() => agent.RunAsync("fail, please", session));
        Assert.Equal(0, await memory.Utterances.CountAsync());
        await agent.RunAsync("and now?", session);
        Assert.Equal(["and now?", "yes"], await memory.TextsAsync());
    }

    [Fact]
    public async Task What_other_providers_put_in_is_not_stored_as_said()
    {
        await using var memory = await Memory.CreateAsync(fixture);
        var notes = new TextSearchProvider(
            (_, _) => Task.FromResult<IEnumerable<TextSearchProvider.TextSearchResult>>([new() { Text = "Owls hunt at night." }])
        );
        var agent = new ChatClientAgent(
            ScriptedChatClient.Echo,
            new ChatClientAgentOptions { AIContextProviders = [notes, memory.Provider] }
        );
        var session = await memory.SessionAsync(agent, "ada");
        Assert.Contains("Owls hunt at night.", (await agent.RunAsync("Which birds hunt at night?", session)).Text);
        await agent.RunAsync("And which by day?", session);

        var asked = await memory.Utterances.GetAsync(u => u.Role == "user", 10).Select(u => u.Text).Order().ToListAsync();
        Assert.Equal(["And which by day?", "Which birds hunt at night?"], asked);
        Assert.Equal(4, await memory.Utterances.CountAsync());
    }

    [Fact]
    public async Task A_conversation_that_was_serialized_goes_on_as_itself()
    {
        await using var memory = await Memory.CreateAsync(fixture);
        var agent = memory.Agent(ScriptedChatClient.Echo);
        await agent.RunAsync("The key lies under the red pot.", await memory.SessionAsync(agent, "ada"));
        var session = await memory.SessionAsync(agent, "ada");
        await agent.RunAsync("The red pot broke.", session);
        var stored = await agent.SerializeSessionAsync(session);

        // Another process: the provider and the agent are new, and nobody says any more who talks.
        using var later = new RecallProvider(memory.Store, memory.Utterances.Name, _ => throw new InvalidOperationException("asked again"));
        var other = new ChatClientAgent(ScriptedChatClient.Echo, new ChatClientAgentOptions { AIContextProviders = [later] });
        var answer = (await other.RunAsync("Where is the red pot?", await other.DeserializeSessionAsync(stored))).Text;
        Assert.Contains("user: The key lies under the red pot.", answer);
        Assert.DoesNotContain("user: The red pot broke.", answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_serves_streams_and_the_pipeline_of_a_chat_client(bool inPipeline)
    {
        await using var memory = await Memory.CreateAsync(fixture);
        var client = inPipeline
            ? ScriptedChatClient.Echo.AsBuilder().UseAIContextProviders(memory.Provider).Build()
            : ScriptedChatClient.Echo;
        var agent = new ChatClientAgent(client, new ChatClientAgentOptions { AIContextProviders = inPipeline ? null : [memory.Provider] });
        Assert.Equal("", await StreamAsync("My dog is called Argos."));
        Assert.Contains("Argos", await StreamAsync("What is my dog called?"));

        // The first answer was empty.
        Assert.Equal(3, await memory.Utterances.CountAsync());

        async Task<string> StreamAsync(string message)
        {
            var session = await memory.SessionAsync(agent, "ada");
            return string.Concat(await agent.RunStreamingAsync(message, session).Select(update => update.Text).ToListAsync());
        }
    }

    [Fact]
    public async Task The_model_can_forget_one_persons_conversations()
    {
        await using var memory = await Memory.CreateAsync(fixture);
        var agent = memory.Agent(
            new ScriptedChatClient(
                (messages, options) =>
                {
                    if (messages[^1].Contents.OfType<FunctionResultContent>().FirstOrDefault() is { } result)
                        return new TextContent($"{result.Result}");

                    // What the provider found comes behind what was asked.
                    return messages.Any(m => m.Text.StartsWith("forget", StringComparison.Ordinal))
                        ? new FunctionCallContent("1", options!.Tools!.Single(t => t.Name == RecallProvider.ForgetTool).Name)
                        : new TextContent("noted");
                }
            )
        );
        await agent.RunAsync("I keep three cats.", await memory.SessionAsync(agent, "bob"));
        await agent.RunAsync("My dog is called Argos.", await memory.SessionAsync(agent, "ada"));
        var answer = await agent.RunAsync("forget all of it", await memory.SessionAsync(agent, "ada"));
        Assert.Equal("2 messages were forgotten.", answer.Text);

        // What was said since, the wish to forget, is a conversation again.
        Assert.Equal(["I keep three cats.", "noted"], await memory.TextsAsync("bob"));
        Assert.Equal(["2 messages were forgotten.", "forget all of it"], await memory.TextsAsync("ada"));
    }

    [Fact]
    public async Task Many_sessions_at_once_keep_their_people_apart()
    {
        const int Rounds = 4;
        await using var memory = await Memory.CreateAsync(fixture);
        var agent = memory.Agent(ScriptedChatClient.Echo);
        var people = Enumerable.Range(0, 8).Select(i => $"person{i}").ToList();
        await Task.WhenAll(
            people.Select(async person =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    var session = await memory.SessionAsync(agent, person);
                    var answer = (await agent.RunAsync($"Secret {round} of {person} lies in box {round}.", session)).Text;
                    foreach (var other in people.Where(other => other != person))
                        Assert.DoesNotContain(other, answer);
                    Assert.Equal(round > 0, answer.Contains($"of {person}", StringComparison.Ordinal));
                }
            })
        );
        foreach (var person in people)
            Assert.Equal(Rounds, await memory.Utterances.CountAsync(u => u.User == person && u.Role == "user"));
    }

    /// <summary>A provider over a collection of its own.</summary>
    private sealed class Memory(SearchEngineVectorStore store, string name) : IAsyncDisposable
    {
        public SearchEngineVectorStore Store => store;

        public RecallProvider Provider { get; } =
            new(
                store,
                name,
                session =>
                    session!.StateBag.TryGetValue<string>(UserKey, out var user) ? user! : throw new InvalidOperationException("nobody")
            );

        public SearchEngineCollection<Guid, Utterance> Utterances { get; } = store.GetCollection<Guid, Utterance>(name);

        public static async Task<Memory> CreateAsync(StoreFixture fixture)
        {
            var memory = new Memory(fixture.NewStore(new HashingGenerator(MemoryDemo.Dimensions)), fixture.NewName());
            await memory.Utterances.EnsureCollectionExistsAsync();
            return memory;
        }

        public ChatClientAgent Agent(IChatClient client) => new(client, new ChatClientAgentOptions { AIContextProviders = [Provider] });

        public async Task<AgentSession> SessionAsync(ChatClientAgent agent, string user)
        {
            var session = await agent.CreateSessionAsync();
            session.StateBag.SetValue(UserKey, user);
            return session;
        }

        public async Task<List<string>> TextsAsync(string? user = null) =>
            await Utterances
                .GetAsync(u => user == null || u.User == user, 100)
                .Select(u => u.Text)
                .Order(StringComparer.Ordinal)
                .ToListAsync();

        public async ValueTask DisposeAsync()
        {
            Provider.Dispose();
            await store.DisposeAsync();
        }
    }
}
