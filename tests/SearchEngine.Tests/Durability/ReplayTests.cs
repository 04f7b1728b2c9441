using SearchEngine.Storage;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>The rules without which a replay does not come to the same collection.</summary>
public sealed class ReplayTests
{
    /// <summary>
    /// An image is fuzzy: its graph may hold an ordinal as removed that the log, which it is older than, adds and removes.
    /// </summary>
    [Fact]
    public async Task What_the_image_holds_as_removed_the_replay_adds_again()
    {
        using var directory = new TemporaryDirectory();
        var files = CollectionFiles.Of(directory.Combine("killed"), TestCollections.Books.Name);
        await using (
            var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(directory.Combine("lived")) with
                {
                    CheckpointInterval = TimeSpan.Zero,
                }
            )
        )
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            await books.CheckpointAsync();
            await books.UpsertAsync(TestCollections.Book("short", "Short", "lived"));
            await books.DeleteAsync([RecordKey.From("short")]);

            // The graph's image is of now, the manifest's address of the checkpoint.
            var parts = books.Engine.Parts;
            foreach (var vector in parts.Vectors)
                vector.Index.SaveChanges(vector);
            var graph = await parts.Graph.CheckpointAsync();
            TemporaryDirectory.Copy(directory.Combine("lived"), directory.Combine("killed"));
            ManifestCodec.Write(files.Directory, ManifestCodec.Read(files) with { Graph = graph }, StorageDisk.Real);
        }

        await using var reopened = await SearchDatabase.OpenAsync(TestCollections.Options(directory.Combine("killed")));
        var again = await reopened.GetCollectionAsync(TestCollections.Books.Name);
        Assert.Equal(TestCollections.Shelf.Length, again.Count);
        Assert.Empty((await again.VerifyAsync()).Problems);
        await again.UpsertAsync(TestCollections.Book("next", "Next", "lives on"));
        Assert.Empty((await again.VerifyAsync()).Problems);
    }

    /// <summary>
    /// A version that somebody saw never comes back on another record, though a loss of power took the batches that had it.
    /// </summary>
    [Theory]
    [InlineData(DatabaseDurability.None)]
    [InlineData(DatabaseDurability.Interval)]
    public async Task Versions_of_batches_that_a_loss_of_power_took_are_not_given_again(DatabaseDurability durability)
    {
        using var directory = new TemporaryDirectory();
        await using (var database = await SearchDatabase.OpenAsync(TestCollections.Options(directory.Combine("lived"))))
        {
            await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
        }

        var seen = new List<RecordVersion>();
        for (var loss = 0; loss < 3; loss++)
        {
            // Of this run nothing is left but what was on the disk when it had opened.
            await using var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(directory.Combine("lived")) with
                {
                    Durability = durability,
                    CheckpointInterval = TimeSpan.Zero,
                }
            );
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            TemporaryDirectory.Copy(directory.Combine("lived"), directory.Combine($"left{loss}"));
            for (var i = 0; i < 3; i++)
                seen.Add((await books.UpsertAsync(TestCollections.Shelf[i])).Version);
            await database.DisposeAsync();
            Directory.Delete(directory.Combine("lived"), recursive: true);
            Directory.Move(directory.Combine($"left{loss}"), directory.Combine("lived"));
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(seen.Order(), seen);
    }

    /// <summary>
    /// What is deleted and written between two checkpoints gets ordinals of its own: the log must not hold one in two roles.
    /// </summary>
    [Fact]
    public async Task Between_two_checkpoints_no_ordinal_has_two_roles()
    {
        using var directory = new TemporaryDirectory();
        await using (
            var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(directory.Combine("lived")) with
                {
                    CheckpointInterval = TimeSpan.Zero,
                }
            )
        )
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            await books.CheckpointAsync();
            for (var round = 0; round < 5; round++)
            {
                await books.DeleteAsync([.. TestCollections.Shelf.Select(book => book.Key)]);
                await books.UpsertAsync(TestCollections.Shelf);
            }

            Assert.Equal(6 * TestCollections.Shelf.Length, books.Engine.Ordinals.Next);
            TemporaryDirectory.Copy(directory.Combine("lived"), directory.Combine("killed"));
        }

        await using var reopened = await SearchDatabase.OpenAsync(TestCollections.Options(directory.Combine("killed")));
        var again = await reopened.GetCollectionAsync(TestCollections.Books.Name);
        Assert.Equal(TestCollections.Shelf.Length, again.Count);
        Assert.Empty((await again.VerifyAsync()).Problems);
    }
}
