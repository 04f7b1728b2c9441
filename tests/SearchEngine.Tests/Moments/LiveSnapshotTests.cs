using SearchEngine.Moments;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Moments;

public sealed class LiveSnapshotTests
{
    [Fact]
    public void Every_snapshot_stays_what_it_was_while_later_ones_are_built_of_it()
    {
        var random = new Random(TestSeed.Get(11));
        var kept = new List<(LiveSnapshot Snapshot, int[] Model)>();
        var model = new SortedSet<int>();
        var snapshot = LiveSnapshot.Empty;
        for (var round = 0; round < 60; round++)
        {
            var builder = new LiveSnapshotBuilder(snapshot);
            for (var i = random.Next(200); i > 0; i--)
            {
                var ordinal = random.Next(4 * LiveSnapshot.PageBits);
                if (random.Next(3) == 0)
                    Assert.Equal(model.Remove(ordinal), builder.Remove(ordinal));
                else
                    Assert.Equal(model.Add(ordinal), builder.Add(ordinal));
            }

            snapshot = builder.Build();
            kept.Add((snapshot, [.. model]));
        }

        foreach (var (earlier, ordinals) in kept)
        {
            Assert.Equal(ordinals.Length, earlier.Count);
            Assert.Equal(ordinals, earlier.Enumerate());
            Assert.Equal(ordinals, Ordinals.Enumerate(earlier.ToWords()));
            Assert.Equal(ordinals, LiveSnapshot.Of(earlier.SharedWords()).Enumerate());
            Assert.All(ordinals.Take(50), ordinal => Assert.True(earlier.Contains(ordinal)));
        }

        Assert.False(snapshot.Contains(100 * LiveSnapshot.PageBits));
    }

    [Fact]
    public void A_change_shares_the_pages_that_it_leaves_alone()
    {
        var builder = new LiveSnapshotBuilder(LiveSnapshot.Empty);
        for (var page = 0; page < 10; page++)
            builder.Add(page * LiveSnapshot.PageBits);
        var before = builder.Build();
        builder = new LiveSnapshotBuilder(before);
        builder.Add(3 * LiveSnapshot.PageBits + 5);
        var after = builder.Build();
        for (var page = 0; page < 10; page++)
            Assert.Equal(page != 3, ReferenceEquals(before.Pages[page], after.Pages[page]));
    }

    [Fact]
    public void A_change_makes_each_page_that_it_touches_once()
    {
        const int Old = 4,
            New = 3;
        var builder = new LiveSnapshotBuilder(LiveSnapshot.Empty);
        for (var page = 0; page < Old; page++)
            builder.Add(page * LiveSnapshot.PageBits);
        builder = new LiveSnapshotBuilder(builder.Build());
        builder.Add(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 1; round < 20; round++)
        {
            for (var page = Old + New - 1; page > 0; page--)
                builder.Add(page * LiveSnapshot.PageBits + round);
        }

        // Each page once, and little beside: the list of the pages, and which are the builder's own.
        const int PageBytes = LiveSnapshot.PageWords * sizeof(ulong);
        Assert.InRange(
            GC.GetAllocatedBytesForCurrentThread() - before,
            (Old - 1 + New) * PageBytes,
            (Old - 1 + New) * PageBytes + 2 * PageBytes
        );
    }

    [Fact]
    public void A_snapshot_of_words_holds_all_of_them_wherever_a_page_ends()
    {
        const int Page = LiveSnapshot.PageWords;
        foreach (var length in new[] { 0, 1, Page - 1, Page, Page + 1, 2 * Page, 2 * Page + 1 })
        {
            var words = new ulong[length];
            Array.Fill(words, ulong.MaxValue);
            var snapshot = LiveSnapshot.Of(words);

            Assert.Equal(64L * length, snapshot.Count);
            Assert.False(snapshot.Contains(64 * length));
            if (length > 0)
                Assert.True(snapshot.Contains(64 * length - 1));
        }
    }
}
