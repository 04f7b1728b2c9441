using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using SearchEngine.Samples.AgentMemory;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>Agent Framework's own providers over the store.</summary>
public sealed class AgentFrameworkTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    /// <summary>With the shipped embedding model, through the sample.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agent_remembers_across_restarts_what_each_person_said_and_looks_notes_up(bool recalls)
    {
        using var directory = new TempDirectory();
        await using (var demo = new MemoryDemo(directory.Sub("db"), recalls))
        {
            await demo.NoteAsync("Owls", "Owls hunt at night; their feathers make no sound.");
            await demo.TalkAsync("ada", "My dog is called Argos and eats twice a day.");
            await demo.TalkAsync("bob", "I keep three cats.");
        }

        await using (var demo = new MemoryDemo(directory.Sub("db"), recalls))
        {
            var ada = Assert.Single(await demo.TalkAsync("ada", "What is my dog called?"));
            Assert.Contains("Argos", ada);
            Assert.DoesNotContain("cats", ada);
            var bob = await demo.TalkAsync("bob", "Which pets do I have?", "Which birds hunt at night?");
            Assert.Contains("three cats", bob[0]);
            Assert.DoesNotContain("Argos", bob[0]);
            Assert.Contains("feathers make no sound", bob[1]);
        }
    }

    [Fact]
    public async Task The_memory_is_a_tool_where_the_model_asks_for_it()
    {
        await using var store = fixture.NewStore(new HashingGenerator());
        using var memory = new ChatHistoryMemoryProvider(
            store,
            fixture.NewName(),
            64,
            _ => new ChatHistoryMemoryProvider.State(new ChatHistoryMemoryProviderScope { UserId = "ada" }),
            new ChatHistoryMemoryProviderOptions
            {
                SearchTime = ChatHistoryMemoryProviderOptions.SearchBehavior.OnDemandFunctionCalling,
                FunctionToolName = "remember",
            }
        );
        var agent = new ChatClientAgent(CallTheTool(), new ChatClientAgentOptions { AIContextProviders = [memory] });
        await agent.RunAsync("The key lies under the red pot.", await agent.CreateSessionAsync());
        var answer = await agent.RunAsync("remember red pot", await agent.CreateSessionAsync());
        Assert.Contains("The key lies under the red pot.", answer.Text);
    }

    /// <summary>Calls the tool "remember" with what follows the word in the last message, and answers with its result.</summary>
    private static ScriptedChatClient CallTheTool() =>
        new(
            (messages, options) =>
            {
                var last = messages[^1];
                if (last.Contents.OfType<FunctionResultContent>().FirstOrDefault() is { } result)
                    return new TextContent($"{result.Result}");
                if (!last.Text.StartsWith("remember", StringComparison.Ordinal))
                    return new TextContent("noted");
                var tool = options!.Tools!.OfType<AIFunction>().Single(t => t.Name == "remember");
                var parameter = tool.JsonSchema.GetProperty("properties").EnumerateObject().First().Name;
                return new FunctionCallContent(
                    "1",
                    tool.Name,
                    new Dictionary<string, object?> { [parameter] = last.Text["remember ".Length..] }
                );
            }
        );
}
