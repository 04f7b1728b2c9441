using Xunit;

namespace SearchEngine.Storage.Tests.Records;

public sealed class RecordCompactorTests
{
    [Fact]
    public void Compaction_moves_the_begin_and_keeps_what_is_live()
    {
        using var parts = new RecordParts();
        for (var round = 0; round < 6; round++)
        {
            for (var i = 0; i < 300; i++)
                parts.Write(i, RecordParts.Value(round * 1000 + i, 900));
        }

        for (var i = 0; i < 100; i++)
            parts.Write(i, null);
        var length = parts.Log.TailAddress - parts.Log.BeginAddress;
        var live = parts.Compactor.CompactWhile(() => true, CancellationToken.None);
        Assert.InRange(live, 200 * 900, 200 * 1000);
        Assert.InRange(parts.Log.TailAddress - parts.Log.BeginAddress, live, length / 3);
        var all = parts.Scan();
        Assert.Equal(Enumerable.Range(100, 200), all.Keys.Order());
        Assert.All(all, pair => Assert.Equal(RecordParts.Value(5000 + pair.Key, 900), pair.Value));
    }

    [Fact]
    public void Compaction_stops_when_it_is_told_to()
    {
        using var parts = new RecordParts();
        for (var i = 0; i < 300; i++)
            parts.Write(i, RecordParts.Value(i, 900));
        var begin = parts.Log.BeginAddress;
        Assert.Equal(0, parts.Compactor.CompactWhile(() => false, CancellationToken.None));
        Assert.Equal(begin, parts.Log.BeginAddress);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => parts.Compactor.CompactWhile(() => true, cancelled.Token));
        Assert.Equal(300, parts.Scan().Count);
    }
}
