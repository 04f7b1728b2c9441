using System.Buffers;
using SearchEngine.Lexical;
using SearchEngine.Moments;
using SearchEngine.Vectors;
using SearchEngine.Writing;

namespace SearchEngine.Reading;

/// <summary>
/// Runs searches, each in one moment. The indexes may hold more than is visible in it (what was just added, what just died): such hits are
/// dropped, and only where there were any is the search run again with the moment as a filter, so that a search of a collection at rest
/// pays nothing. Thread-safe.
/// </summary>
internal sealed class Searcher(
    CollectionSchema schema,
    Timeline timeline,
    FilterResolver filters,
    LexicalView? lexical,
    IReadOnlyList<VectorFieldIndex> vectors,
    DocumentEmbedder embedder,
    HitAssembler assembler,
    QueryCorrector corrector,
    MatchCounter counter,
    CandidateScorer scorer,
    RerankStep reranking,
    OrderingSteps ordering,
    VerdictStep verdicts
)
{
    /// <summary>Runs a search.</summary>
    public async Task<SearchResults> SearchAsync(SearchPlan plan, CancellationToken cancellationToken)
    {
        var correction = corrector.Correct(plan.Request);
        if (correction is not null)
            plan = SearchPlan.Make(schema, plan.Request with { Text = correction.Text }, embedder.VectorWeight);
        var filter = plan.Request.Filter is null ? null : FilterBinder.Bind(schema, plan.Request.Filter);
        var query = plan.Request.Vector;
        if (plan.Vector is { } field && query is { } given)
            VectorFieldIndex.Validate(field, given.Span, "the query");
        while (true)
        {
            using var lease = timeline.Lease();
            try
            {
                ulong[]? matching = null;
                if (filter is not null)
                {
                    using var step = lease.Step();
                    matching = filters.Resolve(step.Moment, filter, cancellationToken);
                    // Without records there is nothing to rank, but perhaps one to say something about.
                    if (Ordinals.Count(matching) == 0 && plan.Request.ExplainKey is null)
                        return Results(plan, correction, [], BitsOf(matching));
                }

                // Keyword search needs no embedding: it runs while the query is embedded.
                var keyword =
                    plan.Keyword is null || plan.Request.Sort is not null ? null
                    : plan.Vector is null ? Task.FromResult(KeywordHits(plan.Keyword, lease, matching))
                    : Task.Run(() => KeywordHits(plan.Keyword, lease, matching), cancellationToken);
                VectorHit[] vectorHits = [];
                if (plan.Vector is not null)
                {
                    try
                    {
                        query ??= await embedder.EmbedQueryAsync(plan.Vector, plan.Request.Text!, cancellationToken).ConfigureAwait(false);
                        vectorHits = VectorHits(plan, query.Value.Span, lease, matching);
                    }
                    catch when (keyword is not null)
                    {
                        await ((Task)keyword).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        throw;
                    }
                }

                var keywordHits = keyword is null ? [] : await keyword.ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                var candidates = new Candidates(vectorHits, keywordHits);
                if (plan.ScoresUnion)
                {
                    using var scoring = lease.Step();
                    candidates = scorer.Score(plan, query!.Value.Span, candidates);
                }

                if (plan.Request.Rerank is null)
                    return Assemble(plan, correction, query, candidates, null, lease, matching);
                var (ranked, report) = await reranking
                    .ReadAsync(plan, [.. HitAssembler.Rank(plan, candidates)], lease, cancellationToken)
                    .ConfigureAwait(false);
                return Assemble(plan, correction, query, candidates, ranked, lease, matching) with { Rerank = report };
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.SnapshotTooOld)
            {
                // The query took so long to embed that its moment was given up: the embedding is kept, and the search sees the present.
            }
        }
    }

    private SearchResults Assemble(
        SearchPlan plan,
        SpellingCorrection? correction,
        ReadOnlyMemory<float>? query,
        Candidates candidates,
        IReadOnlyList<RankFusion.Fused>? ranked,
        ReadLease lease,
        ulong[]? matching
    )
    {
        using var step = lease.Step();
        var matches = SearchPlan.NeedsMatches(plan.Request)
            ? counter.Matching(plan, BitsOf(matching ?? step.Moment.Live.SharedWords()))
            : null;
        if (plan.Request.Sort is not null)
            candidates = candidates with { Keyword = counter.Sorted(plan, matches!) };
        var order = ordering.Arrange(plan, ranked ?? HitAssembler.Rank(plan, candidates));
        var hits = assembler.Assemble(plan, candidates, order);
        var results = matches is null ? new SearchResults(hits) { Correction = correction } : Results(plan, correction, hits, matches);
        return plan.Request.ExplainKey is null
            ? results
            : results with
            {
                Verdict = verdicts.Judge(plan, step.Moment, query, candidates, order, hits),
            };
    }

    private SearchResults Results(SearchPlan plan, SpellingCorrection? correction, IReadOnlyList<SearchHit> hits, OrdinalBits matches) =>
        new(hits)
        {
            Correction = correction,
            Total = plan.Request.CountTotal ? matches.Count : null,
            Facets = counter.Facets(plan.Request.Facets, matches),
        };

    private VectorHit[] VectorHits(SearchPlan plan, ReadOnlySpan<float> query, ReadLease lease, ulong[]? matching)
    {
        VectorFieldIndex.Validate(plan.Vector!, query, "the query");
        using var step = lease.Step();
        var live = step.Moment.Live;
        var index = vectors.First(v => v.Field.Name == plan.Vector!.Name).Index;
        var depth = Math.Min(plan.Depth, Math.Max(1, index.Count));
        var hits = ArrayPool<VectorHit>.Shared.Rent(depth);
        try
        {
            var options = new VectorQueryOptions { Ef = plan.Request.Ef, Filter = matching is null ? null : SetOf(matching) };
            var found = hits.AsSpan(0, index.Search(query, hits.AsSpan(0, depth), options));
            if (matching is null && HasInvisible(found, live))
                found = hits.AsSpan(0, index.Search(query, hits.AsSpan(0, depth), options with { Filter = SetOf(live.SharedWords()) }));
            return found.ToArray();
        }
        finally
        {
            ArrayPool<VectorHit>.Shared.Return(hits);
        }
    }

    private IReadOnlyList<LexicalHit> KeywordHits(LexicalQuery query, ReadLease lease, ulong[]? matching)
    {
        using var step = lease.Step();
        var live = step.Moment.Live;
        var index = lexical!.Fresh();
        if (matching is not null)
            return index.Search(query with { Filter = BitsOf(matching) });
        var hits = index.Search(query);
        foreach (var hit in hits)
        {
            if (!live.Contains(hit.Ordinal))
                return index.Search(query with { Filter = BitsOf(live.SharedWords()) });
        }

        return hits;
    }

    private static bool HasInvisible(ReadOnlySpan<VectorHit> hits, LiveSnapshot live)
    {
        foreach (var hit in hits)
        {
            if (!live.Contains(hit.Ordinal))
                return true;
        }

        return false;
    }

    private static OrdinalSet SetOf(ulong[] words) => new(words, words.Length * 64);

    private static OrdinalBits BitsOf(ulong[] words) => new(words, words.Length * 64);
}
