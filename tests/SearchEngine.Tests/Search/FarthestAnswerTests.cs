using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>What has neither a word of the query nor anything near is found nothing for.</summary>
public sealed class FarthestAnswerTests
{
    private static readonly float[] Near = [1, 0.1f];
    private static readonly float[] Far = [0, 1];

    [Theory]
    [InlineData(VectorIndexKind.Flat)]
    [InlineData(VectorIndexKind.Hnsw)]
    public async Task Nothing_is_found_where_no_word_matches_and_nothing_is_near(VectorIndexKind kind)
    {
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(directory.FullPath));
        var collection = await database.GetOrCreateCollectionAsync(
            new CollectionSchema
            {
                Name = "texts",
                Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
                Vectors = [new VectorField("vector", 2) { Index = kind }, new VectorField("other", 2) { Index = kind }],
            }
        );
        foreach (var (key, x, y) in new[] { ("bread", 1f, 0f), ("steam", 0.9f, 0.2f), ("crust", 1f, 0.3f) })
        {
            await collection.UpsertAsync(
                new Document(key) { ["text"] = key, Vectors = { ["vector"] = new[] { x, y }, ["other"] = new[] { x, y } } }
            );
        }

        // Of these the nearest to (0, 1) is "crust", at 1 − .29.
        Assert.Empty(await KeysAsync("zzz", Far, SearchMode.Hybrid, 0.6f));
        // One record near enough, and all count as without it.
        string[] all = ["bread", "crust", "steam"];
        Assert.Equal(all, await KeysAsync("zzz", Far, SearchMode.Hybrid, 0.8f));
        Assert.Equal(all, await KeysAsync("zzz", Near, SearchMode.Hybrid, 0.1f));
        Assert.Equal(all, await KeysAsync("zzz", Far, SearchMode.Hybrid, null));
        // A word is an answer, and so is everything beside it.
        Assert.Equal(all, await KeysAsync("bread", Far, SearchMode.Hybrid, 0.6f));
        Assert.Equal(["bread"], await KeysAsync("bread", Far, SearchMode.Keyword, 0.6f));
        // Who asks for the nearest gets them.
        Assert.Equal(all, await KeysAsync("zzz", Far, SearchMode.Vector, 0.6f));

        // Who says how far is asked nothing else; nor is a search by several vectors.
        var request = RequestOf("zzz", Far, SearchMode.Hybrid, 0.6f);
        Assert.Equal(all, await KeysOfAsync(request with { MaximumDistance = 2 }));
        VectorQuery[] both = [new("vector") { Vector = Far }, new("other") { Vector = Far }];
        Assert.Equal(all, await KeysOfAsync(request with { Vector = null, VectorField = null, VectorQueries = both }));

        var why = (await collection.FindAsync(request with { ExplainKey = "crust" })).Verdict!;
        Assert.Equal(VerdictKind.TooFar, why.Kind);

        Task<string[]> KeysAsync(string text, float[] vector, SearchMode mode, float? farthest) =>
            KeysOfAsync(RequestOf(text, vector, mode, farthest));

        async Task<string[]> KeysOfAsync(SearchRequest asked) =>
            [.. (await collection.SearchAsync(asked)).Select(hit => hit.Key.ToString()).Order(StringComparer.Ordinal)];
    }

    private static SearchRequest RequestOf(string text, float[] vector, SearchMode mode, float? farthest) =>
        new()
        {
            Text = mode == SearchMode.Vector ? null : text,
            Vector = mode == SearchMode.Keyword ? null : vector,
            VectorField = mode == SearchMode.Keyword ? null : "vector",
            Mode = mode,
            FarthestAnswer = farthest,
        };
}
