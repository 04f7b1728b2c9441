using Microsoft.Extensions.DependencyInjection;
using SearchEngine.Distributed.Routing;
using SearchEngine.TestSupport;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>A program that knows nothing but the cluster's settings uses it as a database.</summary>
public sealed class DistributedDatabaseTests
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "notes",
        Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
        Vectors = [new VectorField("vector", 16) { SourceField = "text" }],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_line_puts_a_cluster_in_place_of_a_folder()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        await using var cluster = await TestCluster.StartAsync(silos: 2, standby: false);
        var services = new ServiceCollection();
        services.UseCluster(
            cluster.Connection.Settings,
            _ => new DistributedDatabaseOptions
            {
                Shards = 3,
                Router = new RouterOptions { Embedder = new EmbedderOptions { Generator = new HashingEmbeddingGenerator(16) } },
            }
        );
        await using var provider = services.BuildServiceProvider();
        var database = provider.GetRequiredService<ISearchDatabase>();
        Assert.Empty(await database.ListCollectionsAsync(Token));
        Assert.Equal(
            SearchDatabaseError.CollectionNotFound,
            (await Assert.ThrowsAsync<SearchDatabaseException>(() => database.GetCollectionAsync("notes", Token))).Error
        );

        var collection = await database.GetOrCreateCollectionAsync(Schema, Token);
        await collection.UpsertAsync(
            [.. Enumerable.Range(0, 60).Select(i => new Document($"{i}") { ["text"] = $"note number {i}" })],
            Token
        );
        Assert.Equal("7", (await collection.SearchAsync(new SearchRequest { Text = "7" }, Token))[0].Key.ToString());
        Assert.Equal(60, await collection.CountAsync(cancellationToken: Token));

        // Another program, connected by itself, sees all of it at once.
        await using var other = await DistributedDatabase.ConnectAsync(cluster.Connection.Settings, cancellationToken: Token);
        Assert.True(await other.CollectionExistsAsync("notes", Token));
        var theirs = await other.GetCollectionAsync("notes", Token);
        Assert.Equal(60, (await theirs.GetInfoAsync(Token)).Count);
        Assert.Empty((await theirs.VerifyAsync(null, Token)).Problems);
        var mismatch = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            other.GetOrCreateCollectionAsync(Schema with { KeyKind = RecordKeyKind.Guid }, Token)
        );
        Assert.Equal(SearchDatabaseError.SchemaMismatch, mismatch.Error);
        var exists = await Assert.ThrowsAsync<SearchDatabaseException>(() => other.CreateCollectionAsync(Schema, Token));
        Assert.Equal(SearchDatabaseError.CollectionExists, exists.Error);
        var refused = Assert.Throws<SearchDatabaseException>(() => ((ISearchDatabase)other).RequireLocal("A repair"));
        Assert.Equal(SearchDatabaseError.OneMachineOnly, refused.Error);

        // A container that is disposed as most programs do it.
        using (var plain = new ServiceCollection().UseCluster(cluster.Connection.Settings).BuildServiceProvider())
            Assert.Equal(["notes"], await plain.GetRequiredService<ISearchDatabase>().ListCollectionsAsync(Token));

        Assert.True(await database.DeleteCollectionAsync("notes", Token));
        Assert.False(await database.DeleteCollectionAsync("notes", Token));
        Assert.Empty(await other.ListCollectionsAsync(Token));
    }
}
