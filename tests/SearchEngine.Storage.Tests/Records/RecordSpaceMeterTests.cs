using Xunit;

namespace SearchEngine.Storage.Tests.Records;

public sealed class RecordSpaceMeterTests
{
    [Fact]
    public void The_live_part_is_estimated_from_a_sample_of_the_log()
    {
        using var parts = new RecordParts();
        const int Records = 4000;
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < Records; i++)
                parts.Write(i, RecordParts.Value(i, 500));
        }

        var statistics = parts.Meter.Measure();
        var live = Records * (500.0 + 46);
        Assert.InRange(statistics.LogBytes / (4 * live), 0.9, 1.1);
        Assert.InRange(statistics.LiveBytesEstimate / live, 0.6, 1.6);
        Assert.True(statistics.CompactionAdvised);
    }

    [Fact]
    public void What_a_compaction_noted_is_exact_until_much_has_changed()
    {
        using var parts = new RecordParts();
        for (var i = 0; i < 100; i++)
            parts.Write(i, RecordParts.Value(i, 100));
        parts.Meter.Note(12_345, parts.Log.Store.EntryCount);
        Assert.Equal(12_345, parts.Meter.Measure().LiveBytesEstimate);
        Assert.Equal((12_345, parts.Log.Store.EntryCount), parts.Meter.LastMeasured);
    }
}
