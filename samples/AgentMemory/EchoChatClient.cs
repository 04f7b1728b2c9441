using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SearchEngine.Samples.AgentMemory;

/// <summary>In the place of a language model: answers with everything that the agent's providers put before the question.</summary>
internal sealed class EchoChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        // They come as messages of their own, under a heading.
        var answer = string.Join('\n', messages.Select(m => m.Text).Where(t => t.StartsWith("##", StringComparison.Ordinal)));
        return Task.FromResult(
            new ChatResponse(new ChatMessage(ChatRole.Assistant, answer.Length > 0 ? answer : "(nothing comes to mind)"))
        );
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var response = await GetResponseAsync(messages, options, cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, response.Text);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
