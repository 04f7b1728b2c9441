using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>Makes hits of ranked candidates: fuses, pages, loads and cuts snippets. Thread-safe.</summary>
internal sealed class HitAssembler(ICandidateSource source, HitExplainer explainer)
{
    /// <summary>The candidates in their order, as deep as the plan looks.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="candidates">What the rankers brought.</param>
    public static IEnumerable<RankFusion.Fused> Rank(SearchPlan plan, Candidates candidates) =>
        Rank(plan, candidates, Near(plan, candidates, candidates.Nearest), Near(plan, candidates, candidates.Measured));

    /// <summary>The page of hits. The caller has entered the moment in which the candidates are visible.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="candidates">What the rankers brought.</param>
    /// <param name="order">Those that may be hits, in their order.</param>
    /// <param name="groups">Their groups, as <see cref="GroupsOf"/> gives them.</param>
    public List<SearchHit> Assemble(SearchPlan plan, Candidates candidates, CandidateOrder order, GroupValues? groups)
    {
        var request = plan.Request;
        // Hits come in blocks, each sorted: what is too far is left out wherever it stands.
        var vectorHits = Near(plan, candidates, candidates.Nearest);
        var measured = Near(plan, candidates, candidates.Measured);
        var hits = new List<SearchHit>(Math.Min(request.Top, vectorHits.Length + candidates.Keyword.Count));
        foreach (var (candidate, group) in PageOf(request, order, groups))
        {
            var document = source.Read(candidate.Ordinal, request.IncludeVectors);
            var distance = DistanceOf(candidate, vectorHits, measured);
            hits.Add(
                new SearchHit(document, candidate.Score)
                {
                    Group = group,
                    Distance = plan.IsJoint ? null : distance,
                    Explanation = request.Explain ? explainer.Explain(plan, candidate, candidates, order, distance) : null,
                    Snippet = request.SnippetField is null ? null : source.SnippetOf(plan, candidate.Ordinal, document),
                }
            );
        }

        return hits;
    }

    /// <summary>
    /// Whether the candidates are of fewer groups than the page reaches to, and there are more of them. The caller has entered the moment.
    /// </summary>
    /// <param name="plan">The search.</param>
    /// <param name="candidates">What the rankers brought.</param>
    /// <param name="groups">The records' groups, as far as they are known, for the whole of a search.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static bool LacksGroups(SearchPlan plan, Candidates candidates, GroupValues groups, CancellationToken cancellationToken)
    {
        var request = plan.Request;
        if (!MayHaveMore(plan, candidates))
            return false;
        var lacking = request.Skip + request.Top;
        var seen = new HashSet<object>();
        foreach (var candidate in Rank(plan, candidates))
        {
            // Where no step changes scores it is no hit, nor is any behind it where they stand by their scores.
            if (request is { MinimumScore: { } least, Rerank: null, Boosts.Count: 0 } && !(candidate.Score >= least))
            {
                if (request.Sort is null)
                    return false;
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var value = groups.Of(candidate.Ordinal);
            if ((value is null || seen.Add(value)) && --lacking == 0)
                return false;
        }

        return true;
    }

    /// <summary>The groups of a search's candidates; null where it groups nothing.</summary>
    public GroupValues? GroupsOf(SearchRequest request) => request.GroupBy is { } field ? new GroupValues(source, field) : null;

    /// <summary>The candidates that become hits, in their order, each with the value that it is grouped by.</summary>
    public static IEnumerable<(RankFusion.Fused Candidate, object? Group)> PageOf(
        SearchRequest request,
        CandidateOrder order,
        GroupValues? groups
    ) =>
        groups is not null
            ? Grouped(order.Ranked, groups, request)
            : order.Ranked.Skip(request.Skip).Take(request.Top).Select(c => (c, (object?)null));

    /// <summary>The distance of a ranked candidate; null where it has none that counts.</summary>
    public static float? DistanceOf(SearchPlan plan, RankFusion.Fused candidate, Candidates candidates) =>
        DistanceOf(candidate, Near(plan, candidates, candidates.Nearest), Near(plan, candidates, candidates.Measured));

    /// <summary>The candidates of the page's groups: each group where its best candidate stands, its candidates together.</summary>
    private static IEnumerable<(RankFusion.Fused Candidate, object? Group)> Grouped(
        IEnumerable<RankFusion.Fused> ranked,
        GroupValues values,
        SearchRequest request
    )
    {
        var groups = new List<(object? Value, List<RankFusion.Fused> Candidates)>();
        var places = new Dictionary<object, int>();
        // Groups of the page that nothing can be added to: when all are, the rest need not be read.
        var (wanted, full) = (request.Skip + request.Top, 0);
        foreach (var candidate in ranked)
        {
            if (full == wanted)
                break;
            var value = values.Of(candidate.Ordinal);
            if (value is not null && places.TryGetValue(value, out var place))
            {
                if (groups[place].Candidates.Count < request.GroupSize)
                {
                    groups[place].Candidates.Add(candidate);
                    full += place < wanted && groups[place].Candidates.Count == request.GroupSize ? 1 : 0;
                }

                continue;
            }

            if (value is not null)
                places.Add(value, groups.Count);
            // A record without a value is a group of its own.
            full += groups.Count < wanted && (value is null || request.GroupSize == 1) ? 1 : 0;
            groups.Add((value, [candidate]));
        }

        return groups
            .Skip(request.Skip)
            .Take(request.Top)
            .SelectMany(group => group.Candidates.Select(candidate => (candidate, group.Value)));
    }

    private static IEnumerable<RankFusion.Fused> Rank(SearchPlan plan, Candidates candidates, VectorHit[] vectorHits, VectorHit[] measured)
    {
        if (plan.Request.Mode == SearchMode.Vector)
            return OfVectors(plan, vectorHits);
        var keywordHits = candidates.Keyword;
        if (plan.Vector is null)
            return keywordHits.Select((hit, i) => RankFusion.Fused.OfKeyword(hit.Ordinal, i + 1, hit.Score));
        return RankFusion.Fuse(
            Array.ConvertAll(vectorHits, hit => Ranked(plan, hit)),
            [.. keywordHits.Select(Ranked)],
            SearchPlan
                .Depths(plan.FirstDepth, plan.Request.GroupBy is null ? SearchPlan.Wanted(plan.Request) : plan.Depth)
                .Select(depth => (depth, Within(plan, candidates, vectorHits, depth), Math.Min(depth, keywordHits.Count))),
            plan.Fusion,
            plan.ScoresUnion ? new UnrankedScores(measured.Select(hit => Ranked(plan, hit)), candidates.Weighed.Select(Ranked)) : null
        );
    }

    /// <summary>Whether a ranker gave all that it was asked for, so that there may be more behind.</summary>
    private static bool MayHaveMore(SearchPlan plan, Candidates candidates) =>
        candidates.Keyword.Count >= plan.Depth
        || (
            candidates.Nearest.Length >= plan.Depth
            // The ranking of several vectors is in no order of distance.
            && (plan.IsJoint || candidates.FarthestOf(plan.Request) is not { } limit || candidates.Nearest[^1].Distance <= limit)
        );

    private static IEnumerable<RankFusion.Fused> OfVectors(SearchPlan plan, VectorHit[] vectorHits)
    {
        var floor = double.PositiveInfinity;
        for (var i = 0; i < vectorHits.Length; i++)
        {
            var score = Ranked(plan, vectorHits[i]).Score;
            // What of several vectors only a deeper look ranks high has no better score than the hits before it.
            floor = Math.Min(floor, score);
            yield return RankFusion.Fused.OfVector(vectorHits[i].Ordinal, i + 1, plan.IsJoint ? floor : score);
        }
    }

    private static RankFusion.Ranked Ranked(SearchPlan plan, VectorHit hit) =>
        new(hit.Ordinal, DistanceScore.FromDistance(plan.Metric, hit.Distance));

    private static RankFusion.Ranked Ranked(LexicalHit hit) => new(hit.Ordinal, hit.Score);

    private static VectorHit[] Near(SearchPlan plan, Candidates candidates, VectorHit[] hits) =>
        candidates.FarthestOf(plan.Request) is { } limit ? Array.FindAll(hits, hit => hit.Distance <= limit) : hits;

    /// <summary>The distance of a candidate, by its place in the vector ranking or as it was measured; null where it has none.</summary>
    private static float? DistanceOf(RankFusion.Fused candidate, VectorHit[] vectorHits, VectorHit[] measured)
    {
        if (candidate.VectorRank > 0)
            return vectorHits[candidate.VectorRank - 1].Distance;
        // Measured for the fusion, or brought from deeper than the candidates that it was fused with.
        foreach (var hits in new[] { measured, vectorHits })
        {
            var place = Array.FindIndex(hits, hit => hit.Ordinal == candidate.Ordinal);
            if (place >= 0)
                return hits[place].Distance;
        }

        return null;
    }

    /// <summary>How many of the first candidates of the vector ranking are near enough.</summary>
    private static int Within(SearchPlan plan, Candidates candidates, VectorHit[] vectorHits, int depth) =>
        candidates.FarthestOf(plan.Request) is not { } limit
            ? Math.Min(depth, vectorHits.Length)
            : candidates.Nearest.Take(depth).Count(hit => hit.Distance <= limit);
}
