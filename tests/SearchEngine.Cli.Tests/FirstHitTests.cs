using System.Net.Http.Json;
using System.Text.Json;
using SearchEngine.Cli.Tests.Browser;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>
/// Sixty queries as people type them (misspelt, identifiers, without accents, questions, acronyms, negations, other forms of words) over
/// all samples and the project's own documents, with the document that should come first: first-hits.tsv. All defaults.
/// </summary>
public sealed class FirstHitTests(IngestedSamples samples) : IClassFixture<IngestedSamples>
{
    private const int Wanted = 55;
    private const int WantedInThree = 58;

    [Fact]
    public async Task Of_sixty_queries_at_least_fifty_five_find_their_document_first()
    {
        var queries = await ReadAsync("first-hits.tsv");
        Assert.Equal(60, queries.Length);
        var inThree = 0;
        var missed = new List<string>();
        foreach (var query in queries)
        {
            using var reply = await samples.Client.PostAsJsonAsync("/collections/texts/search", new { query = query[0], k = 3 });
            reply.EnsureSuccessStatusCode();
            var sources = (await reply.Content.ReadFromJsonAsync<JsonElement>())
                .GetProperty("hits")
                .EnumerateArray()
                .Select(hit => Path.GetFileName(hit.GetProperty("fields").GetProperty("source").GetString()))
                .ToArray();
            inThree += sources.Contains(query[1]) ? 1 : 0;
            if (sources.FirstOrDefault() != query[1])
                missed.Add($"'{query[0]}' wants {query[1]}: {string.Join(", ", sources)}");
        }

        Assert.True(queries.Length - missed.Count >= Wanted, string.Join("; ", missed));
        Assert.True(inThree >= WantedInThree, $"{inThree} in the first three; {string.Join("; ", missed)}");
    }

    /// <summary>
    /// Ten questions whose words do not occur in the passage that answers them, as the keyword index sees words (stems, no stop words):
    /// no-shared-words.tsv. What finds it is meaning alone, against whatever other passages share a word with the question.
    /// </summary>
    [Fact]
    public async Task Ten_questions_find_their_document_first_though_it_shares_no_word_with_them()
    {
        var questions = await ReadAsync("no-shared-words.tsv");
        Assert.Equal(10, questions.Length);
        var wrong = new List<string>();
        foreach (var question in questions)
        {
            using var reply = await samples.Client.PostAsJsonAsync(
                "/collections/texts/search",
                new
                {
                    query = question[0],
                    k = 1,
                    explain = true,
                }
            );
            reply.EnsureSuccessStatusCode();
            var hit = (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("hits")[0];
            var source = Path.GetFileName(hit.GetProperty("fields").GetProperty("source").GetString());
            var terms = hit.GetProperty("explanation").GetProperty("terms").GetArrayLength();
            if (source != question[1] || terms > 0)
                wrong.Add($"'{question[0]}' wants {question[1]}: {source}, which shares {terms} words");
        }

        Assert.True(wrong.Count == 0, string.Join("; ", wrong));
    }

    private static async Task<string[][]> ReadAsync(string file) =>
        [.. (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, file))).Select(line => line.Split('\t'))];
}
