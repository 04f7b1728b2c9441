using Xunit;

namespace SearchEngine.Tests.Sharding;

/// <summary>Whether results are those of one collection, but for the order of hits with equal scores.</summary>
internal static class SameResults
{
    public static void Check(SearchRequest request, SearchResults expected, SearchResults actual, string where)
    {
        var what = $"{where}: {request}";
        Assert.True(expected.Correction?.Text == actual.Correction?.Text, $"{what}: corrected to '{actual.Correction?.Text}'");
        Assert.Equal(expected.Correction?.Words ?? [], actual.Correction?.Words ?? []);
        Assert.Equal(expected.Total, actual.Total);
        CheckFacets(expected.Facets, actual.Facets);
        Assert.True(
            expected.Hits.Select(RankOf).SequenceEqual(actual.Hits.Select(RankOf)),
            $"{what}: scores {Scores(actual)}, of one collection {Scores(expected)}"
        );
        var at = 0;
        foreach (var equal in expected.Hits.GroupBy(RankOf))
        {
            var count = equal.Count();
            // Before and behind the page others may have the score of its first and of its last.
            var isCut = (at == 0 && request.Skip > 0) || (at + count == expected.Hits.Count && expected.Hits.Count >= request.Top);
            var found = actual.Hits.Skip(at).Take(count).ToArray();
            at += count;
            if (!isCut)
                Assert.True(equal.Select(hit => hit.Key).ToHashSet().SetEquals(found.Select(hit => hit.Key)), $"{what}: other hits");
            foreach (var hit in found)
            {
                if (equal.FirstOrDefault(same => same.Key == hit.Key) is { } same)
                    CheckHit(same, hit, what);
            }
        }

        // What orders the hits.
        object RankOf(SearchHit hit) => request.Sort is { } sort ? hit.Document[sort.Field]! : hit.Score;

        Assert.Equal(expected.Verdict?.Kind, actual.Verdict?.Kind);
        Assert.Equal(expected.Verdict?.Score, actual.Verdict?.Score);
        Assert.Equal(expected.Verdict?.Distance, actual.Verdict?.Distance);
        Assert.Equal(expected.Verdict?.KeywordScore, actual.Verdict?.KeywordScore);
    }

    private static void CheckHit(SearchHit expected, SearchHit actual, string what)
    {
        Assert.Equal(expected.Score, actual.Score);
        Assert.True(expected.Distance == actual.Distance, $"{what}: distance of {actual.Key}");
        Assert.True(Equals(expected.Group, actual.Group), $"{what}: group of {actual.Key}");
        Assert.True(expected.Snippet?.Text == actual.Snippet?.Text, $"{what}: snippet of {actual.Key}: {actual.Snippet?.Text}");
        Assert.Equal(expected.Snippet?.Matches ?? [], actual.Snippet?.Matches ?? []);
        Assert.Equal(expected.Document["text"], actual.Document["text"]);
        Assert.Equal(expected.Document.Vectors.Keys.Order(), actual.Document.Vectors.Keys.Order());
        if (expected.Explanation is not { } explained)
        {
            Assert.Null(actual.Explanation);
            return;
        }

        var explanation = actual.Explanation!;
        Assert.Equal(explained.Fused, explanation.Fused);
        Assert.Equal(explained.Keyword?.Score, explanation.Keyword?.Score);
        Assert.Equal(explained.Vector?.Score, explanation.Vector?.Score);
        Assert.Equal(explained.Vectors.Select(v => v.Score), explanation.Vectors.Select(v => v.Score));
        Assert.Equal(explained.Boosts, explanation.Boosts);
        Assert.Equal(
            explained.Terms.OrderBy(t => t.Field).ThenBy(t => t.Term),
            explanation.Terms.OrderBy(t => t.Field).ThenBy(t => t.Term)
        );
    }

    private static void CheckFacets(IReadOnlyList<Facet> expected, IReadOnlyList<Facet> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.Equal(one.Field, other.Field);
            Assert.Equal(one.Values, other.Values);
            Assert.Equal((one.Distinct, one.Missing), (other.Distinct, other.Missing));
        }
    }

    private static string Scores(SearchResults results) => string.Join(", ", results.Hits.Select(hit => $"{hit.Key}={hit.Score:R}"));
}
