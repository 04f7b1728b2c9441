using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>Rule: a repair makes its views beside the old ones; cancelled or killed, it leaves the collection as it was.</summary>
public sealed class CancelledRepairTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private sealed class Told(Action<string> told) : IProgress<string>
    {
        public void Report(string value) => told(value);
    }

    private static async Task AssertWholeAsync(SearchCollection books)
    {
        Assert.Equal(TestCollections.Shelf.Length, books.Count);
        Assert.Equal("moby", (await books.SearchAsync(new SearchRequest { Text = "white whale" }))[0].Key.ToString());
        Assert.Empty((await books.VerifyAsync()).Problems);
    }

    [Theory]
    [InlineData("reading records")]
    [InlineData("5 of 5 records indexed")]
    public async Task A_cancelled_repair_leaves_a_collection_that_opens(string moment)
    {
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine("db")));
        await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
        await database.CheckpointAsync();
        for (var round = 0; round < 2; round++)
        {
            using var cancel = new CancellationTokenSource();
            var killed = _directory.Combine($"killed{round}");
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                database.RepairCollectionAsync(
                    TestCollections.Books.Name,
                    new Told(said =>
                    {
                        if (said != moment)
                            return;
                        TemporaryDirectory.Copy(_directory.Combine("db"), killed);
                        cancel.Cancel();
                    }),
                    cancel.Token
                )
            );
            await AssertWholeAsync(await database.GetCollectionAsync(TestCollections.Books.Name));
            Assert.Equal(["graph", "lexical", "log", "records"], Folders("db"));
            await using var other = await SearchDatabase.OpenAsync(TestCollections.Options(killed));
            await AssertWholeAsync(await other.GetCollectionAsync(TestCollections.Books.Name));
            Assert.Equal(["graph", "lexical", "log", "records"], Folders($"killed{round}"));
        }

        Assert.Empty((await database.RepairCollectionAsync(TestCollections.Books.Name)).Changes);
        await AssertWholeAsync(await database.GetCollectionAsync(TestCollections.Books.Name));
        Assert.Equal(["graph-1", "lexical-1", "log", "records"], Folders("db"));
        await (await database.GetCollectionAsync(TestCollections.Books.Name)).CreateSnapshotAsync(_directory.Combine("snapshot"));
        Assert.True(Directory.Exists(_directory.Combine("snapshot", "graph")));
        await using var snapshot = await SearchDatabase.OpenAsync(
            TestCollections.Options(_directory.Combine("snapshot")) with
            {
                ReadOnly = true,
            }
        );
        await AssertWholeAsync(await snapshot.GetCollectionAsync(TestCollections.Books.Name));
    }

    private string[] Folders(string database) =>
        [
            .. Directory
                .GetDirectories(Directory.GetDirectories(_directory.Combine(database, "collections")).Single())
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];
}
