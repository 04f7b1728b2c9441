using System.Net.Http.Json;
using System.Text.Json;
using SearchEngine.Cli.Tests.Browser;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>
/// Sixty queries as people type them (misspelt, identifiers, without accents, questions, acronyms, negations, other forms of words) over
/// all samples and the project's own documents, with the document that should come first: first-hits.tsv. All defaults.
/// </summary>
public sealed class FirstHitTests
{
    private const int Wanted = 55;
    private const int WantedInThree = 58;

    [Fact]
    public async Task Of_sixty_queries_at_least_fifty_five_find_their_document_first()
    {
        await using var served = await ServedDatabase.StartAsync();
        using var client = new HttpClient { BaseAddress = served.Address };
        await IngestAsync(client);
        var queries = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "first-hits.tsv")))
            .Select(l => l.Split('\t'))
            .ToArray();
        Assert.Equal(60, queries.Length);
        var inThree = 0;
        var missed = new List<string>();
        foreach (var query in queries)
        {
            using var reply = await client.PostAsJsonAsync("/collections/texts/search", new { query = query[0], k = 3 });
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

    private static async Task IngestAsync(HttpClient client)
    {
        using var form = new MultipartFormDataContent();
        foreach (var folder in new[] { "samples/wikipedia", "samples/cpp", "docs" })
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md").Order(StringComparer.Ordinal))
                form.Add(new StringContent(await File.ReadAllTextAsync(path)), "files", $"{folder}/{Path.GetFileName(path)}");
        }

        using var reply = await client.PostAsync("/collections/texts/ingest", form);
        reply.EnsureSuccessStatusCode();
        var job = (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        Assert.Contains("\"state\":\"done\"", await client.GetStringAsync($"/jobs/{job}/events"), StringComparison.Ordinal);
    }
}
