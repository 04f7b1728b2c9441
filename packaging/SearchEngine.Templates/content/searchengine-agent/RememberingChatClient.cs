using Microsoft.Extensions.AI;

namespace SearchEngineagent;

/// <summary>A stand-in for a language model: answers with the context that the agent's providers put before it.</summary>
public sealed class RememberingChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        // The agent's providers put what they found into messages of their own, under a heading.
        var found = messages.Select(m => m.Text).Where(t => t.StartsWith("##", StringComparison.Ordinal));
        var answer = string.Join('\n', found);
        if (answer.Length == 0)
        {
            answer = "I know nothing of that yet.";
        }

        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer)));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var response = await GetResponseAsync(messages, options, cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, response.Text);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
