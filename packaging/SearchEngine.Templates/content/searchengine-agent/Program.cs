using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SearchEngine.SemanticKernel;
using SearchEngineagent;

// What is said is kept in ./data and found again by meaning: ask today what you told it yesterday.
await using var services = new ServiceCollection().AddSearchEngine(o => o.Directory = "data").BuildServiceProvider();
var store = services.GetRequiredService<SearchEngineVectorStore>();
using var memory = new ChatHistoryMemoryProvider(
    store,
    collectionName: "memory",
    vectorDimensions: 384,
    _ => new ChatHistoryMemoryProvider.State(new ChatHistoryMemoryProviderScope { UserId = Environment.UserName })
);

// Put your own chat client here (OpenAI, Ollama, ...); this one answers with what the memory found.
IChatClient client = new RememberingChatClient();
var agent = new ChatClientAgent(client, new ChatClientAgentOptions { AIContextProviders = [memory] });
var session = await agent.CreateSessionAsync();
foreach (var message in args.Length > 0 ? args : Conversation())
{
    Console.WriteLine(await agent.RunAsync(message, session));
}

static IEnumerable<string> Conversation()
{
    Console.WriteLine("Tell me something, or ask; an empty line ends.");
    while (Console.ReadLine() is { Length: > 0 } line)
    {
        yield return line;
    }
}
