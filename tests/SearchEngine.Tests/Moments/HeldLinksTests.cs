using System.Runtime.CompilerServices;
using SearchEngine.Moments;
using SearchEngine.Tests.Reading;
using SearchEngine.Writing;
using Xunit;

namespace SearchEngine.Tests.Moments;

/// <summary>Rule: what a reader of an early moment holds of later ones is their changes, not their bitmaps, and is bounded.</summary>
public sealed class HeldLinksTests
{
    [Fact]
    public void Links_are_cut_behind_the_oldest_reader_and_not_before_it()
    {
        var timeline = new Timeline("collection", "directory", LiveSnapshot.Empty);
        var held = new HeldLinks();
        var moments = new List<CollectionMoment>();
        for (var i = 0; i < 5; i++)
        {
            var changes = new MomentChanges(new Dictionary<RecordKey, int> { [i] = 10 + i }, new Dictionary<string, string?>());
            timeline.Publish(timeline.Link(LiveSnapshot.Empty, changes));
            held.Add(timeline.Current);
            moments.Add(timeline.Current);
        }

        Assert.Equal(5, held.Changes);
        held.LetGo(moments[2].Sequence);
        Assert.Equal(3, held.Changes);
        Assert.Null(moments[1].Link.Next);
        Assert.Equal([-1, -1, -1, 13, 14], Enumerable.Range(0, 5).Select(key => moments[2].OrdinalOf(key, -1)));
        held.LetGo(long.MaxValue);
        Assert.Equal(0, held.Changes);
        Assert.All(moments, moment => Assert.Null(moment.Link.Next));
    }

    [Fact]
    public async Task A_forgotten_reader_of_a_collection_in_which_nothing_dies_is_revoked_too()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync([SmallCollection.Record(1), SmallCollection.Record(2)], cancellation);
        using var slow = small.Collection.Query(new RecordQuery(), cancellation).GetEnumerator();
        Assert.True(slow.MoveNext());
        var later = await LaterBitmapAsync(small.Collection, cancellation);
        for (var i = 0; i <= WritePipeline.LeastRetired; )
        {
            var batch = new WriteBatch();
            for (var end = i + 2_000; i < end; i++)
                batch.SetMetadata($"name{i}", "value");
            await small.Collection.WriteAsync(batch, cancellation);
        }

        // Links are let go behind a write's answer, and before the next write begins.
        await small.Collection.WriteAsync(new WriteBatch().SetMetadata("name", "value"), cancellation);
        GC.Collect();
        Assert.False(later.IsAlive, "a reader of an early moment holds the bitmap of a later one");
        Assert.Equal(SearchDatabaseError.SnapshotTooOld, Assert.Throws<SearchDatabaseException>(() => slow.MoveNext()).Error);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> LaterBitmapAsync(SearchCollection collection, CancellationToken cancellation)
    {
        await collection.UpsertAsync([SmallCollection.Record(3)], cancellation);
        var live = new WeakReference(collection.Engine.Timeline.Current.Live);
        await collection.UpsertAsync([SmallCollection.Record(4)], cancellation);
        return live;
    }
}
