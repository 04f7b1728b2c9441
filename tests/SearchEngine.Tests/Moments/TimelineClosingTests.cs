using SearchEngine.Moments;
using Xunit;

namespace SearchEngine.Tests.Moments;

/// <summary>Rule: a collection closes when what is being read has been read, and waits for nothing that is only held open.</summary>
public sealed class TimelineClosingTests
{
    private readonly Timeline _timeline = new("collection", "directory", LiveSnapshot.Empty);

    [Fact]
    public async Task A_short_read_is_waited_for_and_none_begins_after_it()
    {
        var closing = CloseWhileReading(() => _timeline.Enter().Dispose());
        await closing;
        Assert.Throws<ObjectDisposedException>(() => _timeline.Enter().Dispose());
        Assert.Throws<ObjectDisposedException>(() => _timeline.Lease());
        Assert.Equal(long.MaxValue, _timeline.Epochs.Oldest());
    }

    [Fact]
    public async Task A_step_of_a_long_read_is_waited_for_and_the_next_one_throws()
    {
        using var lease = _timeline.Lease();
        await CloseWhileReading(() => lease.Step().Dispose());
        Assert.Throws<ObjectDisposedException>(() => lease.Step().Dispose());
    }

    [Fact]
    public async Task A_long_read_between_two_steps_is_not_waited_for()
    {
        using var lease = _timeline.Lease();
        lease.Step().Dispose();
        await _timeline.CloseAsync();
        Assert.Throws<ObjectDisposedException>(() => lease.Step().Dispose());
    }

    /// <summary>Closes while a thread is in a read; the read ends only after the closing has been seen to wait.</summary>
    private async Task CloseWhileReading(Action readAfterwards)
    {
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var reading = Task.Run(() =>
        {
            using var guard = _timeline.Enter();
            inside.Set();
            leave.Wait();
        });
        inside.Wait(TestContext.Current.CancellationToken);
        var closing = _timeline.CloseAsync();

        // It has looked at the readers once before it returned, and this one is there until it is let go.
        Assert.False(closing.IsCompleted);
        Assert.Throws<ObjectDisposedException>(readAfterwards);
        leave.Set();
        await reading;
        await closing;
    }
}
