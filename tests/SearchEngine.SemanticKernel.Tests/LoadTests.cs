using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class LoadTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Ten_thousand_records_in_one_batch()
    {
        var collection = await fixture.CreateAsync<string, Item>();
        await collection.UpsertAsync(Enumerable.Range(0, 10_000).Select(i => Item.Make(i)));
        Assert.Equal(10_000, await collection.CountAsync());
        var keys = Enumerable.Range(0, 10_000).Select(i => $"k{i}").ToList();
        Assert.Equal(keys, await collection.GetAsync(keys).Select(r => r.Id).ToListAsync());
        Assert.Equal(keys.Order(), (await collection.ListKeysAsync().ToListAsync()).Order());
        Assert.Equal(9_000, await collection.DeleteAsync(r => r.Number >= 1000));
        Assert.Equal(1_000, await collection.CountAsync());
        await collection.DeleteAsync(keys);
        Assert.Equal(0, await collection.CountAsync());
    }

    [Fact]
    public async Task Eight_writers_and_readers_at_once()
    {
        var collection = await fixture.CreateAsync<string, Item>(Scattered(0));
        using var stop = new CancellationTokenSource();
        var readers = Enumerable
            .Range(0, 8)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        foreach (
                            var hit in await collection
                                .SearchAsync(new float[] { 1, 2, 3 }, 5, new() { Filter = r => r.Number >= 0 })
                                .ToListAsync()
                        )
                        {
                            Assert.Equal($"k{hit.Record.Number}", hit.Record.Id);
                        }
                        Assert.NotNull(await collection.GetAsync("k0"));
                        Assert.True(await collection.CountAsync() > 0);
                    }
                })
            )
            .ToArray();
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(writer =>
                    Task.Run(async () =>
                    {
                        for (var i = 1; i <= 40; i++)
                        {
                            var number = writer * 1000 + i;
                            await collection.UpsertAsync([Scattered(number), Scattered(number + 500)]);
                            await collection.DeleteAsync($"k{number + 500}");
                            Assert.Equal(number, (await collection.GetAsync($"k{number}"))!.Number);
                        }
                    })
                )
        );
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(8 * 40 + 1, await collection.CountAsync());
        Assert.Empty((await collection.VerifyAsync()).Problems);

        static Item Scattered(int number)
        {
            var random = new Random(number);
            var item = Item.Make(number);
            item.Vector = new[] { random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f };
            return item;
        }
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var collection = await fixture.CreateAsync<string, Item>(Item.Make(1));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var token = cancelled.Token;
        Func<Task>[] calls =
        [
            () => collection.UpsertAsync(Item.Make(2), token),
            () => collection.UpsertAsync([Item.Make(2)], token),
            () => collection.DeleteAsync("k1", token),
            () => collection.GetAsync("k1", cancellationToken: token),
            () => collection.GetAsync(["k1"], cancellationToken: token).ToListAsync(CancellationToken.None).AsTask(),
            () => collection.GetAsync(r => true, 1, cancellationToken: token).ToListAsync(CancellationToken.None).AsTask(),
            () => collection.SearchAsync(new float[] { 1, 2, 3 }, 1, cancellationToken: token).ToListAsync(CancellationToken.None).AsTask(),
            () => collection.CountAsync(cancellationToken: token),
            () => collection.EnsureCollectionDeletedAsync(token),
            () => fixture.Store.ListCollectionNamesAsync(token).ToListAsync(CancellationToken.None).AsTask(),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        Assert.Equal(["k1"], await collection.ListKeysAsync().ToListAsync());
    }

    [Fact]
    public async Task An_exception_of_a_generator_passes_as_it_is()
    {
        var collection = fixture.NewStore(new LiteralGenerator()).GetCollection<Guid, Note>(fixture.NewName());
        await collection.EnsureCollectionExistsAsync();
        await Assert.ThrowsAsync<FormatException>(() => collection.UpsertAsync(new Note { Embedding = "no vector" }));
        await Assert.ThrowsAsync<FormatException>(() => collection.SearchAsync("no vector", 1).ToListAsync().AsTask());
        Assert.Equal(0, await collection.CountAsync());
    }
}
