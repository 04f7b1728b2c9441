using System.Diagnostics;
using SearchEngine.CrashHarness;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

public sealed class ReadOnlyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static SearchDatabaseOptions ReadOnly(string directory) => TestCollections.Options(directory) with { ReadOnly = true };

    private async Task<string> MakeSnapshotAsync()
    {
        var snapshot = _directory.Combine("snapshot");
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.Combine("db")));
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.WriteAsync(new WriteBatch().SetMetadata("note", "kept"));
        await books.UpsertAsync(TestCollections.Shelf);
        await books.CreateSnapshotAsync(snapshot);
        return snapshot;
    }

    private static async Task AssertReadableAsync(SearchCollection books)
    {
        Assert.Equal(5, books.Count);
        Assert.Equal("Dune", books.Get("dune", includeVectors: true)!["title"]);
        Assert.Equal("kept", books.GetMetadata("note"));
        foreach (var mode in Enum.GetValues<SearchMode>())
            Assert.Equal("moby", (await books.SearchAsync(new SearchRequest { Text = "white whale", Mode = mode }))[0].Key.ToString());
        Assert.Equal(3, books.CountWhere(DocumentFilter.Less("year", 1900)));
        Assert.Empty((await books.VerifyAsync()).Problems);
        using var exported = new MemoryStream();
        Assert.Equal(5, await CollectionExport.WriteAsync(books, exported));
        Assert.True(books.GetInfo().DiskBytes > 0);
    }

    private static async Task AssertRefusedAsync(Func<Task> write)
    {
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(write);
        Assert.Equal(SearchDatabaseError.ReadOnly, error.Error);
        Assert.Contains("read-only", error.Message);
    }

    [Fact]
    public async Task A_snapshot_is_read_by_several_and_written_by_none()
    {
        var snapshot = await MakeSnapshotAsync();
        var before = FolderState.Of(snapshot);
        await using (var first = await SearchDatabase.OpenAsync(ReadOnly(snapshot)))
        await using (var second = await SearchDatabase.OpenAsync(ReadOnly(snapshot)))
        {
            Assert.Equal([TestCollections.Books.Name], first.ListCollections());
            await AssertReadableAsync(await first.GetCollectionAsync(TestCollections.Books.Name));
            var books = await second.GetOrCreateCollectionAsync(TestCollections.Books);
            await AssertReadableAsync(books);
            await AssertRefusedAsync(() => books.UpsertAsync(TestCollections.Shelf[0]));
            await AssertRefusedAsync(() => books.DeleteAsync([RecordKey.From("moby")]));
            await AssertRefusedAsync(() => books.DeleteAsync(DocumentFilter.Equal("year", 1)));
            await AssertRefusedAsync(() => books.CheckpointAsync());
            await AssertRefusedAsync(() => books.CompactAsync());
            await AssertRefusedAsync(() => books.CreateSnapshotAsync(_directory.Combine("another")));
            await AssertRefusedAsync(() => second.CheckpointAsync());
            await AssertRefusedAsync(() => second.CreateCollectionAsync(TestCollections.Books with { Name = "new" }));
            await AssertRefusedAsync(() => second.GetOrCreateCollectionAsync(TestCollections.Books with { Name = "new" }));
            await AssertRefusedAsync(() => second.DeleteCollectionAsync(TestCollections.Books.Name));
            await AssertRefusedAsync(() => second.RepairCollectionAsync(TestCollections.Books.Name));
            await AssertRefusedAsync(() => second.RestoreCollectionAsync(snapshot));
        }

        Assert.Equal(before, FolderState.Of(snapshot));
        await AssertRefusedAsync(() => SearchDatabase.OpenAsync(TestCollections.Options(snapshot)));
        Assert.Equal(before, FolderState.Of(snapshot));
    }

    [Fact]
    public async Task Several_processes_read_a_snapshot_at_a_time()
    {
        var snapshot = await MakeSnapshotAsync();
        var before = FolderState.Of(snapshot);
        await using (var database = await SearchDatabase.OpenAsync(ReadOnly(snapshot)))
        {
            var books = await database.GetCollectionAsync(TestCollections.Books.Name);
            // Each reader keeps the snapshot open until its standard input ends, so that all of them have it open together.
            var readers = Enumerable
                .Range(0, 2)
                .Select(_ =>
                    Process.Start(
                        new ProcessStartInfo("dotnet", [typeof(CrashRounds).Assembly.Location, "read", snapshot, books.Name])
                        {
                            RedirectStandardInput = true,
                            RedirectStandardOutput = true,
                        }
                    )!
                )
                .ToArray();
            foreach (var reader in readers)
                Assert.Equal("5 records, 0 problems", await reader.StandardOutput.ReadLineAsync());
            await AssertReadableAsync(books);
            foreach (var reader in readers)
            {
                reader.StandardInput.Close();
                await reader.WaitForExitAsync();
                Assert.Equal(0, reader.ExitCode);
                reader.Dispose();
            }
        }

        Assert.Equal(before, FolderState.Of(snapshot));
    }

    [Fact]
    public async Task A_copied_database_shows_what_only_its_log_holds()
    {
        // More than the memory of the store, so that replayed records go through the device as well; less than the log of 16 MB after which
        // a checkpoint begins by itself: it would take files away while they are copied.
        const int Records = 3000;
        const int TextLength = 5000;
        var copy = _directory.Combine("copy");
        await using (
            var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(_directory.Combine("db")) with
                {
                    CheckpointInterval = TimeSpan.Zero,
                }
            )
        )
        {
            var notes = await database.CreateCollectionAsync(
                new CollectionSchema
                {
                    Name = "notes",
                    KeyKind = RecordKeyKind.Int32,
                    Fields =
                    [
                        new DataField("text", DataFieldType.String),
                        new DataField("word", DataFieldType.String) { IsFullText = true },
                    ],
                }
            );
            var made = notes.GetInfo().LastCheckpoint;
            for (var start = 0; start < Records; start += 500)
            {
                await notes.UpsertAsync([
                    .. Enumerable
                        .Range(start, 500)
                        .Select(i => new Document(i) { ["text"] = new string((char)('a' + i % 26), TextLength), ["word"] = $"w{i}" }),
                ]);
            }
            await notes.DeleteAsync([RecordKey.From(7)]);
            Assert.Equal(made, notes.GetInfo().LastCheckpoint);
            TemporaryDirectory.Copy(database.Options.Directory, copy);
        }

        var before = FolderState.Of(copy);
        await using (var database = await SearchDatabase.OpenAsync(ReadOnly(copy)))
        {
            var notes = await database.GetCollectionAsync("notes");
            Assert.Equal(Records - 1, notes.Count);
            Assert.Null(notes.Get(7));
            for (var i = 0; i < Records; i += 113)
                Assert.Equal(new string((char)('a' + i % 26), TextLength), notes.Get(i)!["text"]);
            Assert.Equal(
                1234,
                (await notes.SearchAsync(new SearchRequest { Mode = SearchMode.Keyword, Keywords = ["w1234"] })).Single().Key.Value
            );
            Assert.Empty((await notes.VerifyAsync()).Problems);
        }

        Assert.Equal(before, FolderState.Of(copy));
        await using var writable = await SearchDatabase.OpenAsync(TestCollections.Options(copy));
        await (await writable.GetCollectionAsync("notes")).DeleteAsync([RecordKey.From(8)]);
        Assert.Equal(Records - 2, (await writable.GetCollectionAsync("notes")).Count);
    }

    [Fact]
    public async Task An_owner_and_readers_exclude_each_other()
    {
        var directory = _directory.Combine("db");
        await using (var owner = await SearchDatabase.OpenAsync(TestCollections.Options(directory)))
        {
            await owner.CreateCollectionAsync(TestCollections.Books);
            var inUse = await Assert.ThrowsAsync<SearchDatabaseException>(() => SearchDatabase.OpenAsync(ReadOnly(directory)));
            Assert.Equal((SearchDatabaseError.InUse, Environment.ProcessId), (inUse.Error, inUse.ProcessId));
        }

        await using (var reader = await SearchDatabase.OpenAsync(ReadOnly(directory)))
        await using (var other = await SearchDatabase.OpenAsync(ReadOnly(directory)))
        {
            Assert.Equal(
                SearchDatabaseError.InUse,
                (
                    await Assert.ThrowsAsync<SearchDatabaseException>(() => SearchDatabase.OpenAsync(TestCollections.Options(directory)))
                ).Error
            );
            Assert.Equal(0, (await other.GetCollectionAsync(TestCollections.Books.Name)).Count);
        }

        var nothing = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            SearchDatabase.OpenAsync(ReadOnly(_directory.Combine("nowhere")))
        );
        Assert.Contains("no database or snapshot", nothing.Message);
        Assert.False(Directory.Exists(_directory.Combine("nowhere")));
    }
}
