using Xunit;

namespace SearchEngine.Tests.Search;

public class RankFusionTests
{
    private static RankFusion.Ranked[] Ranking(params int[] ordinals) =>
        [.. ordinals.Select((ordinal, i) => new RankFusion.Ranked(ordinal, 10 - i))];

    [Fact]
    public void Relative_scores_keep_how_far_ahead_a_hit_was()
    {
        var options = new FusionOptions
        {
            Method = FusionMethod.RelativeScore,
            VectorWeight = 0.25,
            KeywordWeight = 0.75,
        };
        var fused = RankFusion.Fuse([new(1, 0.9), new(2, 0.6), new(3, 0.5)], [new(2, 8), new(4, 6)], options);
        Assert.Equal([2, 4, 1, 3], fused.Select(f => f.Ordinal));
        Assert.Equal(0.25 * 0.25 + 0.75, fused[0].Score, 1e-12);
        Assert.Equal(0.75 * 6 / 8, fused[1].Score, 1e-12);
        Assert.Equal((0.25, 0.0), (fused[2].VectorPart, fused[2].KeywordPart));
        Assert.Equal(0, fused[3].Score, 1e-12);
    }

    [Fact]
    public void A_single_candidate_gets_its_rankings_whole_weight() =>
        Assert.Equal(0.2, Assert.Single(RankFusion.Fuse([new(5, 0.3)], [], FusionOptions.ForShippedModel)).Score, 1e-12);

    [Fact]
    public void The_score_is_the_sum_of_weighted_reciprocal_ranks()
    {
        var options = new FusionOptions
        {
            VectorWeight = 1,
            KeywordWeight = 2,
            RankConstant = 60,
        };
        var fused = RankFusion.Fuse(Ranking(7, 8), Ranking(8, 9), options);
        Assert.Equal([8, 9, 7], fused.Select(f => f.Ordinal));
        Assert.Equal(1.0 / 62 + 2.0 / 61, fused[0].Score, 1e-15);
        Assert.Equal((2, 1), (fused[0].VectorRank, fused[0].KeywordRank));
        Assert.Equal(2.0 / 62, fused[1].Score, 1e-15);
        Assert.Equal(1.0 / 61, fused[2].Score, 1e-15);
    }

    [Fact]
    public void Ties_go_to_the_better_rank_and_then_to_the_lower_ordinal()
    {
        var even = new FusionOptions { VectorWeight = 1, KeywordWeight = 1 };
        Assert.Equal([4, 6], RankFusion.Fuse(Ranking(6), Ranking(4), even).Select(f => f.Ordinal));
    }

    [Fact]
    public void A_ranking_of_weight_zero_only_adds_candidates()
    {
        var fused = RankFusion.Fuse(Ranking(1, 2), Ranking(3), new FusionOptions { VectorWeight = 1, KeywordWeight = 0 });
        Assert.Equal([1, 2, 3], fused.Select(f => f.Ordinal));
        Assert.Equal(0, fused[2].Score);
    }

    [Fact]
    public void Two_empty_rankings_fuse_to_nothing() => Assert.Empty(RankFusion.Fuse([], [], new FusionOptions()));
}
