using SearchEngine.Moments;
using Xunit;

namespace SearchEngine.Tests.Moments;

public sealed class TimelineTests
{
    private static readonly Dictionary<string, string?> NoMetadata = [];

    private static Timeline New() => new("collection", "directory", LiveSnapshot.Empty);

    private static LiveSnapshot Live(params int[] ordinals)
    {
        var builder = new LiveSnapshotBuilder(LiveSnapshot.Empty);
        foreach (var ordinal in ordinals)
            builder.Add(ordinal);
        return builder.Build();
    }

    [Fact]
    public void A_reader_gets_its_moments_answer_of_a_map_that_changes_under_it()
    {
        var timeline = New();
        RecordKey key = "key";
        using var first = timeline.Enter();
        Assert.Equal(-1, first.Moment.OrdinalOf(key, -1));

        // The next moment is linked, the map is changed, and only then is it published: a reader of the first one meets the new map.
        var next = timeline.Link(
            Live(7),
            new MomentChanges(new Dictionary<RecordKey, int> { [key] = -1 }, new Dictionary<string, string?> { ["name"] = "before" })
        );
        Assert.Equal(-1, first.Moment.OrdinalOf(key, 7));
        Assert.Equal("before", first.Moment.MetadataOf("name", "after"));
        using (var still = timeline.Enter())
            Assert.Same(first.Moment, still.Moment);
        timeline.Publish(next);
        using var second = timeline.Enter();
        Assert.Equal(7, second.Moment.OrdinalOf(key, 7));

        // Changed again, and deleted: the first change after a moment knows.
        timeline.Publish(timeline.Link(Live(8), new MomentChanges(new Dictionary<RecordKey, int> { [key] = 7 }, NoMetadata)));
        timeline.Publish(timeline.Link(Live(), new MomentChanges(new Dictionary<RecordKey, int> { [key] = 8 }, NoMetadata)));
        Assert.Equal(-1, first.Moment.OrdinalOf(key, -1));
        Assert.Equal(7, second.Moment.OrdinalOf(key, -1));
    }

    [Fact]
    public void The_oldest_reader_is_known_and_leaving_wakes_who_waits_for_it()
    {
        var timeline = New();
        var woken = 0;
        timeline.Epochs.AwaitedLeft = () => woken++;
        Assert.Equal(long.MaxValue, timeline.Epochs.Oldest());
        var old = timeline.Lease();
        timeline.Publish(timeline.Link(Live(1), MomentChanges.None));
        var young = timeline.Lease();
        Assert.Equal(1, timeline.Epochs.Oldest());
        timeline.Epochs.Await(2);
        young.Dispose();
        Assert.Equal(0, woken);
        Assert.Equal(1, timeline.Epochs.Oldest());
        old.Dispose();
        old.Dispose();
        Assert.Equal(1, woken);
        Assert.Equal(long.MaxValue, timeline.Epochs.Oldest());
    }

    [Fact]
    public void There_is_room_for_any_number_of_readers()
    {
        var timeline = New();
        var leases = Enumerable.Range(0, 300).Select(_ => timeline.Lease()).ToArray();
        timeline.Publish(timeline.Link(Live(1), MomentChanges.None));
        foreach (var lease in leases.Skip(1))
            lease.Dispose();
        Assert.Equal(1, timeline.Epochs.Oldest());
        leases[0].Dispose();
        Assert.Equal(long.MaxValue, timeline.Epochs.Oldest());
    }

    [Fact]
    public void A_lease_is_revoked_between_its_steps_only()
    {
        var timeline = New();
        using var lease = timeline.Lease();
        using (lease.Step())
        {
            Assert.False(timeline.Epochs.RevokeOldest());
            Assert.Equal(1, timeline.Epochs.Oldest());
        }

        Assert.True(timeline.Epochs.RevokeOldest());
        Assert.Equal(long.MaxValue, timeline.Epochs.Oldest());
        var error = Assert.Throws<SearchDatabaseException>(() =>
        {
            using var step = lease.Step();
        });
        Assert.Equal(SearchDatabaseError.SnapshotTooOld, error.Error);
    }

    [Fact]
    public void A_short_read_is_never_revoked()
    {
        var timeline = New();
        using (timeline.Enter())
        {
            Assert.False(timeline.Epochs.RevokeOldest());
            Assert.Equal(1, timeline.Epochs.Oldest());
        }

        Assert.Equal(long.MaxValue, timeline.Epochs.Oldest());
    }

    [Fact]
    public void A_forgotten_lease_is_released_when_it_is_collected()
    {
        var timeline = New();
        Forget(timeline);
        for (var i = 0; i < 20 && timeline.Epochs.Oldest() != long.MaxValue; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(long.MaxValue, timeline.Epochs.Oldest());
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(Timeline timeline)
    {
        timeline.Lease();
        Assert.Equal(1, timeline.Epochs.Oldest());
    }

    [Fact]
    public void The_dead_are_kept_as_long_as_a_reader_can_see_them()
    {
        var retired = new RetiredOrdinals();
        retired.Add(2, [5, 6]);
        retired.Add(3, []);
        retired.Add(4, [7]);
        Assert.Equal((3, 2L), (retired.Count, retired.OldestSequence));
        Assert.Empty(retired.TakeUnseen(1));
        Assert.Equal([5, 6], retired.TakeUnseen(3));
        Assert.Equal([7], retired.ToArray());
        Assert.Equal([7], retired.TakeUnseen(long.MaxValue));
        Assert.Equal((0, 0L), (retired.Count, retired.OldestSequence));
    }

    /// <summary>What the write loop takes out must be visible to nobody who is still inside.</summary>
    [Fact]
    public async Task Nobody_reads_what_was_taken_out()
    {
        const int moments = 30_000;
        var timeline = New();
        var takenOut = new int[moments + 2];
        timeline.Publish(timeline.Link(Live(0), MomentChanges.None));
        var readers = Enumerable
            .Range(0, 4)
            .Select(reader =>
                Task.Run(() =>
                {
                    while (timeline.Current.Sequence < moments)
                    {
                        using var guard = timeline.Enter();
                        foreach (var ordinal in guard.Moment.Live.Enumerate())
                            Assert.Equal(0, Volatile.Read(ref takenOut[ordinal]));
                    }
                })
            )
            .ToArray();
        var retired = new RetiredOrdinals();
        for (var ordinal = 1; ordinal <= moments; ordinal++)
        {
            var builder = new LiveSnapshotBuilder(timeline.Current.Live);
            builder.Add(ordinal);
            builder.Remove(ordinal - 1);
            var next = timeline.Link(builder.Build(), MomentChanges.None);
            timeline.Publish(next);
            retired.Add(next.Sequence, [ordinal - 1]);
            foreach (var dead in retired.TakeUnseen(timeline.Epochs.Oldest()))
                Volatile.Write(ref takenOut[dead], 1);
        }

        await Task.WhenAll(readers);
    }
}
