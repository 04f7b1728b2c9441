using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>The weights that follow a query, beside the formula written out plainly over sorted lists.</summary>
public sealed class QueryWeightTests
{
    [Fact]
    public void The_weight_is_that_of_the_formula_in_any_order_of_candidates()
    {
        var random = new Random(TestSeed.Get(3));
        for (var round = 0; round < 2000; round++)
        {
            var scores = Enumerable
                .Range(0, random.Next(0, 40))
                .Select(_ =>
                    (
                        Vector: random.Next(5) == 0 ? (double?)null : Math.Round(random.NextDouble() * 2 - 1, random.Next(1, 4)),
                        Keyword: random.Next(3) == 0 ? (double?)null : Math.Round(random.NextDouble() * 20, random.Next(0, 3))
                    )
                )
                .ToArray();
            var start = Math.Round(random.NextDouble(), 2);
            var expected = Plain(start, scores);
            Assert.Equal(expected, QueryWeight.Of(start, scores), 1e-12);
            random.Shuffle(scores);
            Assert.Equal(expected, QueryWeight.Of(start, scores), 1e-12);
        }
    }

    [Fact]
    public void Nearness_draws_to_vectors_and_a_leading_keyword_hit_to_keywords()
    {
        (double?, double?)[] plain = [(0.6, 10), (0.55, 9.9), (0.5, 9.8)];
        (double?, double?)[] near = [(0.95, 10), (0.9, 9.9), (0.85, 9.8)];
        (double?, double?)[] leading = [(0.6, 10), (0.55, 3), (0.5, 2)];
        (double?, double?)[] apart = [(0.6, null), (0.55, null), (0.1, 10), (0, 9.9)];
        var usual = QueryWeight.Of(0.8, plain);
        Assert.True(QueryWeight.Of(0.8, near) > usual);
        Assert.True(QueryWeight.Of(0.8, leading) < usual);
        Assert.True(QueryWeight.Of(0.8, apart) > usual);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.75)]
    [InlineData(1.0)]
    public void Where_a_ranker_says_nothing_the_weight_is_the_start(double start)
    {
        Assert.Equal(start, QueryWeight.Of(start, []));
        Assert.Equal(start, QueryWeight.Of(start, [(0.9, null), (0.1, 0)]));
        Assert.Equal(start, QueryWeight.Of(start, [(null, 3)]));
    }

    [Fact]
    public void Weights_that_are_given_stay_and_only_cosines_follow_the_query()
    {
        (double?, double?)[] scores = [(0.95, 10), (0.2, 9.9)];
        var open = FusionRule.Of(new FusionOptions { StartingWeight = 0.7 }, null, DistanceMetric.Cosine);
        var weighed = open.For(scores);
        Assert.Equal(QueryWeight.Of(0.7, scores), weighed.VectorWeight, 1e-12);
        Assert.Equal(1, weighed.VectorWeight + weighed.KeywordWeight, 1e-12);
        Assert.NotEqual(0.7, weighed.VectorWeight, 0.01);
        FusionOptions[] fixedOnes =
        [
            new() { VectorWeight = 0.7, KeywordWeight = 0.3 },
            new() { VectorWeight = 2 },
            new() { Method = FusionMethod.ReciprocalRank },
        ];
        foreach (var options in fixedOnes)
        {
            var rule = FusionRule.Of(options, 0.4, DistanceMetric.Cosine);
            Assert.Same(rule, rule.For(scores));
        }

        foreach (var metric in new[] { DistanceMetric.DotProduct, DistanceMetric.Euclidean })
            Assert.Equal(0.4, FusionRule.Of(new FusionOptions(), 0.4, metric).For(scores).VectorWeight);
        Assert.Throws<ArgumentException>(() => FusionRule.Of(new FusionOptions { StartingWeight = 1.5 }, null, DistanceMetric.Cosine));
        Assert.Throws<ArgumentException>(() => FusionRule.Of(new FusionOptions { StartingWeight = double.NaN }, null, null));
    }

    private static double Plain(double start, (double? Vector, double? Keyword)[] scores)
    {
        var cosines = scores.Where(s => s.Vector is not null).Select(s => s.Vector!.Value).OrderDescending().ToList();
        var words = scores.Where(s => s.Keyword > 0).OrderByDescending(s => s.Keyword).ThenByDescending(s => s.Vector ?? -9).ToList();
        if (cosines.Count == 0 || words.Count == 0)
            return start;
        var far = words.Take(5).Where(s => s.Vector is not null).Select(s => cosines[0] - s.Vector!.Value).ToList();
        var lead = 1 - (words.Count > 1 ? words[1].Keyword!.Value : 0) / words[0].Keyword!.Value;
        var weight =
            start
            - 0.56
            + 0.8 * cosines[0]
            + 0.8 * (cosines[0] - cosines[Math.Min(9, cosines.Count - 1)])
            + 1.1 * (far.Count > 0 ? far.Average() : 0)
            - 1.2 * Math.Min(0.3, lead);
        return Math.Clamp(weight, Math.Min(start, 0.6), Math.Max(start, 0.95));
    }
}
