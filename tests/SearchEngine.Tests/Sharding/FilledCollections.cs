using Xunit;

namespace SearchEngine.Tests.Sharding;

/// <summary>Collections filled once, for tests that only search them.</summary>
public sealed class FilledCollections : IAsyncLifetime
{
    public const int Records = 2000;

    internal static readonly int[] Counts = [1, 3, 8];

    internal ShardedCollections Collections { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Collections = await FillAsync();

    public ValueTask DisposeAsync() => Collections.DisposeAsync();

    internal static async Task<ShardedCollections> FillAsync()
    {
        var made = await ShardedCollections.CreateAsync(Counts);
        await made.UpsertAsync(Enumerable.Range(0, Records).Select(key => WikipediaText.Record(key, key)));
        return made;
    }
}
