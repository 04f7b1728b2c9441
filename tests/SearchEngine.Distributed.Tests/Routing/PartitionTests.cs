using Xunit;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>Which partition a key belongs to: data lies where this says, so it must never change.</summary>
public class PartitionTests
{
    [Fact]
    public void Every_kind_of_key_has_the_partition_it_always_had()
    {
        Assert.Equal([131, 212, 867, 600, 455, 380, 801, 185, 860, 781, 762], Keys.Select(key => key.PartitionOf(1000)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(1024)]
    public void Keys_are_spread_evenly(int partitions)
    {
        const int perPartition = 400;
        var counts = new int[partitions];
        for (var i = 0; i < partitions * perPartition; i++)
            counts[RecordKey.From(i).PartitionOf(partitions)]++;

        // Six standard deviations of a fair share.
        var most = 6 * Math.Sqrt(perPartition);
        Assert.All(counts, count => Assert.InRange(count, perPartition - most, perPartition + most));
    }

    [Fact]
    public void There_is_at_least_one_partition()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordKey.From(1).PartitionOf(0));
        Assert.Throws<InvalidOperationException>(() => default(RecordKey).PartitionOf(3));
    }

    private static RecordKey[] Keys =>
        [
            "a",
            "docs/search.md#12",
            "Grüße",
            -1,
            0,
            int.MaxValue,
            -1L,
            0L,
            long.MaxValue,
            Guid.Empty,
            new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        ];
}
