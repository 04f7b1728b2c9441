using Xunit;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>The judge of the tests of failing clusters must not let anything pass.</summary>
public sealed class KeyStatesTests
{
    [Fact]
    public void What_is_stale_lost_or_never_written_is_noticed_and_what_may_be_is_not()
    {
        var keys = new KeyStates();
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), null));
        Assert.NotNull(keys.Judge("k", keys.AcknowledgedOf("k"), 1));
        keys.Begin("k", 1);
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), null));
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), 1));
        keys.Acknowledge("k", 1, deletes: false);
        Assert.Contains("lost", keys.Judge("k", keys.AcknowledgedOf("k"), null), StringComparison.Ordinal);
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), 1));
        keys.Begin("k", 2);
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), 2));
        // It may be a deletion.
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), null));
        keys.Acknowledge("k", 2, deletes: false);
        Assert.Contains("stale", keys.Judge("k", keys.AcknowledgedOf("k"), 1), StringComparison.Ordinal);
        keys.Begin("k", 3);
        keys.Acknowledge("k", 3, deletes: true);
        Assert.Null(keys.Judge("k", keys.AcknowledgedOf("k"), null));
        Assert.Contains("stale", keys.Judge("k", keys.AcknowledgedOf("k"), 2), StringComparison.Ordinal);
        Assert.Contains("last to be written", keys.Judge("k", keys.AcknowledgedOf("k"), 4), StringComparison.Ordinal);
    }
}
