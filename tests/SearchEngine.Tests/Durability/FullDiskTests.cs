using System.Diagnostics;
using SearchEngine.CrashHarness;
using SearchEngine.TestDisks;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>
/// Rule: on a full disk reads and searches go on, an opening is read-only by itself and says so, and freed space makes it whole.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static SearchDatabaseOptions Options(string directory, FaultyDisk disk) =>
        TestCollections.Options(directory) with
        {
            CheckpointInterval = TimeSpan.Zero,
            Storage = new StorageSettings
            {
                Files = disk,
                Lexical = disk.Wrap,
                HashIndexBytes = 64 << 10,
            },
        };

    private static async Task AssertAnswersAsync(SearchCollection books)
    {
        Assert.Equal(TestCollections.Shelf.Length, books.Count);
        foreach (var book in TestCollections.Shelf)
            Assert.Equal(book["title"], books.Get(book.Key)!["title"]);
        foreach (var mode in Enum.GetValues<SearchMode>())
            Assert.Equal("moby", (await books.SearchAsync(new SearchRequest { Text = "white whale", Mode = mode }))[0].Key.ToString());
        Assert.Equal(3, books.CountWhere(new DocumentFilter.ContainsAny("tags", ["classic"])));
    }

    [Fact]
    public async Task Opening_on_a_full_disk_is_read_only_with_a_reason_and_freed_space_makes_it_whole()
    {
        var disk = new FaultyDisk();
        await using (var killed = await SearchDatabase.OpenAsync(Options(_directory.Combine("killed"), disk)))
        {
            var books = await killed.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf[..2]);
            await books.CheckpointAsync();
            await books.UpsertAsync(TestCollections.Shelf[2..]);
            TemporaryDirectory.Copy(_directory.Combine("killed"), _directory.Combine("db"));
        }

        disk.Arm(DiskFault.FullDisk, "", 1);
        // With relaxed durability an opening writes; with the other one it does not, where memory holds what the log has.
        var options = Options(_directory.Combine("db"), disk) with
        {
            Durability = DatabaseDurability.Interval,
        };
        await using var database = await SearchDatabase.OpenAsync(options);
        using var healing = new Healing(disk);
        var reader = await database.GetCollectionAsync(TestCollections.Books.Name);
        Assert.Contains("disk was full", reader.ReadOnlyReason, StringComparison.Ordinal);
        await AssertAnswersAsync(reader);
        Assert.Empty((await reader.VerifyAsync()).Problems);
        var refused = await Assert.ThrowsAsync<SearchDatabaseException>(() => reader.UpsertAsync(TestCollections.Shelf[0]));
        Assert.Equal(SearchDatabaseError.ReadOnly, refused.Error);
        Assert.Contains("disk was full", refused.Message, StringComparison.Ordinal);
        await database.CheckpointAsync();

        disk.Heal();
        var whole = await database.ReopenCollectionAsync(TestCollections.Books.Name);
        Assert.Null(whole.ReadOnlyReason);
        await AssertAnswersAsync(whole);
        await whole.UpsertAsync(TestCollections.Shelf[0]);
        await whole.CheckpointAsync();
        Assert.Empty((await whole.VerifyAsync()).Problems);
        Assert.Throws<ObjectDisposedException>(() => reader.Get("moby"));
    }

    [Fact]
    public async Task A_log_is_replayed_on_a_full_disk_and_writes_are_refused_until_there_is_room()
    {
        var disk = new FaultyDisk();
        await using (var killed = await SearchDatabase.OpenAsync(Options(_directory.Combine("killed"), disk)))
        {
            var books = await killed.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            TemporaryDirectory.Copy(_directory.Combine("killed"), _directory.Combine("db"));
        }

        disk.Arm(DiskFault.FullDisk, "", 1);
        using var healing = new Healing(disk);
        // Who only reads is told nothing, when closing either.
        await using (var readers = await SearchDatabase.OpenAsync(Options(_directory.Combine("db"), disk)))
            await AssertAnswersAsync(await readers.GetCollectionAsync(TestCollections.Books.Name));

        await using var database = await SearchDatabase.OpenAsync(Options(_directory.Combine("db"), disk));
        var full = await database.GetCollectionAsync(TestCollections.Books.Name);
        await AssertAnswersAsync(full);
        var refused = await Assert.ThrowsAsync<SearchDatabaseException>(() => full.UpsertAsync(TestCollections.Shelf[0]));
        Assert.Equal(SearchDatabaseError.Storage, refused.Error);
        await AssertAnswersAsync(full);

        disk.Heal();
        var whole = await database.ReopenCollectionAsync(TestCollections.Books.Name);
        await AssertAnswersAsync(whole);
        await whole.UpsertAsync(TestCollections.Shelf[0]);
        await whole.CheckpointAsync();
        Assert.Empty((await whole.VerifyAsync()).Problems);
    }

    [Theory]
    [InlineData("records/records")]
    [InlineData("graph/records")]
    [InlineData("lexical/")]
    [InlineData("MANIFEST")]
    [InlineData("write-")]
    [InlineData("")]
    public async Task A_disk_that_is_full_in_a_checkpoint_ends_no_read_and_a_reader_finds_nothing_wrong(string place)
    {
        var disk = new FaultyDisk();
        await using (var database = await SearchDatabase.OpenAsync(Options(_directory.Combine("db"), disk)))
        {
            // Closing must not hide what failed.
            using var healing = new Healing(disk);
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            for (var operation = 1; operation < 4; operation++)
            {
                disk.Arm(DiskFault.FullDisk, place, operation);
                var failed = false;
                try
                {
                    await books.CheckpointAsync();
                    await books.UpsertAsync(TestCollections.Shelf[0]);
                }
                catch (SearchDatabaseException e)
                {
                    Assert.Equal(SearchDatabaseError.Storage, e.Error);
                    failed = true;
                }

                await AssertAnswersAsync(books);
                Assert.Empty((await books.VerifyAsync()).Problems);
                if (!failed)
                    continue;
                TemporaryDirectory.Copy(_directory.Combine("db"), _directory.Combine("copy"));
                break;
            }

            disk.Heal();
            books = await database.ReopenCollectionAsync(TestCollections.Books.Name);
            await AssertAnswersAsync(books);
            Assert.Empty((await books.VerifyAsync()).Problems);
            await books.UpsertAsync(TestCollections.Shelf[1]);
            await books.CheckpointAsync();
        }

        if (!Directory.Exists(_directory.Combine("copy")))
            return;
        await using var reader = await SearchDatabase.OpenAsync(
            TestCollections.Options(_directory.Combine("copy")) with
            {
                ReadOnly = true,
            }
        );
        var read = await reader.GetCollectionAsync(TestCollections.Books.Name);
        await AssertAnswersAsync(read);
        Assert.Empty((await read.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Keyword_searches_see_what_was_written_however_much_of_it_meets_a_full_disk()
    {
        var disk = new FaultyDisk();
        await using var database = await SearchDatabase.OpenAsync(Options(_directory.Combine("db"), disk));
        using var healing = new Healing(disk);
        var schema = new CollectionSchema
        {
            Name = "texts",
            KeyKind = RecordKeyKind.Int32,
            Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
            Vectors = [new VectorField("vector", 2) { Index = VectorIndexKind.Flat }],
        };
        var texts = await database.CreateCollectionAsync(schema);
        const int Records = 4_000;

        // More than the keyword index holds in memory by itself, and no search in between that would bring it to the disk.
        var documents = Enumerable
            .Range(0, Records)
            .Select(i => new Document(i)
            {
                ["text"] = string.Join(' ', Enumerable.Range(0, 60).Select(word => $"{Letters(i)}{Letters(word)}")) + $" {Letters(i)}",
                Vectors = { ["vector"] = new float[] { 1, i } },
            })
            .ToList();
        await texts.UpsertAsync(documents);
        disk.Arm(DiskFault.FullDisk, "lexical/", 1);
        foreach (var i in new[] { 0, 1234, Records - 1 })
        {
            var hits = await texts.SearchAsync(new SearchRequest { Text = Letters(i), Mode = SearchMode.Keyword });
            Assert.Equal(RecordKey.From(i), Assert.Single(hits).Key);
        }

        // What the disk refused may not be taken for durable.
        await Assert.ThrowsAsync<SearchDatabaseException>(() => texts.CheckpointAsync());
        disk.Heal();
        texts = await database.ReopenCollectionAsync(schema.Name);
        Assert.Equal(Records, texts.Count);
        Assert.Single(await texts.SearchAsync(new SearchRequest { Text = Letters(1234), Mode = SearchMode.Keyword }));
        Assert.Empty((await texts.VerifyAsync()).Problems);
        await texts.CheckpointAsync();
    }

    /// <summary>A word of letters alone for a number.</summary>
    private static string Letters(int number)
    {
        var word = "q";
        for (var rest = number + 1; rest > 0; rest /= 13)
            word += "bcdfghjklmnpt"[rest % 13];
        return word;
    }

    /// <summary>
    /// The real thing, where this user may mount a small file system in memory. Checkpoints begin by themselves meanwhile, so that the disk is
    /// full in a write of the log, of the records or of the keyword index, as it happens.
    /// </summary>
    [Fact]
    public async Task A_file_system_without_room_is_survived()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Mounting a file system needs root on Linux.");
        var mounted = _directory.Combine("small");
        Directory.CreateDirectory(mounted);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", mounted) == 0, "A file system cannot be mounted here.");
        try
        {
            var options = TestCollections.Options(mounted) with { CheckpointInterval = TimeSpan.Zero, CheckpointLogBytes = 2 << 20 };
            var acknowledged = 0;
            await using (var database = await SearchDatabase.OpenAsync(options))
            {
                var books = await database.CreateCollectionAsync(TestCollections.Books);
                await books.UpsertAsync(TestCollections.Shelf);
                try
                {
                    for (; acknowledged < 20_000; acknowledged++)
                    {
                        await books.UpsertAsync(
                            TestCollections.Book($"b{acknowledged}", "Filler", new string('x', 20_000) + $" number{acknowledged}")
                        );
                    }
                    Assert.Fail("The file system was never full.");
                }
                catch (SearchDatabaseException e)
                {
                    Assert.Equal(SearchDatabaseError.Storage, e.Error);
                }

                for (var i = 0; i < acknowledged; i++)
                    Assert.NotNull(books.Get($"b{i}"));
                Assert.Equal(
                    "moby",
                    (await books.SearchAsync(new SearchRequest { Text = "white whale", Mode = SearchMode.Vector }))[0].Key.ToString()
                );
            }

            // No room for anything: what is left is taken away.
            File.WriteAllBytes(Path.Combine(mounted, "filler"), []);
            try
            {
                using var filler = File.OpenWrite(Path.Combine(mounted, "filler"));
                for (var chunk = new byte[4096]; ; )
                    filler.Write(chunk);
            }
            catch (IOException)
            {
                // Full.
            }

            await using (var database = await SearchDatabase.OpenAsync(options))
            {
                var books = await database.GetCollectionAsync(TestCollections.Books.Name);
                for (var i = 0; i < acknowledged; i++)
                    Assert.NotNull(books.Get($"b{i}"));
                Assert.Equal("moby", (await books.SearchAsync(new SearchRequest { Text = "white whale" }))[0].Key.ToString());
                Assert.Empty((await books.VerifyAsync()).Problems);
            }

            File.Delete(Path.Combine(mounted, "filler"));
            Assert.Equal(0, Run("mount", "-o", "remount,size=200m", mounted));
            await using var again = await SearchDatabase.OpenAsync(options);
            var whole = await again.GetCollectionAsync(TestCollections.Books.Name);
            Assert.Null(whole.ReadOnlyReason);
            await whole.UpsertAsync(TestCollections.Shelf);
            await whole.CheckpointAsync();
            Assert.InRange(whole.Count, TestCollections.Shelf.Length + acknowledged, TestCollections.Shelf.Length + acknowledged + 1);
            Assert.Empty((await whole.VerifyAsync()).Problems);
        }
        finally
        {
            Run("umount", mounted);
        }
    }

    [Fact]
    public async Task A_process_near_its_limit_of_descriptors_is_refused_another_collection_in_words()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is set by a shell.");
        var harness = typeof(CrashRounds).Assembly.Location;
        var start = new ProcessStartInfo(
            "sh",
            ["-c", $"ulimit -n 300; exec dotnet '{harness}' collections '{_directory.Combine("many")}' 60"]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 2, $"{child.ExitCode}: {said} {await errors}");
        Assert.Contains("ulimit -n", said, StringComparison.Ordinal);
        Assert.True(int.Parse(said.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) >= 10, said);
    }

    private sealed class Healing(FaultyDisk disk) : IDisposable
    {
        public void Dispose() => disk.Heal();
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
