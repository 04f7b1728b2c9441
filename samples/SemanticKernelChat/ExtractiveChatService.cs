using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SearchEngine.SemanticKernel;

namespace SearchEngine.Samples.SemanticKernelChat;

/// <summary>
/// A chat service without a language model and without a network: it calls the kernel's search function, as a model would, and answers with
/// the
/// sentences of the passages that share the most words with the question. It shows the wiring; a model writes better.
/// </summary>
internal sealed class ExtractiveChatService : IChatCompletionService
{
    private const int Sentences = 3;

    public IReadOnlyDictionary<string, object?> Attributes { get; } = new Dictionary<string, object?>();

    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var question = chatHistory.Last(m => m.Role == AuthorRole.User).Content ?? string.Empty;

        // The call and its result go into the history, as the connectors of real models put them there.
        var call = new FunctionCallContent(
            "search",
            "knowledge",
            id: $"call-{chatHistory.Count}",
            arguments: new KernelArguments { ["query"] = question, ["count"] = 5 }
        );
        chatHistory.Add(new ChatMessageContent(AuthorRole.Assistant, [call]));
        var result = await call.InvokeAsync(kernel, cancellationToken);
        chatHistory.Add(result.ToChatMessage());
        var passages = (IReadOnlyList<SearchPluginResult>)result.Result!;
        return [new ChatMessageContent(AuthorRole.Assistant, Answer(question, passages))];
    }

    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        foreach (var message in await GetChatMessageContentsAsync(chatHistory, executionSettings, kernel, cancellationToken))
            yield return new StreamingChatMessageContent(message.Role, message.Content);
    }

    private static string Answer(string question, IReadOnlyList<SearchPluginResult> passages)
    {
        if (passages.Count == 0)
            return "The knowledge store has nothing about that.";
        var wanted = Words(question).Where(w => w.Length > 3).ToHashSet();

        // By shared words, each sentence once; a passage that the search put first goes first among equals.
        var best = passages
            .SelectMany(p =>
                Split(p.Text).Select(text => (Text: text, Passage: p, Shared: Words(text).Distinct().Count(w => wanted.Contains(w))))
            )
            .DistinctBy(s => s.Text)
            .OrderByDescending(s => s.Shared)
            .ThenBy(s => s.Passage.Citation)
            .Take(Sentences)
            .ToList();
        var numbers = best.Select(s => s.Passage.Citation)
            .Distinct()
            .Order()
            .Select((citation, i) => (citation, Number: i + 1))
            .ToDictionary(p => p.citation, p => p.Number);
        var answer = new StringBuilder();
        foreach (var sentence in best)
            answer.Append(sentence.Text).Append(" [").Append(numbers[sentence.Passage.Citation]).Append("] ");
        answer.Length--;
        foreach (var (citation, number) in numbers)
        {
            var passage = passages.First(p => p.Citation == citation);
            answer.Append("\n  [").Append(number).Append("] ").Append(passage.Title).Append(", ").Append(passage.Source);
        }

        return answer.ToString();
    }

    private static IEnumerable<string> Split(string text)
    {
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && !l.StartsWith('#')))
        {
            var start = 0;
            while (start < line.Length)
            {
                var end = line.IndexOf(". ", start, StringComparison.Ordinal);
                end = end < 0 ? line.Length : end + 1;
                var sentence = line[start..end].Trim();
                if (sentence.Length is > 40 and < 300)
                    yield return sentence;
                start = end;
            }
        }
    }

    /// <summary>Words in lower case, without a plural's s or an ending e, so that "volcanoes" meets "volcano".</summary>
    private static IEnumerable<string> Words(string text) =>
        text.ToLowerInvariant()
            .Split([.. text.Where(c => !char.IsLetterOrDigit(c)).Distinct()], StringSplitOptions.RemoveEmptyEntries)
            .Select(w => w.TrimEnd('s').TrimEnd('e'));
}
