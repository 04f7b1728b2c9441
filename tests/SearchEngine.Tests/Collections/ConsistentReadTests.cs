using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Collections;

public class ConsistentReadTests
{
    private const int Dimension = 64;
    private const int Updates = 400;

    [Fact]
    public async Task A_record_read_while_it_is_updated_is_one_version_whole()
    {
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(
            TestCollections.Options(directory.FullPath) with
            {
                Durability = DatabaseDurability.None,
            }
        );
        var collection = await database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "one",
                Fields = [new DataField("version", DataFieldType.Int32), new DataField("again", DataFieldType.Int32)],
                Vectors =
                [
                    new VectorField("a", Dimension)
                    {
                        Metric = DistanceMetric.Euclidean,
                        Index = VectorIndexKind.Flat,
                        Quantization = VectorQuantization.None,
                    },
                    new VectorField("b", Dimension)
                    {
                        Metric = DistanceMetric.Euclidean,
                        Index = VectorIndexKind.Flat,
                        Quantization = VectorQuantization.None,
                    },
                ],
            }
        );

        Document Version(int version)
        {
            var vector = Enumerable.Repeat((float)version, Dimension).ToArray();
            return new Document("key")
            {
                ["version"] = version,
                ["again"] = version,
                Vectors = { ["a"] = vector, ["b"] = vector },
            };
        }

        await collection.UpsertAsync(Version(0));
        var writing = Task.Run(async () =>
        {
            for (var version = 1; version <= Updates; version++)
            {
                await collection.UpsertAsync(Version(version));
                if (version % 100 == 0)
                    await collection.CheckpointAsync();
            }
        });
        var last = 0;
        while (!writing.IsCompleted)
        {
            var found = collection.Get("key", includeVectors: true);
            Assert.NotNull(found);
            var version = (int)found["version"]!;
            Assert.True(version >= last, $"version {version} was read after {last}");
            last = version;
            Assert.Equal(version, found["again"]);
            foreach (var name in new[] { "a", "b" })
            {
                Assert.True(found.Vectors.TryGetValue(name, out var vector), $"version {version} has no vector '{name}'");
                Assert.All(vector.ToArray(), component => Assert.Equal(version, component));
            }
        }

        await writing;
        Assert.Equal(Updates, collection.Get("key")!["version"]);
    }
}
