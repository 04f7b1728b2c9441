using System.Buffers;
using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Searches; hits best first. An empty list where nothing is found.</summary>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the field.</exception>
    /// <exception cref="SearchDatabaseException">A text query and no embedding generator.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfClosed();
        try
        {
            return await SearchAsync(SearchPlan.Make(Schema, request), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(e);
        }
    }

    private async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchPlan plan, CancellationToken cancellationToken)
    {
        var request = plan.Request;
        var filter = request.Filter is null ? null : ResolveFilter(FilterBinder.Bind(Schema, request.Filter), cancellationToken);
        if (filter is not null && Ordinals.Count(filter) == 0) return [];

        // Keyword search needs no embedding: it runs while the query is embedded.
        var keyword = plan.Keyword is null ? null
            : plan.Vector is null ? Task.FromResult(KeywordHits(plan, filter))
            : Task.Run(() => KeywordHits(plan, filter), cancellationToken);
        VectorHit[] vectorHits = [];
        if (plan.Vector is { } field)
        {
            try
            {
                var query = request.Vector ?? await EmbedQueryAsync(field, request.Text!, cancellationToken).ConfigureAwait(false);
                vectorHits = VectorHits(plan, field, query.Span, filter);
            }
            catch when (keyword is not null)
            {
                await ((Task)keyword).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        var keywordHits = keyword is null ? [] : await keyword.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return Assemble(plan, vectorHits, keywordHits);
    }

    private VectorHit[] VectorHits(SearchPlan plan, VectorField field, ReadOnlySpan<float> query, ulong[]? filter)
    {
        VectorFieldIndex.Validate(field, query, "the query");
        var index = _vectors.First(v => v.Field.Name == field.Name).Index;
        var depth = Math.Min(plan.Depth, Math.Max(1, index.Count));
        var hits = ArrayPool<VectorHit>.Shared.Rent(depth);
        try
        {
            var options = new VectorQueryOptions { Ef = plan.Request.Ef, Filter = filter is null ? null : new OrdinalSet(filter, filter.Length * 64) };
            var found = hits.AsSpan(0, index.Search(query, hits.AsSpan(0, depth), options));
            if (plan.Request.MaximumDistance is { } limit)
            {
                var within = 0;
                while (within < found.Length && found[within].Distance <= limit) within++;
                found = found[..within];
            }

            return found.ToArray();
        }
        finally
        {
            ArrayPool<VectorHit>.Shared.Return(hits);
        }
    }

    private IReadOnlyList<LexicalHit> KeywordHits(SearchPlan plan, ulong[]? filter)
    {
        RefreshLexical();
        return _lexical!.Search(plan.Keyword! with { Filter = filter is null ? null : new OrdinalBits(filter, filter.Length * 64) });
    }

    /// <summary>Ranks, pages, loads and explains.</summary>
    private List<SearchHit> Assemble(SearchPlan plan, VectorHit[] vectorHits, IReadOnlyList<LexicalHit> keywordHits)
    {
        var request = plan.Request;
        var hits = new List<SearchHit>(request.Top);
        var skip = request.Skip;
        // A record that is updated during the search may be found under both its ordinals.
        var seen = new HashSet<RecordKey>();
        foreach (var candidate in Rank(plan, vectorHits, keywordHits))
        {
            if (hits.Count == request.Top) break;
            if (request.MinimumScore is { } minimum && candidate.Score < minimum) break;
            if (!_live.Contains(candidate.Ordinal) || ReadDocument(candidate.Ordinal, request.IncludeVectors) is not { } document) continue;
            if (!seen.Add(document.Key) || skip-- > 0) continue;
            hits.Add(new SearchHit(document, candidate.Score)
            {
                Distance = candidate.VectorRank > 0 ? vectorHits[candidate.VectorRank - 1].Distance : null,
                Explanation = request.Explain ? Explain(plan, candidate, vectorHits, keywordHits) : null,
                Snippet = request.SnippetField is null ? null : Highlight(plan, document),
            });
        }

        return hits;
    }

    private static IEnumerable<RankFusion.Fused> Rank(SearchPlan plan, VectorHit[] vectorHits, IReadOnlyList<LexicalHit> keywordHits)
    {
        if (plan.Request.Mode == SearchMode.Vector)
            return vectorHits.Select((hit, i) => RankFusion.Fused.OfVector(hit.Ordinal, i + 1, DistanceScore.FromDistance(plan.Vector!.Metric, hit.Distance)));
        if (plan.Vector is null)
            return keywordHits.Select((hit, i) => RankFusion.Fused.OfKeyword(hit.Ordinal, i + 1, hit.Score));
        return RankFusion.Fuse(
            Array.ConvertAll(vectorHits, hit => new RankFusion.Ranked(hit.Ordinal, DistanceScore.FromDistance(plan.Vector.Metric, hit.Distance))),
            [.. keywordHits.Select(hit => new RankFusion.Ranked(hit.Ordinal, hit.Score))],
            plan.Request.Fusion);
    }

    private SearchExplanation Explain(SearchPlan plan, RankFusion.Fused candidate, VectorHit[] vectorHits, IReadOnlyList<LexicalHit> keywordHits)
    {
        var vector = candidate.VectorRank == 0 ? null
            : new RankerExplanation(candidate.VectorRank, DistanceScore.FromDistance(plan.Vector!.Metric, vectorHits[candidate.VectorRank - 1].Distance), candidate.VectorPart);
        var keyword = candidate.KeywordRank == 0 ? null
            : new RankerExplanation(candidate.KeywordRank, keywordHits[candidate.KeywordRank - 1].Score, candidate.KeywordPart);
        var terms = keyword is null ? [] : _lexical!.Explain(plan.Keyword!, candidate.Ordinal).Matches.Select(m => new TermContribution(m.Field, m.Term, m.Contribution)).ToArray();
        return new SearchExplanation(vector, keyword, candidate.Score, terms);
    }

    private Snippet? Highlight(SearchPlan plan, Document document)
    {
        if (document[plan.Request.SnippetField!] is not string text || text.Length == 0) return null;
        if (_lexical is null || plan.SnippetQuery is null)
            return text.Length <= plan.Request.SnippetLength ? new Snippet(text, []) : new Snippet(text[..CutAt(text, plan.Request.SnippetLength)] + "…", []);
        var snippet = _lexical.Highlight(text, plan.SnippetQuery, plan.Request.SnippetLength);
        var before = snippet.IsCutBefore ? "…" : "";
        return new Snippet(
            before + snippet.Text + (snippet.IsCutAfter ? "…" : ""),
            [.. snippet.Matches.Select(match => new TextSpan(match.Start + before.Length, match.Length))]);
    }

    /// <summary>The last word border at or before a length; the length itself (never inside a surrogate pair) where there is none.</summary>
    private static int CutAt(string text, int length)
    {
        var space = text.LastIndexOf(' ', length);
        if (space > 0) return space;
        return char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
    }
}
