using Xunit;

namespace SearchEngine.Tests.Linearizability;

/// <summary>The checker itself: it must find what is wrong, and nothing else.</summary>
public sealed class CheckerTests
{
    private static KeyOperation Write(long called, long returned, int value) =>
        new(called, returned, $"write {value}", _ => new RecordState(true, value));

    private static KeyOperation Read(long called, long returned, int? value) =>
        new(called, returned, $"read {value}", state => (state.Exists ? state.Value : (int?)null) == value ? state : null);

    private static HashSet<RecordState> Check(params KeyOperation[] history) => LinearizabilityChecker.Check(history, [RecordState.None]);

    [Fact]
    public void Concurrent_operations_may_have_any_order()
    {
        Check(Write(1, 10, 1), Read(2, 3, null), Read(4, 5, 1));
        Check(Write(1, 10, 1), Write(2, 9, 2), Read(3, 4, 2), Read(5, 6, 1));
        Assert.Equal([1, 2], Check(Write(1, 10, 1), Write(2, 9, 2)).Select(state => state.Value).Order());
    }

    [Fact]
    public void What_was_read_once_is_not_unread()
    {
        Assert.Throws<InvalidOperationException>(() => Check(Write(1, 10, 1), Read(2, 3, 1), Read(4, 5, null)));
        Assert.Throws<InvalidOperationException>(() => Check(Write(1, 2, 1), Read(3, 4, null)));
        Assert.Throws<InvalidOperationException>(() => Check(Write(1, 2, 1), Write(3, 4, 2), Read(5, 6, 1)));
        Assert.Throws<InvalidOperationException>(() => Check(Write(1, 10, 1), Write(2, 9, 2), Read(3, 4, 2), Read(5, 6, 1), Read(7, 8, 2)));
    }
}
