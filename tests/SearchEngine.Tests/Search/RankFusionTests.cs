using Xunit;

namespace SearchEngine.Tests.Search;

public class RankFusionTests
{
    [Fact]
    public void The_score_is_the_sum_of_weighted_reciprocal_ranks()
    {
        var options = new FusionOptions { VectorWeight = 1, KeywordWeight = 2, RankConstant = 60 };
        var fused = RankFusion.Fuse([7, 8], [8, 9], options);
        Assert.Equal([8, 9, 7], fused.Select(f => f.Ordinal));
        Assert.Equal(1.0 / 62 + 2.0 / 61, fused[0].Score, 15);
        Assert.Equal((2, 1), (fused[0].VectorRank, fused[0].KeywordRank));
        Assert.Equal(2.0 / 62, fused[1].Score, 15);
        Assert.Equal(1.0 / 61, fused[2].Score, 15);
    }

    [Fact]
    public void Ties_go_to_the_better_rank_and_then_to_the_lower_ordinal()
    {
        var even = new FusionOptions { VectorWeight = 1, KeywordWeight = 1 };
        Assert.Equal([4, 6], RankFusion.Fuse([6], [4], even).Select(f => f.Ordinal));
    }

    [Fact]
    public void A_ranking_of_weight_zero_only_adds_candidates()
    {
        var fused = RankFusion.Fuse([1, 2], [3], new FusionOptions { VectorWeight = 1, KeywordWeight = 0 });
        Assert.Equal([1, 2, 3], fused.Select(f => f.Ordinal));
        Assert.Equal(0, fused[2].Score);
    }

    [Fact]
    public void Two_empty_rankings_fuse_to_nothing() => Assert.Empty(RankFusion.Fuse([], [], new FusionOptions()));
}
