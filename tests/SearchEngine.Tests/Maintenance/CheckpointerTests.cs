using SearchEngine.Storage;
using SearchEngine.TestDisks;
using SearchEngine.Tests.Reading;
using Xunit;

namespace SearchEngine.Tests.Maintenance;

public sealed class CheckpointerTests
{
    [Fact]
    public async Task A_checkpoint_reaches_as_far_as_what_was_applied_and_is_due_again_after_a_write()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var small = await SmallCollection.CreateAsync();
        var checkpointer = small.Engine.Checkpointer;
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], cancellation);
        Assert.True(checkpointer.IsDue);
        Assert.True(checkpointer.LogBytes > 0);
        var manifest = await checkpointer.RunAsync(cancellation);
        Assert.Equal(small.Engine.Pipeline.AppliedAddress, manifest.Address);
        Assert.Equal(manifest.Address, checkpointer.Address);
        Assert.False(checkpointer.IsDue);
        Assert.Equal(0, checkpointer.LogBytes);
        await small.Collection.UpsertAsync([SmallCollection.Record(2)], cancellation);
        Assert.True(checkpointer.IsDue);
    }

    [Fact]
    public async Task A_checkpoint_that_fails_leaves_the_one_before_and_the_ordinals_to_the_next()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var refuse = false;
        var disk = new HookedDisk(path =>
        {
            if (Volatile.Read(ref refuse) && path.Contains("MANIFEST", StringComparison.Ordinal))
                throw DiskErrors.Full();
        });
        await using var small = await SmallCollection.CreateAsync(new StorageSettings { Files = disk });
        var (checkpointer, ordinals) = (small.Engine.Checkpointer, small.Engine.Ordinals);
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], cancellation);
        var first = await checkpointer.RunAsync(cancellation);
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], cancellation);
        Volatile.Write(ref refuse, true);
        await Assert.ThrowsAsync<StorageException>(() => checkpointer.RunAsync(cancellation));
        Assert.Equal(first.Address, checkpointer.Address);
        Assert.True(checkpointer.IsDue);
        Volatile.Write(ref refuse, false);

        // The ordinal of the replaced record is free after the next whole checkpoint, not before it.
        await small.Collection.UpsertAsync([SmallCollection.Record(2)], cancellation);
        Assert.Equal(3, ordinals.Next);
        await checkpointer.RunAsync(cancellation);
        await small.Collection.UpsertAsync([SmallCollection.Record(3)], cancellation);
        Assert.Equal(3, ordinals.Next);
        Assert.Empty((await small.Collection.VerifyAsync(cancellationToken: cancellation)).Problems);
    }

    [Fact]
    public async Task Who_holds_the_gate_keeps_checkpoints_out_and_writes_go_on()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var small = await SmallCollection.CreateAsync();
        var checkpointer = small.Engine.Checkpointer;
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var holding = checkpointer.HoldingGateAsync(
            async () =>
            {
                entered.SetResult();
                await release.Task;
                return true;
            },
            cancellation
        );
        await entered.Task;
        var checkpoint = checkpointer.RunAsync(cancellation);
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], cancellation);
        Assert.False(checkpoint.IsCompleted);
        Assert.Equal(1, small.Collection.Count);
        release.SetResult();
        await holding;
        Assert.Equal(small.Engine.Pipeline.AppliedAddress, (await checkpoint).Address);
    }

    [Fact]
    public async Task The_dead_that_a_reader_holds_up_are_listed_in_the_checkpoint()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync([SmallCollection.Record(1), SmallCollection.Record(2)], cancellation);
        using (small.Engine.Timeline.Lease())
        {
            await small.Collection.DeleteAsync([1], cancellation);
            Assert.Equal(1, (await small.Engine.Checkpointer.RunAsync(cancellation)).Retired);
        }

        Assert.Equal(0, (await small.Engine.Checkpointer.RunAsync(cancellation)).Retired);
    }
}
