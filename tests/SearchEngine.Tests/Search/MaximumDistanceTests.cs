using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>A hit whose distance is the maximum belongs to the result.</summary>
public sealed class MaximumDistanceTests
{
    [Theory]
    [InlineData(VectorIndexKind.Flat, false)]
    [InlineData(VectorIndexKind.Flat, true)]
    [InlineData(VectorIndexKind.Hnsw, false)]
    [InlineData(VectorIndexKind.Hnsw, true)]
    public async Task A_distance_equal_to_the_maximum_is_within_it(VectorIndexKind kind, bool filtered)
    {
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(directory.FullPath));
        var collection = await database.GetOrCreateCollectionAsync(
            new CollectionSchema
            {
                Name = "points",
                Fields = [new DataField("kind", DataFieldType.String) { IsFilterable = true }],
                Vectors = [new VectorField("at", 2) { Metric = DistanceMetric.Euclidean, Index = kind }],
            }
        );
        // From the origin 0, 5, 5 (exactly: 3, 4, 5), 10 and, of another kind, 5.
        var points = new (string Key, float X, float Y, string Kind)[]
        {
            ("zero", 0, 0, "a"),
            ("five", 3, 4, "a"),
            ("other five", -4, 3, "a"),
            ("ten", 6, 8, "a"),
            ("elsewhere", 0, 5, "b"),
        };
        foreach (var (key, x, y, of) in points)
        {
            await collection.UpsertAsync(new Document(key) { ["kind"] = of, Vectors = { ["at"] = new float[] { x, y } } });
        }

        var request = new SearchRequest
        {
            Vector = new float[] { 0, 0 },
            Mode = SearchMode.Vector,
            Filter = filtered ? new DocumentFilter.Comparison("kind", ComparisonOperator.Equal, "a") : null,
        };
        string[] within = filtered ? ["five", "other five", "zero"] : ["elsewhere", "five", "other five", "zero"];
        Assert.Equal(within, await KeysAsync(5f));
        Assert.Equal(["zero"], await KeysAsync(MathF.BitDecrement(5f)));
        Assert.Equal(["zero"], await KeysAsync(0f));
        Assert.Empty(await KeysAsync(-0.5f));

        async Task<string[]> KeysAsync(float maximum) =>
            [
                .. (await collection.SearchAsync(request with { MaximumDistance = maximum }))
                    .Select(h => h.Key.ToString())
                    .Order(StringComparer.Ordinal),
            ];
    }
}
