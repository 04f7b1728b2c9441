using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using SearchEngine.SemanticKernel;

namespace SearchEngine.Samples.AgentMemory;

/// <summary>
/// A context provider of one's own. Before a call it gives the model what was said in the person's earlier conversations, by hybrid search
/// (the framework's <see cref="ChatHistoryMemoryProvider"/> searches by meaning alone, which finds no order number), and a tool to forget
/// them; after a call that succeeded it stores what both sides said. Failures of the database fail the call: a memory that was lost without
/// a word would be worse. Thread-safe: one provider serves all sessions, and what belongs to one lies in its state.
/// </summary>
internal sealed class RecallProvider : AIContextProvider, IDisposable
{
    /// <summary>The tool's name.</summary>
    public const string ForgetTool = "forget_conversations";

    private const string Heading = "## Said in earlier conversations";
    private const int Passages = 3;

    private readonly SearchEngineCollection<Guid, Utterance> _utterances;
    private readonly ProviderSessionState<RecallState> _state;

    /// <param name="store">Holds the collection and embeds; the caller's.</param>
    /// <param name="collectionName">Made if it does not exist.</param>
    /// <param name="findUser">Who talks in a session; asked once for each.</param>
    public RecallProvider(SearchEngineVectorStore store, string collectionName, Func<AgentSession?, string> findUser)
    {
        _utterances = store.GetCollection<Guid, Utterance>(collectionName);
        _state = new ProviderSessionState<RecallState>(
            session => new RecallState(findUser(session), Guid.NewGuid().ToString("N")),
            nameof(RecallProvider)
        );
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> StateKeys => [_state.StateKey];

    /// <inheritdoc />
    public void Dispose() => _utterances.Dispose();

    /// <inheritdoc />
    protected override async ValueTask<AIContext> ProvideAIContextAsync(
        InvokingContext context,
        CancellationToken cancellationToken = default
    )
    {
        var state = _state.GetOrInitializeState(context.Session);
        await _utterances.EnsureCollectionExistsAsync(cancellationToken);
        var found = await RecallAsync(state, Join(context.AIContext.Messages ?? []), cancellationToken);
        return new AIContext
        {
            Messages = found.Count == 0 ? null : [new ChatMessage(ChatRole.User, string.Join('\n', found.Prepend(Heading)))],
            Tools =
            [
                AIFunctionFactory.Create(
                    (CancellationToken token) => ForgetAsync(state.User, token),
                    ForgetTool,
                    "Deletes all that is remembered of this person's conversations. Only use it when the person asks for it."
                ),
            ],
        };
    }

    /// <inheritdoc />
    protected override async ValueTask StoreAIContextAsync(InvokedContext context, CancellationToken cancellationToken = default)
    {
        var state = _state.GetOrInitializeState(context.Session);
        var now = DateTimeOffset.UtcNow;
        var said = context
            .RequestMessages.Concat(context.ResponseMessages ?? [])
            .Where(message => !string.IsNullOrWhiteSpace(message.Text))
            .Select(message => new Utterance
            {
                User = state.User,
                Conversation = state.Conversation,
                Role = message.Role.Value,
                Text = message.Text,
                SaidAt = message.CreatedAt ?? now,
            });
        await _utterances.EnsureCollectionExistsAsync(cancellationToken);
        await _utterances.UpsertAsync(said, cancellationToken);
    }

    private static string Join(IEnumerable<ChatMessage> messages) =>
        string.Join('\n', messages.Select(message => message.Text).Where(text => !string.IsNullOrWhiteSpace(text)));

    private async Task<List<string>> RecallAsync(RecallState state, string question, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        if (question.Length == 0)
            return lines;
        var (user, conversation) = state;
        var options = new HybridSearchOptions<Utterance> { Filter = u => u.User == user && u.Conversation != conversation };

        // A keyword is analyzed as the stored texts were: the whole question is its words.
        await foreach (var hit in _utterances.HybridSearchAsync(question, [question], Passages, options, cancellationToken))
            lines.Add($"{hit.Record.SaidAt:yyyy-MM-dd} {hit.Record.Role}: {hit.Record.Text}");
        return lines;
    }

    private async Task<string> ForgetAsync(string user, CancellationToken cancellationToken) =>
        $"{await _utterances.DeleteAsync(u => u.User == user, cancellationToken)} messages were forgotten.";
}
