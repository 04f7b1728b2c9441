using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>A chat client whose answers a test computes of what the client was given.</summary>
public sealed class ScriptedChatClient(Func<IReadOnlyList<ChatMessage>, ChatOptions?, AIContent> answer) : IChatClient
{
    /// <summary>One that repeats what the agent's providers put before the question.</summary>
    public static ScriptedChatClient Echo { get; } =
        new(
            (messages, _) =>
                new TextContent(string.Join('\n', messages.Select(m => m.Text).Where(t => t.StartsWith("##", StringComparison.Ordinal))))
        );

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [answer([.. messages], options)])));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
