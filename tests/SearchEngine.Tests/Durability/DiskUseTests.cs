using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>Rewriting everything again and again takes no more than two and a half times the room of the data, by itself.</summary>
public sealed class DiskUseTests
{
    private const int Count = 4_000;
    private const int Characters = 3_000;
    private const int Rewrites = 10;
    private const int Batch = 200;

    [Fact]
    public async Task Ten_rewrites_of_every_record_stay_under_2_5_times_the_live_data()
    {
        using var directory = new TemporaryDirectory();
        var options = new SearchDatabaseOptions
        {
            Directory = directory.FullPath,
            MemoryBytes = 16 << 20,
            CheckpointLogBytes = 1 << 20,
            Durability = DatabaseDurability.None,
        };
        var schema = new CollectionSchema
        {
            Name = "texts",
            KeyKind = RecordKeyKind.Int32,
            Fields = [new DataField("text", DataFieldType.String)],
        };
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            var texts = await database.CreateCollectionAsync(schema);
            for (var version = 0; version <= Rewrites; version++)
            {
                for (var first = 0; first < Count; first += Batch)
                    await texts.UpsertAsync([.. Enumerable.Range(first, Batch).Select(number => Record(number, version))]);
            }
        }

        var bytes = new DirectoryInfo(directory.FullPath).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.True(bytes < 2.5 * Count * Characters, $"{bytes / (double)(Count * Characters):F2} times the live data");
        await using var reopened = await SearchDatabase.OpenAsync(options);
        var collection = await reopened.GetCollectionAsync(schema.Name);
        Assert.Equal(Count, collection.Count);
        for (var number = 0; number < Count; number += 7)
            Assert.Equal(Record(number, Rewrites)["text"], collection.Get(number)!["text"]);
    }

    private static Document Record(int number, int version) =>
        new(number) { ["text"] = $"{number} {version} ".PadRight(Characters, (char)('a' + (number + version) % 26)) };
}
