using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public class ResultBlocksTests
{
    [Fact]
    public void TheDefaultBeamGivesTenThenHalfOfIt() =>
        Assert.Equal([(10, 64), (32, 64), (64, 128), (128, 256), (256, 512)], Blocks(0, 64, 1_000_000, 5, scanned: false));

    [Fact]
    public void ABeamThatIsAskedForGivesAsManyAsItIsWide() =>
        Assert.Equal([(10, 200), (200, 200), (400, 800)], Blocks(200, 64, 1_000_000, 3, scanned: false));

    [Fact]
    public void ANarrowBeamGrowsAtOnce() => Assert.Equal([(10, 10), (20, 40), (40, 80)], Blocks(3, 64, 1_000_000, 3, scanned: false));

    [Fact]
    public void ScansGrowFasterAndNothingGoesBeyondWhatMatches() =>
        Assert.Equal([10, 80, 500, 500], Blocks(0, 64, 500, 4, scanned: true).Select(b => b.End));

    [Fact]
    public void RoomIsTheWidthOfTheLastBlockNeeded()
    {
        Assert.Equal(64, new ResultBlocks(0, 64, 1_000_000).WidthFor(32));
        Assert.Equal(128, new ResultBlocks(0, 64, 1_000_000).WidthFor(33));
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
