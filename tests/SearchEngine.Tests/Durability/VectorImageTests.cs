using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>Collections whose vector index is mapped at opening instead of read.</summary>
public sealed class VectorImageTests : IDisposable
{
    private const int Flips = 30;

    private readonly TemporaryDirectory _directory = new();

    private SearchDatabaseOptions Options =>
        TestCollections.Options(_directory.FullPath) with
        {
            Storage = new StorageSettings { ImagesFrom = 1 },
        };

    private string Images => Path.Combine(Directory.GetDirectories(_directory.Combine("collections")).Single(), "images");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_closed_collection_has_an_image_of_its_last_checkpoint_and_opens_from_it()
    {
        await FillAsync();
        var first = Assert.Single(Directory.GetFiles(Images));
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            if (OperatingSystem.IsLinux())
                Assert.Contains(first, await File.ReadAllTextAsync("/proc/self/maps"));
            await AssertFindsAsync(books, TestCollections.Shelf);
            Assert.True((await books.VerifyAsync()).IsSound);
        }

        // Nothing changed: it stays. Something changed: there is another.
        Assert.Equal(first, Assert.Single(Directory.GetFiles(Images)));
        var added = TestCollections.Book("emma 2", "Emma again", "Another clever woman meddles in whaling.");
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await (await database.GetCollectionAsync(TestCollections.Books.Name)).UpsertAsync(added);
        }

        Assert.NotEqual(first, Assert.Single(Directory.GetFiles(Images)));
        await using (var database = await SearchDatabase.OpenAsync(Options with { ReadOnly = true }))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), [.. TestCollections.Shelf, added]);
        }
    }

    [Fact]
    public async Task The_log_is_replayed_over_an_image_and_an_older_image_is_done_without()
    {
        await FillAsync();
        var added = TestCollections.Book("late", "Late", "Written after the image and before the end of the process.");
        using var killed = new TemporaryDirectory();
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            await books.DeleteAsync(["dune"]);
            await books.UpsertAsync(added);
            // What a process that ends here leaves behind.
            Copy(_directory.FullPath, killed.FullPath);
        }

        Document[] expected = [.. TestCollections.Shelf.Where(b => b.Key.ToString() != "dune"), added];
        var images = Path.Combine(Directory.GetDirectories(Path.Combine(killed.FullPath, "collections")).Single(), "images");
        var older = Assert.Single(Directory.GetFiles(images));
        var options = Options with { Directory = killed.FullPath };
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            await AssertFindsAsync(books, expected);
            Assert.True((await books.VerifyAsync()).IsSound);
        }

        Assert.NotEqual(older, Assert.Single(Directory.GetFiles(images)));
        foreach (var image in Directory.GetFiles(images))
            File.Move(image, older);
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), expected);
        }
    }

    [Fact]
    public async Task A_flipped_bit_in_an_image_is_never_served()
    {
        await FillAsync();
        var image = Assert.Single(Directory.GetFiles(Images));
        var sound = await File.ReadAllBytesAsync(image);
        var random = new Random(71);
        var noticed = 0;
        for (var flip = 0; flip < Flips; flip++)
        {
            var damaged = (byte[])sound.Clone();
            // Where the few used rows of a table are, in the header, or anywhere.
            var at = (flip % 3) switch
            {
                0 => random.Next(1 << 10) + (int)(random.NextInt64(sound.Length >> 21) << 21),
                1 => sound.Length - 1 - random.Next(1 << 11),
                _ => random.Next(sound.Length),
            };
            damaged[at] ^= (byte)(1 << flip % 8);
            await File.WriteAllBytesAsync(image, damaged);
            await using (var database = await SearchDatabase.OpenAsync(Options with { ReadOnly = true }))
            {
                var books = await database.GetCollectionAsync(TestCollections.Books.Name);
                try
                {
                    await AssertFindsAsync(books, TestCollections.Shelf);
                    noticed += (await books.VerifyAsync()).IsSound ? 0 : 1;
                }
                catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.Corrupt)
                {
                    noticed++;
                }
            }
        }

        Assert.True(noticed > 0, "no flip was met by a search: the image was not in use");
        // Opened for writing, a damaged header is done without, and the next image is sound.
        sound[^1] ^= 1;
        await File.WriteAllBytesAsync(image, sound);
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), TestCollections.Shelf);
            Assert.Empty(Directory.GetFiles(Images));
        }

        Assert.Single(Directory.GetFiles(Images));
    }

    private async Task FillAsync()
    {
        await using var database = await SearchDatabase.OpenAsync(Options);
        await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
    }

    private static async Task AssertFindsAsync(SearchCollection books, Document[] expected)
    {
        Assert.Equal(expected.Length, books.Count);
        foreach (var book in expected)
        {
            var hits = await books.SearchAsync(new SearchRequest { Text = (string)book["text"]!, Mode = SearchMode.Vector });
            Assert.Equal(expected.Length, hits.Count);
            Assert.Equal(book.Key, hits[0].Key);
            Assert.Equal(0, hits[0].Distance!.Value, 1e-5);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(folder.Replace(from, to, StringComparison.Ordinal));
        }

        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "LOCK"))
        {
            File.Copy(file, file.Replace(from, to, StringComparison.Ordinal));
        }
    }
}
