using SearchEngine.Moments;
using SearchEngine.Writing;
using Xunit;

namespace SearchEngine.Tests.Writing;

public sealed class OrdinalAllocatorTests
{
    [Fact]
    public void A_freed_ordinal_is_given_out_after_the_next_whole_checkpoint_and_not_before()
    {
        var ordinals = new OrdinalAllocator(3);
        Assert.Equal(3, ordinals.Take());
        ordinals.Release([0, 1]);
        Assert.Equal(4, ordinals.Take());
        var released = ordinals.BeginCheckpoint();
        ordinals.Release([2]);
        Assert.Equal(5, ordinals.Take());
        ordinals.AbandonCheckpoint(released);
        Assert.Equal(6, ordinals.Take());
        ordinals.CompleteCheckpoint(ordinals.BeginCheckpoint());
        Assert.Equal([0, 1, 2], new[] { ordinals.Take(), ordinals.Take(), ordinals.Take() }.Order());
        Assert.Equal(7, ordinals.Take());
    }

    [Fact]
    public void What_was_not_logged_is_given_out_again_at_once()
    {
        var ordinals = new OrdinalAllocator(0);
        var taken = ordinals.Take();
        ordinals.Return(taken);
        Assert.Equal(taken, ordinals.Take());
    }

    [Fact]
    public void After_an_opening_all_that_holds_no_record_is_free_and_what_it_removed_after_a_checkpoint()
    {
        var ordinals = new OrdinalAllocator(0);
        ordinals.Observe(4);
        var live = new LiveSnapshotBuilder(LiveSnapshot.Empty);
        live.Add(1);
        live.Add(4);
        ordinals.FreeAllBut(live.Build(), new HashSet<int> { 2 });
        Assert.Equal(5, ordinals.Next);
        Assert.Equal([0, 3, 5], new[] { ordinals.Take(), ordinals.Take(), ordinals.Take() });
        ordinals.CompleteCheckpoint(ordinals.BeginCheckpoint());
        Assert.Equal([2, 6], new[] { ordinals.Take(), ordinals.Take() });
    }
}
