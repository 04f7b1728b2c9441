using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Reading;

/// <summary>Samples: each record as likely as the others, none twice, those that are gone never.</summary>
public sealed class SampleTests
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "numbers",
        KeyKind = RecordKeyKind.Int64,
        Fields = [new DataField("n", DataFieldType.Int32)],
    };

    [Fact]
    public async Task Every_record_is_as_likely_as_the_others()
    {
        const int records = 200;
        const int count = 20;
        const int draws = 500;
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(new SearchDatabaseOptions { Directory = directory.FullPath });
        var collection = await database.GetOrCreateCollectionAsync(Schema, TestContext.Current.CancellationToken);
        await collection.UpsertAsync(
            [.. Enumerable.Range(0, records * 2).Select(i => new Document((long)i) { ["n"] = i })],
            TestContext.Current.CancellationToken
        );
        var before = collection.WriteGroups;
        await collection.DeleteAsync(
            [.. Enumerable.Range(0, records).Select(i => (RecordKey)(long)(i * 2))],
            TestContext.Current.CancellationToken
        );
        Assert.True(collection.WriteGroups > before);
        var times = new Dictionary<RecordKey, int>();
        for (var seed = 0; seed < draws; seed++)
        {
            var sample = collection.Sample(count, seed);
            Assert.Equal(count, sample.Select(document => document.Key).Distinct().Count());
            foreach (var document in sample)
            {
                Assert.Equal(document.Key.Value, Convert.ToInt64(document["n"]));
                times[document.Key] = times.GetValueOrDefault(document.Key) + 1;
            }
        }

        // Each is drawn binomially: 50 times of 500, with a deviation of 6.7; the seeds are fixed, so this is no matter of luck.
        Assert.Equal(records, times.Count);
        Assert.All(times, pair => Assert.True((long)pair.Key.Value % 2 == 1 && pair.Value is > 16 and < 84, $"{pair.Key}: {pair.Value}"));
        Assert.Equal(records, collection.Sample(records + 1, 1).Count);
        Assert.Equal(collection.Sample(7, 3).Select(d => d.Key), collection.Sample(7, 3).Select(d => d.Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => collection.Sample(0, 1));
    }
}
