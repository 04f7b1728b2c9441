using System.Text.Json;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>
/// The ids that are published for the vocabularies of Llama-2, Llama-3, GPT-2 and Qwen2. Those vocabularies have licences of their own and
/// are not part of this repository, so this check is explicit: set SEARCHENGINE_SHARED_DATA to a folder with
/// tokenizers/published-ids.json and the vocabularies beside it, and run with `-explicit only`.
/// </summary>
public class PublishedIdsTests
{
    [Theory(Explicit = true)]
    [InlineData("llama2", "llama2.tokenizer.json", "tokenizer.json")]
    [InlineData("llama2", "llama2.tokenizer.model", "tokenizer.model")]
    [InlineData("llama3", "llama3.tiktoken", "tokenizer.model")]
    [InlineData("qwen2", "qwen2.tiktoken", "qwen.tiktoken")]
    [InlineData("gpt2", "encoder.json", "encoder.json", "vocab.bpe", "vocab.bpe")]
    public void Ids_are_the_published_ones(string vocabulary, params string[] files)
    {
        var folder = Path.Combine(
            Environment.GetEnvironmentVariable("SEARCHENGINE_SHARED_DATA")
                ?? throw new InvalidOperationException("Set SEARCHENGINE_SHARED_DATA to a folder with tokenizers/published-ids.json."),
            "tokenizers"
        );
        var tokenizer = TokenizerFixtures.LoadFolder([
            .. files.Chunk(2).Select(pair => (pair[1], File.ReadAllBytes(Path.Combine(folder, pair[0])))),
        ]);
        using var published = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "published-ids.json")));
        List<string> faults = [];
        var count = 0;
        foreach (var test in published.RootElement.GetProperty("tests").EnumerateArray())
        {
            var text = test.GetProperty("text").GetString()!;
            // Some texts are published for some of the vocabularies only.
            if (!test.GetProperty("ids").TryGetProperty(vocabulary, out var ids))
                continue;
            int[] expected = [.. ids.EnumerateArray().Select(id => id.GetInt32())];
            var actual = tokenizer.EncodeOrdinary(text);
            if (!actual.SequenceEqual(expected))
            {
                faults.Add(
                    $"{JsonSerializer.Serialize(text)}\n  expected {string.Join(' ', expected)}\n  actual   {string.Join(' ', actual)}"
                );
            }
            count++;
        }
        Assert.True(faults.Count == 0, $"{faults.Count} of {count} texts differ:\n{string.Join('\n', faults)}");
        Assert.True(count >= 40, $"only {count} texts in the table");
        TestContext.Current.TestOutputHelper?.WriteLine($"{vocabulary}: {count} texts");
    }
}
