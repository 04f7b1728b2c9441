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

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_log_too_short_for_a_sample_is_estimated_by_its_keys(int versions)
    {
        using var parts = new RecordParts();
        for (var i = 0; i < 100 * versions; i++)
            parts.Write(i % 100, RecordParts.Value(i, 200));

        var statistics = parts.Meter.Measure();
        Assert.InRange(statistics.LiveBytesEstimate * (double)versions / statistics.LogBytes, 0.9, 1.1);
    }

    [Fact]
    public void Nothing_is_live_in_an_empty_log()
    {
        using var parts = new RecordParts();
        var statistics = parts.Meter.Measure();

        Assert.Equal(0, statistics.LiveBytesEstimate);
        Assert.Equal(0, statistics.Records);
        Assert.False(statistics.CompactionAdvised);
    }

    /// <summary>
    /// The keys alone would say otherwise: those that are replaced are longer than all the others together. A few are replaced while they are still in
    /// memory, many when they lie on the disk.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1_000)]
    public void A_sample_sees_how_long_the_live_records_are(int replaced)
    {
        using var parts = new RecordParts();
        for (var i = 0; i < 20_000; i++)
            parts.Write(i, RecordParts.Value(i, 20));
        for (var i = 0; i < 20_000; i++)
            parts.Write(i % replaced, RecordParts.Value(i, 2_000));

        var statistics = parts.Meter.Measure();
        // One page of the 24 that are looked at holds live records, and may hold the beginning or the end of them.
        var live = 20_000 * (20 + 46.0) + replaced * 2_046.0;
        Assert.InRange(statistics.LiveBytesEstimate / live, 0, 3);
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
