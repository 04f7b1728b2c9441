using SearchEngine.Distributed.Moving;
using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.Distributed.Tests.Routing;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Distributed.Tests.Moving;

/// <summary>A collection goes into a cluster and out of it again, and is the same.</summary>
public sealed class CollectionMoveTests(PostgresFixture postgres)
{
    private static readonly EmbedderOptions Embedder = new() { Generator = new HashingEmbeddingGenerator(16) };

    private static readonly CollectionSchema Schema = new()
    {
        Name = "moving",
        Fields =
        [
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("number", DataFieldType.Double) { IsFilterable = true },
            new DataField("parts", DataFieldType.Int64) { IsList = true },
            new DataField("blob", DataFieldType.Bytes),
            new DataField("note", DataFieldType.String),
        ],
        Vectors = [new VectorField("vector", 16) { SourceField = "text" }, new VectorField("other", 3) { Index = VectorIndexKind.Flat }],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Into_a_cluster_and_out_again_everything_is_the_same()
    {
        await using var local = await LocalCollection.CreateAsync(Schema, Embedder);
        await local.Collection.UpsertAsync([.. Enumerable.Range(0, 1300).Select(Record)], Token);
        await local.Collection.WriteAsync(new WriteBatch().SetMetadata("state/a", "1").SetMetadata("state/b", "zwei"), Token);
        var content = await ContentHash.OfAsync(local.Collection, Token);

        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 3);
        var routed = cluster.Router();
        // What lies in the way and is not in the source is taken away.
        await routed.WriteAsync(new WriteBatch().Upsert(WithVectors(Record(9999))).SetMetadata("state/c", "old"), Token);
        var report = await new CollectionMove(local.Collection, routed).RunAsync(null, Token);
        Assert.Equal(content, report.Content);
        Assert.Equal(content, await ContentHash.OfAsync(routed, Token));
        Assert.Equal(
            [new("state/a", "1"), new("state/b", "zwei")],
            (await routed.ListMetadataAsync("", Token).ToListAsync(Token)).OrderBy(entry => entry.Key)
        );

        await using var back = await LocalCollection.CreateAsync(Schema, Embedder);
        Assert.Equal(content, (await new CollectionMove(routed, back.Collection).RunAsync(null, Token)).Content);
        Assert.Equal("zwei", await back.Collection.GetMetadataAsync("state/b", Token));
    }

    [Fact]
    public async Task What_is_written_on_the_way_is_there_in_the_end()
    {
        await using var local = await LocalCollection.CreateAsync(Schema, Embedder);
        await local.Collection.UpsertAsync([.. Enumerable.Range(0, 600).Select(Record)], Token);
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 2);
        var routed = cluster.Router();
        var random = new Random(TestSeed.Get(77));
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    var number = random.Next(700);
                    var batch = new WriteBatch();
                    if (random.Next(4) == 0)
                        batch.Delete($"key {number}");
                    else
                        batch.Upsert(Record(number + 1000 * i, $"key {number}"));
                    await local.Collection.WriteAsync(batch, Token);
                }
            },
            Token
        );
        // Where the writer is slower than the passes, the move says that it did not come to an end.
        var error = await Xunit.Record.ExceptionAsync(() => new CollectionMove(local.Collection, routed).RunAsync(null, Token));
        Assert.True(error is null or SearchDatabaseException { Error: SearchDatabaseError.Storage }, $"{error}");
        await writing;
        // The writer may have gone on when the two were found the same: another move brings the rest.
        var report = await new CollectionMove(local.Collection, routed).RunAsync(null, Token);
        Assert.Equal(await ContentHash.OfAsync(local.Collection, Token), report.Content);
        Assert.Equal(report.Content, await ContentHash.OfAsync(routed, Token));
    }

    [Fact]
    public async Task Another_schema_is_refused()
    {
        await using var local = await LocalCollection.CreateAsync(Schema, Embedder);
        await using var other = await LocalCollection.CreateAsync(Schema with { KeyKind = RecordKeyKind.Guid }, Embedder);
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            new CollectionMove(local.Collection, other.Collection).RunAsync(null, Token)
        );
        Assert.Equal(SearchDatabaseError.SchemaMismatch, error.Error);
    }

    private static Document Record(int number) => Record(number, $"key {number}");

    private static Document Record(int number, string key)
    {
        var document = new Document(key)
        {
            ["text"] = number % 7 == 0 ? null : $"some words and the number {number}",
            ["number"] = number % 5 == 0 ? double.NaN : number / 3.0,
            ["parts"] = number % 3 == 0 ? null : new long[] { number, number * 2L },
            ["blob"] = new byte[] { 1, 2, (byte)number },
            ["note"] = number % 2 == 0 ? "even" : null,
        };
        if (number % 4 != 0)
            document.Vectors["other"] = new float[] { number, 1, 0.1f * number };
        return document;
    }

    private static Document WithVectors(Document document)
    {
        document.Vectors["vector"] = default;
        return document;
    }
}
