using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>Makes hits of ranked candidates: fuses, pages, loads, explains and cuts snippets. Thread-safe.</summary>
internal sealed class HitAssembler(RecordReader records, LexicalView? lexical)
{
    /// <summary>The page of hits. The caller has entered the moment in which the candidates are visible.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="nearest">The vector ranking, before <see cref="SearchRequest.MaximumDistance"/>.</param>
    /// <param name="keywordHits">The keyword ranking.</param>
    public List<SearchHit> Assemble(SearchPlan plan, VectorHit[] nearest, IReadOnlyList<LexicalHit> keywordHits)
    {
        var request = plan.Request;
        // Hits come in blocks, each sorted: what is too far is left out wherever it stands.
        var vectorHits = request.MaximumDistance is { } limit ? Array.FindAll(nearest, hit => hit.Distance <= limit) : nearest;
        var ranked = Rank(plan, nearest, vectorHits, keywordHits);
        if (request.MinimumScore is { } minimum)
            ranked = ranked.Where(candidate => candidate.Score >= minimum);
        var hits = new List<SearchHit>(Math.Min(request.Top, vectorHits.Length + keywordHits.Count));
        foreach (
            var (candidate, group) in request.GroupBy is { } field
                ? Grouped(ranked, field, request)
                : ranked.Skip(request.Skip).Take(request.Top).Select(c => (c, (object?)null))
        )
        {
            var document = records.Read(candidate.Ordinal, request.IncludeVectors);
            hits.Add(
                new SearchHit(document, candidate.Score)
                {
                    Group = group,
                    Distance = candidate.VectorRank > 0 ? vectorHits[candidate.VectorRank - 1].Distance : null,
                    Explanation = request.Explain ? Explain(plan, candidate, vectorHits, keywordHits) : null,
                    Snippet = request.SnippetField is null ? null : Highlight(plan, document),
                }
            );
        }

        return hits;
    }

    /// <summary>The candidates of the page's groups: each group where its best candidate stands, its candidates together.</summary>
    private IEnumerable<(RankFusion.Fused Candidate, object? Group)> Grouped(
        IEnumerable<RankFusion.Fused> ranked,
        string field,
        SearchRequest request
    )
    {
        var groups = new List<(object? Value, List<RankFusion.Fused> Candidates)>();
        var places = new Dictionary<object, int>();
        foreach (var candidate in ranked)
        {
            var value = records.Read(candidate.Ordinal, includeVectors: false)[field];
            if (value is not null && places.TryGetValue(value, out var place))
            {
                if (groups[place].Candidates.Count < request.GroupSize)
                    groups[place].Candidates.Add(candidate);
                continue;
            }

            if (value is not null)
                places.Add(value, groups.Count);
            groups.Add((value, [candidate]));
        }

        return groups
            .Skip(request.Skip)
            .Take(request.Top)
            .SelectMany(group => group.Candidates.Select(candidate => (candidate, group.Value)));
    }

    private static IEnumerable<RankFusion.Fused> Rank(
        SearchPlan plan,
        VectorHit[] nearest,
        VectorHit[] vectorHits,
        IReadOnlyList<LexicalHit> keywordHits
    )
    {
        if (plan.Request.Mode == SearchMode.Vector)
        {
            return vectorHits.Select(
                (hit, i) => RankFusion.Fused.OfVector(hit.Ordinal, i + 1, DistanceScore.FromDistance(plan.Vector!.Metric, hit.Distance))
            );
        }
        if (plan.Vector is null)
            return keywordHits.Select((hit, i) => RankFusion.Fused.OfKeyword(hit.Ordinal, i + 1, hit.Score));
        return RankFusion.Fuse(
            Array.ConvertAll(
                vectorHits,
                hit => new RankFusion.Ranked(hit.Ordinal, DistanceScore.FromDistance(plan.Vector.Metric, hit.Distance))
            ),
            [.. keywordHits.Select(hit => new RankFusion.Ranked(hit.Ordinal, hit.Score))],
            SearchPlan
                .Depths(plan.FirstDepth, plan.Request.GroupBy is null ? plan.Request.Top + plan.Request.Skip : plan.Depth)
                .Select(depth => (depth, Within(plan, nearest, vectorHits, depth), Math.Min(depth, keywordHits.Count))),
            plan.Request.Fusion
        );
    }

    /// <summary>How many of the first candidates of the vector ranking are near enough.</summary>
    private static int Within(SearchPlan plan, VectorHit[] nearest, VectorHit[] vectorHits, int depth) =>
        plan.Request.MaximumDistance is not { } limit
            ? Math.Min(depth, vectorHits.Length)
            : nearest.Take(depth).Count(hit => hit.Distance <= limit);

    private SearchExplanation Explain(
        SearchPlan plan,
        RankFusion.Fused candidate,
        VectorHit[] vectorHits,
        IReadOnlyList<LexicalHit> keywordHits
    )
    {
        var vector =
            candidate.VectorRank == 0
                ? null
                : new RankerExplanation(
                    candidate.VectorRank,
                    DistanceScore.FromDistance(plan.Vector!.Metric, vectorHits[candidate.VectorRank - 1].Distance),
                    candidate.VectorPart
                );
        var keyword =
            candidate.KeywordRank == 0
                ? null
                : new RankerExplanation(candidate.KeywordRank, keywordHits[candidate.KeywordRank - 1].Score, candidate.KeywordPart);
        var terms =
            keyword is null || plan.Keyword is null
                ? []
                : lexical!
                    .Index.Explain(plan.Keyword, candidate.Ordinal)
                    .Matches.Select(m => new TermContribution(m.Field, m.Term, m.Contribution))
                    .ToArray();
        return new SearchExplanation(vector, keyword, candidate.Score, terms);
    }

    private Snippet? Highlight(SearchPlan plan, Document document)
    {
        if (document[plan.Request.SnippetField!] is not string text || text.Length == 0)
            return null;
        if (lexical is null || plan.SnippetQuery is null)
        {
            return text.Length <= plan.Request.SnippetLength
                ? new Snippet(text, [])
                : new Snippet(text[..CutAt(text, plan.Request.SnippetLength)] + "…", []);
        }
        var snippet = lexical.Index.Highlight(text, plan.SnippetQuery, plan.Request.SnippetLength);
        var before = snippet.IsCutBefore ? "…" : "";
        return new Snippet(
            before + snippet.Text + (snippet.IsCutAfter ? "…" : ""),
            [.. snippet.Matches.Select(match => new TextSpan(match.Start + before.Length, match.Length))]
        );
    }

    /// <summary>
    /// The last word border at or before a length; the length itself (never inside a surrogate pair) where there is none.
    /// </summary>
    private static int CutAt(string text, int length)
    {
        var space = text.LastIndexOf(' ', length);
        if (space > 0)
            return space;
        return char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
    }
}
