using Microsoft.Agents.AI;
using Microsoft.Extensions.DependencyInjection;
using SearchEngine.SemanticKernel;

namespace SearchEngine.Samples.AgentMemory;

/// <summary>An agent with a memory of conversations and with notes to look things up in, both in one database.</summary>
internal sealed class MemoryDemo : IAsyncDisposable
{
    /// <summary>What the shipped model makes.</summary>
    public const int Dimensions = 384;

    private readonly bool _recalls;
    private readonly ServiceProvider _services;
    private readonly SearchEngineVectorStore _store;
    private readonly SearchPlugin _notes;

    /// <param name="directory">The database's.</param>
    /// <param name="recalls">Whether the memory is <see cref="RecallProvider"/> and not the framework's own.</param>
    public MemoryDemo(string directory, bool recalls = false)
    {
        _recalls = recalls;
        _services = new ServiceCollection().AddSearchEngine(o => o.Directory = directory).BuildServiceProvider();
        _store = _services.GetRequiredService<SearchEngineVectorStore>();
        _notes = _services.GetRequiredService<SearchPlugin>();
    }

    /// <summary>Adds a note that everybody's agent can look up.</summary>
    public Task NoteAsync(string title, string text) => _notes.IngestTextAsync(text, title);

    /// <summary>One person's conversation: each begins with an empty session and with what the person said in earlier ones.</summary>
    public async Task<IReadOnlyList<string>> TalkAsync(string user, params IEnumerable<string> messages)
    {
        AIContextProvider memory = _recalls
            ? new RecallProvider(_store, "recalled", _ => user)
            : new ChatHistoryMemoryProvider(
                _store,
                "conversations",
                Dimensions,
                _ => new ChatHistoryMemoryProvider.State(new ChatHistoryMemoryProviderScope { UserId = user })
            );
        using var disposable = (IDisposable)memory;
        var lookUp = new TextSearchProvider(SearchNotesAsync);
        var agent = new ChatClientAgent(
            new EchoChatClient(),
            new ChatClientAgentOptions { Name = "assistant", AIContextProviders = [memory, lookUp] }
        );
        var session = await agent.CreateSessionAsync();
        var answers = new List<string>();
        foreach (var message in messages)
            answers.Add((await agent.RunAsync(message, session)).Text);
        return answers;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private async Task<IEnumerable<TextSearchProvider.TextSearchResult>> SearchNotesAsync(string query, CancellationToken cancellationToken)
    {
        var found = await _notes.SearchAsync(query, count: 2, cancellationToken: cancellationToken);
        return found.Select(hit => new TextSearchProvider.TextSearchResult
        {
            SourceName = hit.Title,
            SourceLink = hit.Source,
            Text = hit.Text,
        });
    }
}
