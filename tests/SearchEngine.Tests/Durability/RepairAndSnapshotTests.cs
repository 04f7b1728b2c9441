using System.Text;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

public sealed class RepairAndSnapshotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private async Task<SearchDatabase> OpenAsync(string name = "db") =>
        await SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine(name)));

    private static async Task AssertWholeAsync(SearchCollection books, int count)
    {
        Assert.Equal(count, books.Count);
        Assert.Equal("Dune", books.Get("dune")!["title"]);
        foreach (var mode in Enum.GetValues<SearchMode>())
            Assert.Equal("moby", (await books.SearchAsync(new SearchRequest { Text = "white whale", Mode = mode }))[0].Key.ToString());
        Assert.Empty((await books.VerifyAsync()).Problems);
    }

    [Theory]
    [InlineData("graph")]
    [InlineData("lexical")]
    public async Task A_lost_view_is_named_at_opening_and_made_anew_by_repair(string view)
    {
        await using (var database = await OpenAsync())
            await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
        Directory.Delete(Directory.GetDirectories(_directory.FullPath, view, SearchOption.AllDirectories).Single(), recursive: true);
        await using (var database = await OpenAsync())
        {
            var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => database.GetCollectionAsync(TestCollections.Books.Name));
            Assert.Equal(SearchDatabaseError.Corrupt, error.Error);
            var report = await database.RepairCollectionAsync(TestCollections.Books.Name);
            Assert.Equal((5, 5), (report.Records, report.Vectors));
            await AssertWholeAsync(await database.GetCollectionAsync(TestCollections.Books.Name), 5);
        }

        await using var again = await OpenAsync();
        await AssertWholeAsync(await again.GetCollectionAsync(TestCollections.Books.Name), 5);
    }

    [Fact]
    public async Task Repair_of_a_sound_open_collection_changes_nothing()
    {
        await using var database = await OpenAsync();
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);
        await books.UpsertAsync(TestCollections.Shelf[0]);
        await books.DeleteAsync([RecordKey.From("emma")]);
        var report = await database.RepairCollectionAsync(TestCollections.Books.Name);
        Assert.Empty(report.Changes);
        await AssertWholeAsync(await database.GetCollectionAsync(TestCollections.Books.Name), 4);
        Assert.Throws<ObjectDisposedException>(() => books.Get("moby"));
    }

    [Fact]
    public async Task A_snapshot_taken_while_writing_restores_to_one_moment()
    {
        await using (var database = await OpenAsync())
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            using var stop = new CancellationTokenSource();
            var writing = Task.Run(async () =>
            {
                // Each batch writes the same number to both records: a restored pair must agree.
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    await books.UpsertAsync([
                        TestCollections.Book("pair-a", $"{i}", "pair"),
                        TestCollections.Book("pair-b", $"{i}", "pair"),
                    ]);
                }
            });
            await books.CreateSnapshotAsync(_directory.Combine("snapshot"));
            await stop.CancelAsync();
            await writing;
            await Assert.ThrowsAsync<ArgumentException>(() => books.CreateSnapshotAsync(_directory.Combine("snapshot")));
            var exists = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
                database.RestoreCollectionAsync(_directory.Combine("snapshot"))
            );
            Assert.Equal(SearchDatabaseError.CollectionExists, exists.Error);
        }

        await using var other = await OpenAsync("other");
        var restored = await other.RestoreCollectionAsync(_directory.Combine("snapshot"));
        Assert.Equal(restored.Get("pair-a")?["title"], restored.Get("pair-b")?["title"]);
        await AssertWholeAsync(restored, restored.Contains("pair-a") ? 7 : 5);
    }

    private sealed class Reporter(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }

    [Fact]
    public async Task Writers_and_readers_go_on_while_a_snapshot_is_copied()
    {
        var steps = new List<string>();
        await using (var database = await OpenAsync())
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            // The copy stands still while its progress is reported: a write that had to wait for it would never come back.
            await books.CreateSnapshotAsync(
                _directory.Combine("snapshot"),
                new Reporter(step =>
                {
                    Assert.True(
                        books.UpsertAsync(TestCollections.Book(step, step, "Written during the copy.")).Wait(TimeSpan.FromSeconds(60)),
                        $"a write waited for the copy of the {step}"
                    );
                    Assert.NotNull(books.Get("moby"));
                    steps.Add(step);
                })
            );
            Assert.Equal(["checkpoint", "records", "vector indexes", "keyword index", "write log"], steps);
        }

        await using var other = await OpenAsync("other");
        var restored = await other.RestoreCollectionAsync(_directory.Combine("snapshot"));
        // The log is copied last, and with it everything that was acknowledged before.
        Assert.All(steps, step => Assert.Equal(step, restored.Get(step)!["title"]));
        await AssertWholeAsync(restored, 5 + steps.Count);
    }

    [Fact]
    public async Task Of_two_snapshots_of_one_name_at_once_one_is_made_and_one_refused()
    {
        await using (var database = await OpenAsync())
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            Task? second = null;
            // The second asks before there is a folder, and waits for the first.
            await books.CreateSnapshotAsync(
                _directory.Combine("snapshot"),
                new Reporter(step =>
                {
                    if (step == "checkpoint")
                        second = books.CreateSnapshotAsync(_directory.Combine("snapshot"));
                })
            );
            await Assert.ThrowsAsync<ArgumentException>(() => second!);
        }

        await using var other = await OpenAsync("other");
        await AssertWholeAsync(await other.RestoreCollectionAsync(_directory.Combine("snapshot")), 5);
    }

    [Fact]
    public async Task A_cancelled_snapshot_leaves_no_folder()
    {
        await using var database = await OpenAsync();
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            books.CreateSnapshotAsync(
                _directory.Combine("snapshot"),
                new Reporter(step =>
                {
                    if (step == "keyword index")
                        stop.Cancel();
                }),
                stop.Token
            )
        );
        Assert.False(Directory.Exists(_directory.Combine("snapshot")));
        await books.CreateSnapshotAsync(_directory.Combine("snapshot"));
    }

    [Fact]
    public async Task A_damaged_block_is_not_copied_into_a_snapshot()
    {
        await using var database = await OpenAsync();
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);
        // Enough behind it that the next checkpoint does not write the first block anew.
        await books.UpsertAsync(TestCollections.Book("long", "Long", string.Concat(Enumerable.Repeat("word after word ", 4096))));
        await books.CheckpointAsync();
        var records = Directory
            .GetFiles(_directory.FullPath, "records.log.0", SearchOption.AllDirectories)
            .Single(path => path.Contains($"records{Path.DirectorySeparatorChar}records", StringComparison.Ordinal));
        using (var file = new FileStream(records, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Position = 200;
            var value = file.ReadByte();
            file.Position = 200;
            file.WriteByte((byte)~value);
        }

        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => books.CreateSnapshotAsync(_directory.Combine("snapshot")));
        Assert.Equal(SearchDatabaseError.Corrupt, error.Error);
        Assert.False(Directory.Exists(_directory.Combine("snapshot")));
    }

    [Fact]
    public async Task An_export_imports_into_the_same_collection()
    {
        using var exported = new MemoryStream();
        await using (var database = await OpenAsync())
        {
            var books = await database.CreateCollectionAsync(TestCollections.Books);
            await books.UpsertAsync(TestCollections.Shelf);
            await books.WriteAsync(new WriteBatch().SetMetadata("note", "line\nbreak"));
            Assert.Equal(5, await CollectionExport.WriteAsync(books, exported));
        }

        exported.Position = 0;
        await using var other = await OpenAsync("other");
        Assert.Equal(5, await CollectionImport.ReadAsync(other, exported));
        var imported = await other.GetCollectionAsync(TestCollections.Books.Name);
        await AssertWholeAsync(imported, 5);
        Assert.Equal("line\nbreak", imported.GetMetadata("note"));
        Assert.Equal(9.99m, imported.Get("moby")!["price"]);
        Assert.Equal(
            TestCollections.Embedder.Embed((string)imported.Get("moby")!["text"]!),
            imported.Get("moby", includeVectors: true)!.Vectors["vector"].ToArray()
        );
    }

    [Fact]
    public async Task A_cut_or_damaged_export_is_refused_by_line()
    {
        using var exported = new MemoryStream();
        await using var database = await OpenAsync();
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);
        await CollectionExport.WriteAsync(books, exported);
        var lines = Encoding.UTF8.GetString(exported.ToArray()).TrimEnd('\n').Split('\n');

        async Task<string> RefusedAsync(params string[] text) =>
            (
                await Assert.ThrowsAsync<FormatException>(() =>
                    CollectionImport.ReadAsync(database, new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', text))))
                )
            ).Message;

        Assert.Contains("cut short", await RefusedAsync(lines[..^1]));
        Assert.Contains("lines are missing", await RefusedAsync([.. lines[..2], .. lines[3..]]));
        Assert.Contains("Line 3", await RefusedAsync([lines[0], lines[1], "{oops", .. lines[3..]]));
        Assert.Contains("no header", await RefusedAsync("hello"));
        Assert.Contains("newer build", await RefusedAsync(lines[0].Replace("\"searchengine-export\":1", "\"searchengine-export\":2")));
        Assert.Contains("'year'", await RefusedAsync([lines[0], lines[1].Replace("1851", "\"x\""), .. lines[2..]]));
        Assert.Empty((await books.VerifyAsync()).Problems);
    }
}
