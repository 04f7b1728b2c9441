using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Reading;

/// <summary>Filters of every shape, in the present and in moments that writes have left behind, held against the records of that moment.</summary>
public sealed class FilterResolverTests
{
    private const int Keys = 60;

    [Fact]
    public async Task What_matches_is_what_matched_in_the_moment()
    {
        var random = new Random(TestSeed.Fresh());
        await using var small = await SmallCollection.CreateAsync();
        var model = new Dictionary<int, Document>();
        for (var round = 0; round < 25; round++)
        {
            await ChangeAsync(small.Collection, model, random);
            using var lease = small.Engine.Timeline.Lease();
            var then = model.Values.ToArray();

            // Records are replaced, deleted and made anew behind the reader's back; what dies stays as long as it holds its moment.
            for (var change = random.Next(4); change > 0; change--)
                await ChangeAsync(small.Collection, model, random);
            if (random.Next(3) == 0)
                await small.Collection.CheckpointAsync(TestContext.Current.CancellationToken);
            for (var i = 0; i < 12; i++)
            {
                var filter = FilterBinder.Bind(SmallCollection.Schema, RandomFilter(random, 3));
                using var step = lease.Step();
                var found = Ordinals.Enumerate(small.Engine.Filters.Resolve(step.Moment, filter, TestContext.Current.CancellationToken));
                Assert.Equal(
                    then.Where(document => FilterEvaluator.Matches(filter, document)).Select(document => (int)document.Key.Value).Order(),
                    found.Select(ordinal => (int)small.Engine.Records.ReadHead(ordinal).Key.Value).Order()
                );
            }
        }
    }

    [Fact]
    public async Task A_filter_that_reads_records_can_be_cancelled()
    {
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], TestContext.Current.CancellationToken);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var filter = FilterBinder.Bind(SmallCollection.Schema, DocumentFilter.Equal("size", 0));
        using var guard = small.Engine.Timeline.Enter();
        var moment = guard.Moment;
        Assert.Throws<OperationCanceledException>(() => small.Engine.Filters.Resolve(moment, filter, cancelled.Token));
    }

    private static async Task ChangeAsync(SearchCollection collection, Dictionary<int, Document> model, Random random)
    {
        var batch = new WriteBatch();
        for (var i = 0; i < 15; i++)
        {
            var key = random.Next(Keys);
            if (random.Next(4) == 0)
            {
                batch.Delete(key);
                model.Remove(key);
                continue;
            }

            var record = SmallCollection.Record(key, random.Next(4), random.Next(6));
            batch.Upsert(record);
            model[key] = record;
        }

        await collection.WriteAsync(batch, TestContext.Current.CancellationToken);
    }

    private static DocumentFilter RandomFilter(Random random, int depth) =>
        random.Next(depth > 0 ? 8 : 5) switch
        {
            0 => DocumentFilter.Equal("tag", random.Next(4)),
            1 => DocumentFilter.GreaterOrEqual("size", random.Next(6)),
            2 => DocumentFilter.Equal(DocumentFilter.KeyField, random.Next(Keys)),
            3 => new DocumentFilter.In(DocumentFilter.KeyField, [.. Enumerable.Range(0, 9).Select(_ => (object?)random.Next(Keys))]),
            4 => new DocumentFilter.Constant(random.Next(2) == 0),
            5 => new DocumentFilter.And([RandomFilter(random, depth - 1), RandomFilter(random, depth - 1)]),
            6 => new DocumentFilter.Or([RandomFilter(random, depth - 1), RandomFilter(random, depth - 1)]),
            _ => new DocumentFilter.Not(RandomFilter(random, depth - 1)),
        };
}
