using SearchEngine.TestDisks;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

public sealed class CheckpointTests
{
    [Fact]
    public async Task Ordinals_freed_before_a_checkpoint_that_fails_are_given_out_after_the_next()
    {
        using var directory = new TemporaryDirectory();
        var refuse = false;
        var disk = new HookedDisk(path =>
        {
            if (Volatile.Read(ref refuse) && path.Contains("MANIFEST", StringComparison.Ordinal))
                throw DiskErrors.Full();
        });
        var options = TestCollections.Options(directory.FullPath) with
        {
            Storage = new StorageSettings { Files = disk },
            CheckpointInterval = TimeSpan.Zero,
        };
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            await books.CheckpointAsync();
            await books.DeleteAsync([.. TestCollections.Shelf.Select(book => book.Key)]);
            Volatile.Write(ref refuse, true);
            var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => books.CheckpointAsync());
            Assert.Equal(SearchDatabaseError.Storage, error.Error);
            Volatile.Write(ref refuse, false);
            await books.CheckpointAsync();
            await books.UpsertAsync(TestCollections.Shelf);
            await books.CheckpointAsync();
            Assert.Empty((await books.VerifyAsync()).Problems);
        }

        var files = CollectionFiles.Of(directory.FullPath, TestCollections.Books.Name);
        Assert.Equal(TestCollections.Shelf.Length, ManifestCodec.Read(files).NextOrdinal);
    }
}
