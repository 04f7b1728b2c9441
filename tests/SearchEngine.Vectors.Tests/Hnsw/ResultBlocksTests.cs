using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public class ResultBlocksTests
{
    [Fact]
    public void TheDefaultBeamGivesTenThenRoundNumbers() =>
        Assert.Equal([(10, 64), (25, 64), (50, 75), (100, 150), (200, 300)], Blocks(0, 64, 1_000_000, 5, scanned: false));

    [Fact]
    public void ABeamThatIsAskedForGivesAsManyAsItIsWide() =>
        Assert.Equal([(10, 200), (200, 200), (400, 600)], Blocks(200, 64, 1_000_000, 3, scanned: false));

    [Fact]
    public void ANarrowBeamGrowsAtOnce() => Assert.Equal([(10, 10), (20, 30), (40, 60)], Blocks(3, 64, 1_000_000, 3, scanned: false));

    [Fact]
    public void ScansGrowFasterAndNothingGoesBeyondWhatMatches() =>
        Assert.Equal([10, 80, 500, 500], Blocks(0, 64, 500, 4, scanned: true).Select(b => b.End));

    [Fact]
    public void RoomIsTheWidthOfTheLastBlockNeeded()
    {
        Assert.Equal(64, new ResultBlocks(0, 64, 1_000_000).WidthFor(25));
        Assert.Equal(75, new ResultBlocks(0, 64, 1_000_000).WidthFor(26));
        Assert.Equal(ResultBlocks.WidestBeam, new ResultBlocks(0, 64, int.MaxValue).WidthFor(int.MaxValue));
    }

    private static (int End, int Width)[] Blocks(int asked, int standard, int matching, int count, bool scanned)
    {
        var blocks = new ResultBlocks(asked, standard, matching);
        var seen = new List<(int, int)>();
        for (var i = 0; i < count; i++)
        {
            seen.Add((blocks.End, blocks.Width));
            blocks.Next(scanned);
        }

        return [.. seen];
    }
}
