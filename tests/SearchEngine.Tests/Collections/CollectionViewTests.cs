using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Collections;

/// <summary>The asynchronous surface: what it says is what the synchronous one says, and a view is of one moment.</summary>
public sealed class CollectionViewTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private SearchDatabase _database = null!;
    private ISearchCollection _books = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath));
        _books = await _database.GetOrCreateCollectionAsync(TestCollections.Books);
        await _books.UpsertAsync(TestCollections.Shelf);
        await _books.WriteAsync(new WriteBatch().SetMetadata("kept", "1").SetMetadata("changed", "before"));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_view_sees_records_and_metadata_of_the_moment_it_was_opened()
    {
        await using var view = await _books.OpenViewAsync();
        await _books.WriteAsync(
            new WriteBatch().Delete("moby").SetMetadata("changed", null).SetMetadata("new", "x").Upsert(TestCollections.Book("z", "Z", "z"))
        );
        for (var again = 0; again < 2; again++)
        {
            Assert.Equal(
                TestCollections.Shelf.Select(b => $"{b.Key}").Order(),
                await view.QueryAsync(new RecordQuery()).Select(d => $"{d.Key}").Order().ToListAsync()
            );
            Assert.Equal(5, await view.CountAsync());
            Assert.Equal(1, await view.CountAsync(DocumentFilter.Equal("$key", "moby")));
            Assert.Equal(0, await view.CountAsync(DocumentFilter.Equal("$key", "z")));
            Assert.Equal([new("changed", "before"), new("kept", "1")], await view.ListMetadataAsync().OrderBy(m => m.Key).ToListAsync());
        }

        Assert.Equal([new("kept", "1"), new("new", "x")], await _books.ListMetadataAsync().OrderBy(m => m.Key).ToListAsync());
    }

    [Fact]
    public async Task Reads_answer_and_refuse()
    {
        Assert.Equal("Dune", (await _books.GetAsync("dune"))!["title"]);
        Assert.Null(await _books.GetAsync("nobody"));
        Assert.Equal(
            ["emma", "dune"],
            (await _books.GetAsync([RecordKey.From("emma"), RecordKey.From("x"), RecordKey.From("dune")])).Select(d => $"{d.Key}")
        );
        Assert.Equal((5, 3), (await _books.CountAsync(), await _books.CountAsync(new DocumentFilter.ContainsAny("tags", ["classic"]))));
        Assert.Equal(5, await _books.ListKeysAsync().CountAsync());
        Assert.Equal("before", await _books.GetMetadataAsync("changed"));
        Assert.Equal(5, (await _books.GetInfoAsync()).Count);
        Assert.Equal(
            ["untitled", "emma"],
            await _books.QueryAsync(new RecordQuery { OrderBy = [new SortKey("year")], Top = 2 }).Select(d => $"{d.Key}").ToListAsync()
        );
        Assert.Throws<ArgumentException>(() =>
        {
            _ = _books.QueryAsync(new RecordQuery { OrderBy = [new SortKey("colour")] });
        });
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _books.GetAsync("dune", cancellationToken: cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await _books.QueryAsync(new RecordQuery(), cancelled.Token).CountAsync()
        );
        Assert.Equal(1, (await _books.DeleteAsync([RecordKey.From("dune")])).Deleted);
    }
}
