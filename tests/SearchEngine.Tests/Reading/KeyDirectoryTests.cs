using Xunit;

namespace SearchEngine.Tests.Reading;

/// <summary>Rule: the maps are changed in place, and a reader gets its own moment's answer all the same.</summary>
public sealed class KeyDirectoryTests
{
    [Fact]
    public async Task Keys_and_metadata_of_an_earlier_moment_are_as_they_were()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var small = await SmallCollection.CreateAsync();
        var (collection, engine) = (small.Collection, small.Engine);
        RecordKey stays = 1;
        RecordKey changes = 2;
        RecordKey goes = 3;
        RecordKey comes = 4;
        await collection.WriteAsync(
            new WriteBatch()
                .Upsert(SmallCollection.Record(1))
                .Upsert(SmallCollection.Record(2))
                .Upsert(SmallCollection.Record(3))
                .SetMetadata("kept", "a")
                .SetMetadata("changed", "b"),
            cancellation
        );
        using var lease = engine.Timeline.Lease();
        var moment = engine.Timeline.Current;
        RecordKey[] all = [stays, changes, goes, comes];
        var then = all.Select(key => engine.Keys.Mapped(key.Encode())).ToArray();
        Assert.Equal(-1, then[3]);

        // The first change after the moment knows what was there, not the last.
        for (var i = 0; i < 3; i++)
        {
            var batch = new WriteBatch().Upsert(SmallCollection.Record(2, tag: i)).SetMetadata("changed", $"c{i}").SetMetadata("new", "d");
            await collection.WriteAsync(i == 1 ? batch.Delete(goes) : batch.Upsert(SmallCollection.Record(4)), cancellation);
        }

        Assert.Equal(then, all.Select(key => engine.Keys.Find(moment, key)));
        Assert.Equal(-1, engine.Keys.Mapped(goes.Encode()));
        Assert.NotEqual(then[1], engine.Keys.Mapped(changes.Encode()));
        Assert.Equal("b", engine.Metadata.Get(moment, "changed"));
        Assert.Null(engine.Metadata.Get(moment, "new"));
        Assert.Equal(["changed=b", "kept=a"], engine.Metadata.List(moment, "").Select(entry => $"{entry.Key}={entry.Value}").Order());
        Assert.Equal("c2", engine.Metadata.Stored("changed"));
    }
}
