using SearchEngine.Database;
using SearchEngine.Storage;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>What the engine does with folders and names: nothing is taken away that it did not leave unfinished itself.</summary>
public sealed class CollectionFolderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SearchDatabaseOptions Options => TestCollections.Options(_directory.FullPath);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_collection_without_its_schema_is_refused_by_name_and_nothing_of_it_changes()
    {
        var folder = await MakeAsync();
        var schema = File.ReadAllBytes(Path.Combine(folder, "schema.json"));
        File.Delete(Path.Combine(folder, "schema.json"));
        var before = FolderState.Of(folder);
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            var name = TestCollections.Books.Name;
            foreach (
                var attempt in new Func<Task>[]
                {
                    () => database.GetCollectionAsync(name),
                    () => database.CreateCollectionAsync(TestCollections.Books),
                    () => database.GetOrCreateCollectionAsync(TestCollections.Books),
                    () => database.DeleteCollectionAsync(name),
                    () => database.RepairCollectionAsync(name),
                }
            )
            {
                var error = await Assert.ThrowsAsync<SearchDatabaseException>(attempt);
                Assert.Equal(SearchDatabaseError.Corrupt, error.Error);
                Assert.Contains("schema.json is missing", error.Message, StringComparison.Ordinal);
                Assert.Contains(folder, error.Message, StringComparison.Ordinal);
            }

            await database.CreateCollectionAsync(TestCollections.Books with { Name = "another" });
            Assert.Equal(["another"], database.ListCollections());
        }

        Assert.Equal(before, FolderState.Of(folder));
        File.WriteAllBytes(Path.Combine(folder, "schema.json"), schema);
        await using var whole = await SearchDatabase.OpenAsync(Options);
        Assert.Equal(TestCollections.Shelf.Length, (await whole.GetCollectionAsync(TestCollections.Books.Name)).Count);
    }

    [Fact]
    public async Task A_collection_that_is_made_and_deleted_over_and_over_is_never_taken_for_a_damaged_one()
    {
        const int makings = 150;
        var folder = DatabaseFolder.Open(_directory.FullPath, readOnly: false, StorageDisk.Real);
        var files = folder.FilesOf("fleeting");
        var isOver = false;
        var (looks, seen) = (0L, 0L);
        var lookers = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Factory.StartNew(
                    () =>
                    {
                        while (!Volatile.Read(ref isOver))
                        {
                            Interlocked.Increment(ref looks);
                            if (folder.Has("fleeting"))
                                Interlocked.Increment(ref seen);
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            )
            .ToArray();
        try
        {
            for (var i = 0; i < makings; i++)
            {
                // Some looks in each state, whoever of the threads is let run.
                await MoreAsync(() => Volatile.Read(ref looks));
                files.Begin();
                File.WriteAllText(files.Schema, "{}");
                files.Finish();
                if (i % 10 == 0)
                    await MoreAsync(() => Volatile.Read(ref seen));
                files.Delete();
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        await Task.WhenAll(lookers);

        async Task MoreAsync(Func<long> count)
        {
            for (var before = count(); count() == before && !lookers.Any(looker => looker.IsFaulted); )
                await Task.Yield();
        }
    }

    [Fact]
    public async Task A_creation_that_was_cut_short_is_removed_and_made_again()
    {
        var folder = await MakeAsync();
        File.Delete(Path.Combine(folder, "schema.json"));
        File.WriteAllBytes(Path.Combine(folder, "unfinished"), []);
        var doomed = Path.Combine(Path.GetDirectoryName(folder)!, "0123%deleted");
        Directory.CreateDirectory(Path.Combine(doomed, "log"));
        await using var database = await SearchDatabase.OpenAsync(Options);
        Assert.False(Directory.Exists(folder));
        Assert.False(Directory.Exists(doomed));
        Assert.Equal(0, (await database.CreateCollectionAsync(TestCollections.Books)).Count);
    }

    [Fact]
    public async Task A_file_of_any_kind_that_is_missing_is_an_error_or_changes_nothing()
    {
        var original = await MakeAsync(killed: true);
        var database = Path.GetDirectoryName(Path.GetDirectoryName(original)!)!;
        foreach (var file in Directory.GetFiles(original, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(database, file);
            using var copy = new TemporaryDirectory();
            TemporaryDirectory.Copy(database, copy.FullPath);
            File.Delete(copy.Combine(relative));
            await CheckAsync(copy.FullPath, relative);
        }

        foreach (var folder in new[] { "log", "records", "graph", "lexical" })
        {
            using var copy = new TemporaryDirectory();
            TemporaryDirectory.Copy(database, copy.FullPath);
            Directory.Delete(Path.Combine(copy.FullPath, Path.GetRelativePath(database, original), folder), recursive: true);
            await CheckAsync(copy.FullPath, folder);
        }

        static async Task CheckAsync(string directory, string missing)
        {
            try
            {
                await using var opened = await SearchDatabase.OpenAsync(TestCollections.Options(directory));
                var books = await opened.GetCollectionAsync(TestCollections.Books.Name);
                Assert.True(books.Count == TestCollections.Shelf.Length, $"without {missing}: {books.Count} records");
                Assert.Empty((await books.VerifyAsync()).Problems);
                foreach (var book in TestCollections.Shelf)
                    Assert.Equal(book["title"], books.Get(book.Key)?["title"]);
            }
            catch (SearchDatabaseException error)
            {
                Assert.True(
                    error.Error is SearchDatabaseError.Corrupt or SearchDatabaseError.Storage or SearchDatabaseError.CollectionNotFound,
                    $"without {missing}: {error}"
                );
            }
        }
    }

    public static TheoryData<string> Names =>
        [
            new string('A', 128),
            new string('\u4e2d', 128),
            string.Concat(Enumerable.Repeat("\ud83d\ude80", 128)),
            new string('%', 128),
            "..",
            ".",
            "a/b\\c:d",
            "CON",
            "x.",
            " x ",
            "%2b",
            "\u00c4" + new string('a', 127),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_of_128_characters_of_any_script_is_made_listed_opened_and_deleted(string name)
    {
        var schema = TestCollections.Books with { Name = name };
        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            await (await database.CreateCollectionAsync(schema)).UpsertAsync(TestCollections.Shelf);
            Assert.Equal([name], database.ListCollections());
        }

        await using (var database = await SearchDatabase.OpenAsync(Options))
        {
            Assert.Equal([name], database.ListCollections());
            Assert.Equal(TestCollections.Shelf.Length, (await database.GetCollectionAsync(name)).Count);
            Assert.True(await database.DeleteCollectionAsync(name));
            Assert.Empty(database.ListCollections());
            Assert.Empty(Directory.GetDirectories(_directory.Combine("collections")));
        }
    }

    [Fact]
    public async Task A_name_that_no_folder_can_have_is_refused_before_anything_is_made()
    {
        await using var database = await SearchDatabase.OpenAsync(Options);
        foreach (var name in new[] { new string('a', 129), "a\ud800b", "\udc00", " ", "a\nb" })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() =>
                database.CreateCollectionAsync(TestCollections.Books with { Name = name })
            );
        }
        Assert.Empty(Directory.GetDirectories(_directory.Combine("collections")));
    }

    [Fact]
    public async Task A_folder_with_a_long_name_of_an_earlier_build_opens_and_is_deleted()
    {
        var name = new string('A', 80);
        await using (var made = await SearchDatabase.OpenAsync(Options))
            await made.CreateCollectionAsync(TestCollections.Books with { Name = name });
        var root = _directory.Combine("collections");
        Directory.Move(Path.Combine(root, CollectionNames.ToFolder(name)), Path.Combine(root, CollectionNames.ToEarlierFolder(name)!));
        await using var database = await SearchDatabase.OpenAsync(Options);
        Assert.Equal([name], database.ListCollections());
        Assert.Equal(0, (await database.GetCollectionAsync(name)).Count);
        Assert.True(await database.DeleteCollectionAsync(name));
        Assert.Empty(Directory.GetDirectories(root));
    }

    [Fact]
    public async Task A_folder_that_is_removed_or_replaced_while_it_is_open_takes_no_more_writes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere an open file cannot be removed, or only its absence is seen.");
        foreach (var replaced in new[] { false, true })
        {
            using var directory = new TemporaryDirectory();
            var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(directory.Combine("db")) with
                {
                    CheckpointInterval = TimeSpan.Zero,
                }
            );
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            if (replaced)
                TemporaryDirectory.Copy(directory.Combine("db"), directory.Combine("copy"));
            Directory.Delete(directory.Combine("db"), recursive: true);
            if (replaced)
                Directory.Move(directory.Combine("copy"), directory.Combine("db"));
            var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => books.UpsertAsync(TestCollections.Shelf[0]));
            Assert.Contains("removed or replaced", error.ToString(), StringComparison.Ordinal);
            await Assert.ThrowsAsync<SearchDatabaseException>(() => books.UpsertAsync(TestCollections.Shelf[1]));
            Assert.Equal("Emma", books.Get("emma")!["title"]);
            try
            {
                await database.DisposeAsync();
            }
            catch (SearchDatabaseException)
            {
                // There is nowhere to write a checkpoint.
            }
        }
    }

    [Fact]
    public async Task A_link_to_a_database_leads_to_the_same_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var real = _directory.Combine("real");
        Directory.CreateDirectory(real);
        Directory.CreateSymbolicLink(_directory.Combine("link"), real);
        Directory.CreateSymbolicLink(_directory.Combine("chain"), _directory.Combine("link"));
        Assert.Equal(
            SearchDatabase.ResolvePath(real),
            SearchDatabase.ResolvePath(_directory.Combine("chain") + Path.DirectorySeparatorChar)
        );
        await using (var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine("chain"))))
        {
            await database.CreateCollectionAsync(TestCollections.Books);
            var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => SearchDatabase.OpenAsync(TestCollections.Options(real)));
            Assert.Equal((SearchDatabaseError.InUse, Environment.ProcessId), (error.Error, error.ProcessId));
            // What the link leads to from now on is another database; the open one stays where it is.
            Directory.Delete(_directory.Combine("link"));
            Directory.CreateDirectory(_directory.Combine("link"));
            await (await database.GetCollectionAsync(TestCollections.Books.Name)).UpsertAsync(TestCollections.Shelf);
        }

        await using var again = await SearchDatabase.OpenAsync(TestCollections.Options(real));
        Assert.Equal(TestCollections.Shelf.Length, (await again.GetCollectionAsync(TestCollections.Books.Name)).Count);
    }

    [Fact]
    public async Task A_lock_file_that_is_deleted_lets_nobody_in()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open lock file cannot be deleted there.");
        await using var database = await SearchDatabase.OpenAsync(Options);
        File.Delete(_directory.Combine("LOCK"));
        foreach (var readOnly in new[] { false, true })
        {
            var error = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
                SearchDatabase.OpenAsync(Options with { ReadOnly = readOnly })
            );
            Assert.Equal(SearchDatabaseError.InUse, error.Error);
        }
    }

    [Fact]
    public async Task A_collections_folder_is_not_made_into_a_database()
    {
        var folder = await MakeAsync();
        File.Delete(Path.Combine(folder, "schema.json"));
        var before = FolderState.Of(folder);
        await Assert.ThrowsAsync<SearchDatabaseException>(() => SearchDatabase.OpenAsync(TestCollections.Options(folder)));
        Assert.Equal(before, FolderState.Of(folder));
    }

    /// <summary>
    /// Makes a collection, half of it in a checkpoint and half in the log; returns its folder. Killed: the log's part is in no checkpoint.
    /// </summary>
    private async Task<string> MakeAsync(bool killed = false)
    {
        var directory = killed ? _directory.Combine("killed") : _directory.FullPath;
        await using var database = await SearchDatabase.OpenAsync(
            TestCollections.Options(directory) with
            {
                CheckpointInterval = TimeSpan.Zero,
            }
        );
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf[..2]);
        await books.CheckpointAsync();
        await books.UpsertAsync(TestCollections.Shelf[2..]);
        if (!killed)
            return Directory.GetDirectories(Path.Combine(directory, "collections")).Single();
        TemporaryDirectory.Copy(directory, _directory.Combine("copy"));
        return Directory.GetDirectories(_directory.Combine("copy", "collections")).Single();
    }
}
