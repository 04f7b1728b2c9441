using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Snapshots;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.TestSupport;
using Xunit;
using static SearchEngine.Distributed.Postgres.PostgresStatements;

namespace SearchEngine.Distributed.Tests.Snapshots;

public sealed class SnapshotStoreTests(PostgresFixture postgres) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_snapshot_in_a_folder_comes_back_byte_for_byte() => KeepAndLoadAsync(new FolderSnapshotStore(_folder.Combine("store")));

    [Fact]
    public async Task A_snapshot_in_PostgreSQL_comes_back_byte_for_byte()
    {
        await using var database = await postgres.OpenAsync();
        await KeepAndLoadAsync(new PostgresSnapshotStore(database));
    }

    [Fact]
    public async Task What_a_keeper_that_died_left_in_PostgreSQL_is_no_snapshot_and_goes()
    {
        await using var database = await postgres.OpenAsync();
        var store = new PostgresSnapshotStore(database);
        var shard = new LogShard(Guid.NewGuid(), 0);
        await database.ExecuteAsync(
            "insert into searchengine.snapshots (id, collection, shard, position, entry, taken) "
                + "values ($1, $2, 0, 7, $1, clock_timestamp() - interval '2 days')",
            Token,
            Of(Guid.NewGuid()),
            Of(shard.Collection)
        );
        Assert.Empty(await store.ListAsync(shard, Token));
        await store.RemoveAllAsync(Guid.NewGuid(), Token);
        var count = await database.ScalarAsync<long>("select count(*) from searchengine.snapshots", Token);
        Assert.Equal(0, count);
    }

    [Fact]
    public async Task A_list_beside_removals_has_what_is_left()
    {
        var store = new FolderSnapshotStore(_folder.Combine("store"));
        var source = Directory.CreateDirectory(_folder.Combine("source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "schema.json"), "{}", Token);
        var shard = new LogShard(Guid.NewGuid(), 0);
        var kept = await store.SaveAsync(shard, new LogCursor(1, Guid.NewGuid()), source, Token);
        var removals = Task.Run(
            async () =>
            {
                for (var position = 2; position < 300; position++)
                    await store.RemoveAsync(await store.SaveAsync(shard, new LogCursor(position, Guid.NewGuid()), source, Token), Token);
            },
            Token
        );
        do
        {
            var listed = await store.ListAsync(shard, Token);
            Assert.Contains(kept.Id, listed.Select(snapshot => snapshot.Id));
            Assert.All(listed, snapshot => Assert.Equal(kept.Bytes, snapshot.Bytes));
        } while (!removals.IsCompleted);
        await removals;
    }

    private async Task KeepAndLoadAsync(ISnapshotStore store)
    {
        var random = new Random(TestSeed.Get(3));
        var source = Directory.CreateDirectory(_folder.Combine("source")).FullName;
        Directory.CreateDirectory(Path.Combine(source, "log"));
        var files = new Dictionary<string, byte[]>
        {
            ["schema.json"] = new byte[13],
            [Path.Combine("log", "0")] = new byte[3_500_000],
            [Path.Combine("log", "empty")] = [],
        };
        foreach (var (name, bytes) in files)
        {
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(source, name), bytes, Token);
        }

        var shard = new LogShard(Guid.NewGuid(), 3);
        var first = await store.SaveAsync(shard, new LogCursor(10, Guid.NewGuid()), source, Token);
        var second = await store.SaveAsync(shard, new LogCursor(200, Guid.NewGuid()), source, Token);
        await store.SaveAsync(shard with { Shard = 4 }, new LogCursor(300, Guid.NewGuid()), source, Token);
        var kept = await store.ListAsync(shard, Token);
        Assert.Equal([(second.Id, second.Cursor), (first.Id, first.Cursor)], kept.Select(snapshot => (snapshot.Id, snapshot.Cursor)));

        var target = _folder.Combine("target");
        await store.LoadAsync(kept[0], target, Token);
        Assert.Equal(
            files.Keys.Order(StringComparer.Ordinal),
            Directory
                .EnumerateFiles(target, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(target, file))
                .Order(StringComparer.Ordinal)
        );
        foreach (var (name, bytes) in files)
            Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(target, name), Token));
        await Assert.ThrowsAsync<IOException>(() => store.LoadAsync(kept[0], target, Token));

        await store.RemoveAsync(first, Token);
        await store.RemoveAsync(first, Token);
        Assert.Equal(second.Id, Assert.Single(await store.ListAsync(shard, Token)).Id);
        await Assert.ThrowsAsync<FileNotFoundException>(() => store.LoadAsync(first, _folder.Combine("gone"), Token));
        Assert.False(Directory.Exists(_folder.Combine("gone")));
        await store.RemoveAllAsync(shard.Collection, Token);
        Assert.Empty(await store.ListAsync(shard, Token));
    }
}
