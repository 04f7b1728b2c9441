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
    public async Task A_closed_collection_opens_from_its_image_which_stays_while_little_changes()
    {
        await FillAsync();
        var image = ImageOf(Images);
        var list = ListOf(Images);
        var written = File.GetLastWriteTimeUtc(image);
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            await AssertMappedAsync(image);
            await AssertFindsAsync(books, TestCollections.Shelf);
            Assert.True((await books.VerifyAsync()).IsSound);
        }

        // Nothing changed: both stay. A little changed: the image stays, with another list.
        Assert.Equal((image, list), (ImageOf(Images), ListOf(Images)));
        var added = TestCollections.Book("emma 2", "Emma again", "Another clever woman meddles in whaling.");
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await (await database.GetCollectionAsync(TestCollections.Books.Name)).UpsertAsync(added);
        }

        Assert.Equal((image, written), (ImageOf(Images), File.GetLastWriteTimeUtc(image)));
        Assert.NotEqual(list, ListOf(Images));
        await using (var database = await SearchDatabase.OpenAsync(Options with { ReadOnly = true }))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), [.. TestCollections.Shelf, added]);
            await AssertMappedAsync(image);
        }
    }

    [Fact]
    public async Task An_image_is_written_anew_when_much_has_changed()
    {
        const int Count = 600;
        var schema = new CollectionSchema
        {
            Name = "numbers",
            KeyKind = RecordKeyKind.Int32,
            Vectors = [new VectorField("vector", 4)],
        };
        static float[] Point(int i) => [MathF.Cos(i), MathF.Sin(i), MathF.Cos(0.37f * i), MathF.Sin(0.37f * i)];
        Document[] records = [.. Enumerable.Range(0, Count).Select(i => new Document(i) { Vectors = { ["vector"] = Point(i) } })];
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await (await database.CreateCollectionAsync(schema)).UpsertAsync(records);
        }

        var image = ImageOf(Images);
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var numbers = await database.GetCollectionAsync(schema.Name);
            await numbers.UpsertAsync(records);
            await numbers.CheckpointAsync();
            Assert.NotEqual(image, ImageOf(Images));
            Assert.True((await numbers.VerifyAsync()).IsSound);
        }

        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var numbers = await database.GetCollectionAsync(schema.Name);
            await AssertMappedAsync(ImageOf(Images));
            var hits = await numbers.SearchAsync(new SearchRequest { Vector = Point(70), Mode = SearchMode.Vector });
            Assert.Equal(70, hits[0].Key);
        }
    }

    [Fact]
    public async Task A_killed_process_leaves_an_image_that_the_log_is_replayed_over()
    {
        await FillAsync();
        var added = TestCollections.Book("late", "Late", "Written after the image and before the end of the process.");
        var last = TestCollections.Book("last", "Last", "Written after the last checkpoint.");
        using var killed = new TemporaryDirectory();
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            await books.DeleteAsync(["dune"]);
            await books.UpsertAsync(added);
            await books.CheckpointAsync();
            await books.UpsertAsync(last);
            await books.DeleteAsync(["emma"]);
            // What a process that ends here leaves behind.
            TemporaryDirectory.Copy(_directory.FullPath, killed.FullPath);
        }

        Document[] expected = [.. TestCollections.Shelf.Where(b => b.Key.ToString() is not ("dune" or "emma")), added, last];
        var images = Path.Combine(Directory.GetDirectories(Path.Combine(killed.FullPath, "collections")).Single(), "images");
        var image = ImageOf(images);
        var options = Options with { Directory = killed.FullPath };
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            await AssertMappedAsync(image);
            await AssertFindsAsync(books, expected);
            Assert.True((await books.VerifyAsync()).IsSound);
        }

        // Without the list the image is of no checkpoint, and is not used.
        File.Delete(ListOf(images));
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), expected);
            Assert.Empty(Directory.GetFiles(images));
        }

        Assert.NotEqual(image, ImageOf(images));
    }

    [Fact]
    public async Task A_flipped_bit_in_an_image_is_never_served()
    {
        await FillAsync();
        var image = ImageOf(Images);
        var list = ListOf(Images);
        var random = new Random(71);
        Assert.True(await FlipAsync(image, random) > 0, "no flip was met by a search: the image was not in use");
        Assert.Equal(0, await FlipAsync(list, random));
        // Opened for writing, a damaged header is done without, and the next image is sound.
        var sound = await File.ReadAllBytesAsync(image);
        sound[^1] ^= 1;
        await File.WriteAllBytesAsync(image, sound);
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), TestCollections.Shelf);
            Assert.False(File.Exists(image));
        }

        Assert.NotEqual(image, ImageOf(Images));
    }

    /// <summary>What an opening could not use no later opening stumbles over.</summary>
    [Fact]
    public async Task A_list_that_is_no_list_goes_with_its_image()
    {
        await FillAsync();
        var (image, list) = (ImageOf(Images), ListOf(Images));
        await File.WriteAllBytesAsync(list, [1, 2, 3]);
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await AssertFindsAsync(await database.GetCollectionAsync(TestCollections.Books.Name), TestCollections.Shelf);
            Assert.False(File.Exists(list));
            Assert.False(File.Exists(image));
        }

        Assert.NotEqual(image, ImageOf(Images));
    }

    // Returns how many flips a search or the verification noticed; all others must be without effect.
    private async Task<int> FlipAsync(string path, Random random)
    {
        var sound = await File.ReadAllBytesAsync(path);
        var noticed = 0;
        for (var flip = 0; flip < Flips; flip++)
        {
            var damaged = (byte[])sound.Clone();
            // Where the few used rows of a table are, in the header, or anywhere.
            var at = (flip % 3) switch
            {
                0 => random.Next(Math.Min(sound.Length, 1 << 10)) + (int)(random.NextInt64(sound.Length >> 21) << 21),
                1 => sound.Length - 1 - random.Next(Math.Min(sound.Length, 1 << 11)),
                _ => random.Next(sound.Length),
            };
            damaged[at] ^= (byte)(1 << flip % 8);
            await File.WriteAllBytesAsync(path, damaged);
            await using var database = await SearchDatabase.OpenAsync(Options with { ReadOnly = true });
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

        await File.WriteAllBytesAsync(path, sound);
        return noticed;
    }

    private static string ImageOf(string images) => Assert.Single(Directory.GetFiles(images, "*.image"));

    private static string ListOf(string images) => Assert.Single(Directory.GetFiles(images, "*.changes"));

    private static async Task AssertMappedAsync(string image)
    {
        if (OperatingSystem.IsLinux())
            Assert.Contains(image, await File.ReadAllTextAsync("/proc/self/maps"));
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
}
