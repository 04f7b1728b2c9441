using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

public class RankFusionTests
{
    private static RankFusion.Ranked[] Ranking(params int[] ordinals) =>
        [.. ordinals.Select((ordinal, i) => new RankFusion.Ranked(ordinal, 10 - i))];

    private static FusionRule Relative(double vector, double keyword, DistanceMetric metric = DistanceMetric.Cosine) =>
        FusionRule.Of(new FusionOptions { VectorWeight = vector, KeywordWeight = keyword }, null, metric);

    private static FusionRule Reciprocal(double vector, double keyword) =>
        FusionRule.Of(
            new FusionOptions
            {
                Method = FusionMethod.ReciprocalRank,
                VectorWeight = vector,
                KeywordWeight = keyword,
            },
            null,
            DistanceMetric.Cosine
        );

    [Fact]
    public void Relative_scores_reach_from_the_least_possible_to_the_best()
    {
        var unranked = new UnrankedScores([new(4, 0.2)], [new(3, 2)]);
        var fused = RankFusion.Fuse([new(1, 0.6), new(2, 0.4), new(3, 0.3)], [new(2, 8), new(4, 6)], Relative(0.25, 0.75), unranked);
        Assert.Equal([2, 4, 3, 1], fused.Select(f => f.Ordinal));
        Assert.Equal(0.25 * 1.4 / 1.6 + 0.75, fused[0].Score, 1e-12);
        Assert.Equal(0.25 * 1.2 / 1.6 + 0.75 * 6 / 8, fused[1].Score, 1e-12);
        Assert.Equal((0, 2), (fused[1].VectorRank, fused[1].KeywordRank));
        Assert.Equal(0.25 * 1.3 / 1.6 + 0.75 * 2 / 8, fused[2].Score, 1e-12);
        Assert.Equal((0.25, 0.0), (fused[3].VectorPart, fused[3].KeywordPart));
    }

    [Fact]
    public void Without_a_least_score_the_worst_candidate_is_it()
    {
        var rule = Relative(0.5, 0.5, DistanceMetric.Euclidean);
        var fused = RankFusion.Fuse([new(1, -1), new(2, -3)], [new(3, 8)], rule, new UnrankedScores([new(3, -5)], []));
        Assert.Equal([1, 3, 2], fused.Select(f => f.Ordinal));
        Assert.Equal([0.5, 0.5, 0.25], fused.Select(f => f.Score));
    }

    /// <summary>A record that both rankers know falls behind none for being past the depth of one of them.</summary>
    [Fact]
    public void A_candidate_is_scored_alike_whichever_ranker_brought_it()
    {
        var rule = Relative(0.5, 0.5);
        var both = RankFusion.Fuse([new(1, 0.9), new(2, 0.8)], [new(1, 8), new(2, 4)], rule);
        var one = RankFusion.Fuse([new(1, 0.9)], [new(1, 8), new(2, 4)], rule, new UnrankedScores([new(2, 0.8)], []));
        var other = RankFusion.Fuse([new(1, 0.9), new(2, 0.8)], [new(1, 8)], rule, new UnrankedScores([], [new(2, 4)]));
        Assert.Equal(both.Select(f => (f.Ordinal, f.Score)), one.Select(f => (f.Ordinal, f.Score)));
        Assert.Equal(both.Select(f => (f.Ordinal, f.Score)), other.Select(f => (f.Ordinal, f.Score)));
    }

    [Fact]
    public void A_single_candidate_gets_its_rankings_whole_weight() =>
        Assert.Equal(0.2, Assert.Single(RankFusion.Fuse([new(5, 0.3)], [], Relative(0.2, 0.8))).Score, 1e-12);

    [Theory]
    [InlineData(null, 0.75, 0.25)]
    [InlineData(0.5, 0.5, 0.5)]
    [InlineData(1.0, 1.0, 0.0)]
    public void Weights_that_are_left_out_are_the_models_own(double? recorded, double vector, double keyword)
    {
        var rule = FusionRule.Of(new FusionOptions(), recorded, DistanceMetric.Cosine);
        Assert.Equal(vector, rule.VectorWeight, 1e-12);
        Assert.Equal(keyword, rule.KeywordWeight, 1e-12);
        Assert.Equal(-1, rule.LeastVectorScore);
        var given = FusionRule.Of(new FusionOptions { VectorWeight = 2, KeywordWeight = 3 }, recorded, DistanceMetric.DotProduct);
        Assert.Equal((2.0, 3.0, (double?)null), (given.VectorWeight, given.KeywordWeight, given.LeastVectorScore));
        var one = FusionRule.Of(new FusionOptions { KeywordWeight = 3 }, recorded, DistanceMetric.Cosine);
        Assert.Equal((1.0, 3.0), (one.VectorWeight, one.KeywordWeight));
        var ranks = FusionRule.Of(new FusionOptions { Method = FusionMethod.ReciprocalRank }, recorded, DistanceMetric.Cosine);
        Assert.Equal((1.0, 1.0), (ranks.VectorWeight, ranks.KeywordWeight));
    }

    [Fact]
    public void Impossible_options_are_refused_by_name()
    {
        static void Fails(FusionOptions options, string expected) =>
            Assert.Contains(expected, Assert.Throws<ArgumentException>(() => FusionRule.Of(options, null, null)).Message);
        Fails(new FusionOptions { VectorWeight = -1 }, "not negative");
        Fails(new FusionOptions { VectorWeight = 0, KeywordWeight = 0 }, "not both 0");
        Fails(new FusionOptions { VectorWeight = double.NaN, KeywordWeight = 1 }, "finite");
        Fails(new FusionOptions { RankConstant = -1 }, "rank constant");
        Fails(new FusionOptions { Method = (FusionMethod)9 }, "fusion method");
    }

    [Fact]
    public void The_score_is_the_sum_of_weighted_reciprocal_ranks()
    {
        var fused = RankFusion.Fuse(Ranking(7, 8), Ranking(8, 9), Reciprocal(1, 2));
        Assert.Equal([8, 9, 7], fused.Select(f => f.Ordinal));
        Assert.Equal(1.0 / 62 + 2.0 / 61, fused[0].Score, 1e-15);
        Assert.Equal((2, 1), (fused[0].VectorRank, fused[0].KeywordRank));
        Assert.Equal(2.0 / 62, fused[1].Score, 1e-15);
        Assert.Equal(1.0 / 61, fused[2].Score, 1e-15);
    }

    [Fact]
    public void Ties_go_to_the_better_rank_and_then_to_the_lower_ordinal() =>
        Assert.Equal([4, 6], RankFusion.Fuse(Ranking(6), Ranking(4), Reciprocal(1, 1)).Select(f => f.Ordinal));

    [Fact]
    public void A_ranking_of_weight_zero_only_adds_candidates()
    {
        var fused = RankFusion.Fuse(Ranking(1, 2), Ranking(3), Reciprocal(1, 0));
        Assert.Equal([1, 2, 3], fused.Select(f => f.Ordinal));
        Assert.Equal(0, fused[2].Score);
    }

    [Fact]
    public void Two_empty_rankings_fuse_to_nothing() => Assert.Empty(RankFusion.Fuse([], [], Relative(1, 1)));
}
