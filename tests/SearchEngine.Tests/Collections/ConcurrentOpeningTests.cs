using SearchEngine.TestDisks;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Collections;

public class ConcurrentOpeningTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_long_recovery_holds_up_no_other_collection()
    {
        using var directory = new TemporaryDirectory();
        var options = TestCollections.Options(directory.FullPath);
        await using (var made = await SearchDatabase.OpenAsync(options))
        {
            foreach (var name in new[] { "slow", "fast" })
                await made.CreateCollectionAsync(TestCollections.Books with { Name = name });
        }

        using var started = new ManualResetEventSlim();
        using var proceed = new ManualResetEventSlim();
        var disk = new HookedDisk(path =>
        {
            if (path.Contains($"{Path.DirectorySeparatorChar}slow{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            {
                started.Set();
                Assert.True(proceed.Wait(Patience));
            }
        });
        await using var database = await SearchDatabase.OpenAsync(options with { Storage = new StorageSettings { Files = disk } });
        var slow = database.GetCollectionAsync("slow");
        try
        {
            Assert.True(started.Wait(Patience));
            var fast = await database.GetCollectionAsync("fast").WaitAsync(Patience);
            await fast.UpsertAsync(TestCollections.Shelf).WaitAsync(Patience);
            await database.CreateCollectionAsync(TestCollections.Books with { Name = "another" }).WaitAsync(Patience);
            Assert.True(await database.DeleteCollectionAsync("another").WaitAsync(Patience));
            Assert.Equal(2, database.ListCollections().Count);
            // A second caller of the slow one waits for the same opening.
            var again = database.GetCollectionAsync("slow");
            Assert.False(slow.IsCompleted || again.IsCompleted);
            proceed.Set();
            Assert.Same(await slow, await again);
        }
        finally
        {
            proceed.Set();
        }
    }

    [Fact]
    public async Task Disposing_waits_for_what_is_being_opened_and_refuses_the_rest()
    {
        using var directory = new TemporaryDirectory();
        var database = await SearchDatabase.OpenAsync(TestCollections.Options(directory.FullPath));
        var opening = Enumerable
            .Range(0, 8)
            .Select(i => database.GetOrCreateCollectionAsync(TestCollections.Books with { Name = $"c{i % 4}" }))
            .ToArray();
        await database.DisposeAsync();
        foreach (var task in opening)
        {
            var error = await Record.ExceptionAsync(() => task);
            Assert.True(error is null or ObjectDisposedException, $"{error}");
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.GetCollectionAsync("c0"));
        await using var again = await SearchDatabase.OpenAsync(TestCollections.Options(directory.FullPath));
        foreach (var name in again.ListCollections())
            Assert.Empty((await (await again.GetCollectionAsync(name)).VerifyAsync()).Problems);
    }
}
