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
    KeyDirectory keys,
    KeywordRanker keywords,
    VectorRanker ranker,
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
        plan.CheckVectors();
        var queries = new QueryVectors(embedder, plan);
        while (true)
        {
            using var lease = timeline.Lease();
            try
            {
                return await InMomentAsync(plan, correction, filter, queries, lease, cancellationToken).ConfigureAwait(false);
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.SnapshotTooOld)
            {
                // The query took so long to embed that its moment was given up: the embedding is kept, and the search sees the present.
            }
        }
    }

    // In parts, each with little to follow: of one method the compiler of .NET 10.0 now and then wanted gigabytes for a second.
    private async Task<SearchResults> InMomentAsync(
        SearchPlan plan,
        SpellingCorrection? correction,
        DocumentFilter? filter,
        QueryVectors queries,
        ReadLease lease,
        CancellationToken cancellationToken
    )
    {
        ulong[]? matching = null;
        if (filter is not null)
        {
            matching = Resolve(filter, lease, cancellationToken);
            // Without records there is nothing to rank, but perhaps one to say something about.
            if (Ordinals.Count(matching) == 0 && plan.Request.ExplainKey is null)
                return Results(plan, correction, [], counter.Matching(plan, Ordinals.BitsOf(matching), isAll: false));
        }

        var (candidates, matches) = await BringAsync(plan, queries, lease, matching, null, cancellationToken).ConfigureAwait(false);
        var groups = assembler.GroupsOf(plan.Request);
        while (groups is not null && plan.Deeper() is { } deeper && LacksGroups(plan, candidates, groups, lease, cancellationToken))
        {
            plan = deeper;
            (candidates, matches) = await BringAsync(plan, queries, lease, matching, matches, cancellationToken).ConfigureAwait(false);
        }

        if (plan.Request.Rerank is null)
            return Assemble(plan, correction, queries.Embedded, candidates, null, groups, lease, matching, matches);
        var (ranked, report) = await reranking
            .ReadAsync(plan, [.. HitAssembler.Rank(plan, candidates)], lease, cancellationToken)
            .ConfigureAwait(false);
        return Assemble(plan, correction, queries.Embedded, candidates, ranked, groups, lease, matching, matches) with { Rerank = report };
    }

    /// <summary>The candidates, each with all scores that the fusion asks for.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="queries">Its vectors.</param>
    /// <param name="lease">Its moment.</param>
    /// <param name="matching">The records that pass its filter; null where there is none.</param>
    /// <param name="known">All that match, where that was found before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<(Candidates Candidates, SearchMatches? Matches)> BringAsync(
        SearchPlan plan,
        QueryVectors queries,
        ReadLease lease,
        ulong[]? matching,
        SearchMatches? known,
        CancellationToken cancellationToken
    )
    {
        var (candidates, matches) = await CandidatesAsync(plan, queries, lease, matching, known, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (plan.ScoresUnion ? Score(plan, queries.Embedded, candidates, lease) : candidates, matches);
    }

    private bool LacksGroups(
        SearchPlan plan,
        Candidates candidates,
        GroupValues groups,
        ReadLease lease,
        CancellationToken cancellationToken
    )
    {
        using var step = lease.Step();
        return HitAssembler.LacksGroups(plan, candidates, groups, cancellationToken);
    }

    private ulong[] Resolve(DocumentFilter filter, ReadLease lease, CancellationToken cancellationToken)
    {
        using var step = lease.Step();
        return filters.Resolve(step.Moment, filter, cancellationToken);
    }

    private Candidates Score(SearchPlan plan, ReadOnlyMemory<float>[] queries, Candidates candidates, ReadLease lease)
    {
        using var step = lease.Step();
        return scorer.Score(plan, queries, candidates);
    }

    /// <summary>What the rankers bring, and all that match where the keyword ranking comes of them.</summary>
    private async Task<(Candidates Candidates, SearchMatches? Matches)> CandidatesAsync(
        SearchPlan plan,
        QueryVectors queries,
        ReadLease lease,
        ulong[]? matching,
        SearchMatches? known,
        CancellationToken cancellationToken
    )
    {
        if (plan.Request.Sort is not null)
            return Sorted(plan, lease, matching, known);
        if (plan.Vector is null)
        {
            if (plan.Keyword is null)
                return (new Candidates([], []), known);
            var matches = known ?? Matches(plan, lease, matching);
            var ranked = known is null && matches is not null ? matches.Hits : keywords.Rank(plan.Keyword, lease, matching);
            return (new Candidates([], ranked), matches);
        }

        // Keyword search needs no embedding: it runs while the query is embedded.
        var words = plan.ScoresUnion ? new LexicalLookup() : null;
        var keyword = plan.Keyword is null
            ? null
            : SideWork<IReadOnlyList<LexicalHit>>.Start(() => keywords.Rank(plan.Keyword, lease, matching, words));
        VectorHit[] nearest;
        JointRanking? joint;
        try
        {
            var embedded = await queries.EmbedAsync(cancellationToken).ConfigureAwait(false);
            (nearest, joint) = ranker.Rank(plan, embedded, lease, matching);
        }
        catch
        {
            if (keyword is not null)
                await keyword.CancelAsync().ConfigureAwait(false);
            throw;
        }

        var hits = keyword is null ? [] : await keyword.ResultAsync().ConfigureAwait(false);
        return (new Candidates(nearest, hits) { Joint = joint, Words = words }, null);
    }

    private SearchResults Assemble(
        SearchPlan plan,
        SpellingCorrection? correction,
        ReadOnlyMemory<float>[] queries,
        Candidates candidates,
        IReadOnlyList<RankFusion.Fused>? ranked,
        GroupValues? groups,
        ReadLease lease,
        ulong[]? matching,
        SearchMatches? matches
    )
    {
        using var step = lease.Step();
        matches ??= counter.Matching(plan, step.Moment, matching);
        var order = ordering.Arrange(plan, ranked ?? HitAssembler.Rank(plan, candidates));
        var hits = assembler.Assemble(plan, candidates, order, groups);
        var results = matches is null ? new SearchResults(hits) { Correction = correction } : Results(plan, correction, hits, matches);
        return plan.Request.ExplainKey is null
            ? results
            : results with
            {
                Verdict = verdicts.Judge(plan, Explained(plan, step.Moment, queries), candidates, order, hits),
            };
    }

    private ExplainedRecord? Explained(SearchPlan plan, CollectionMoment moment, ReadOnlyMemory<float>[] queries)
    {
        var ordinal = keys.Find(moment, plan.Request.ExplainKey!.Value);
        return ordinal < 0
            ? null
            : new ExplainedRecord(
                ordinal,
                scorer.DistancesOf(plan, queries, ordinal),
                plan.Keyword is null ? null : scorer.KeywordScoreOf(plan.Keyword, ordinal)
            );
    }

    private (Candidates Candidates, SearchMatches? Matches) Sorted(
        SearchPlan plan,
        ReadLease lease,
        ulong[]? matching,
        SearchMatches? known
    )
    {
        using var step = lease.Step();
        var matches = known ?? counter.Matching(plan, step.Moment, matching)!;
        return (new Candidates([], counter.Sorted(plan, matches.Ordinals)), matches);
    }

    private SearchMatches? Matches(SearchPlan plan, ReadLease lease, ulong[]? matching)
    {
        using var step = lease.Step();
        return counter.Matching(plan, step.Moment, matching);
    }

    private SearchResults Results(SearchPlan plan, SpellingCorrection? correction, IReadOnlyList<SearchHit> hits, SearchMatches matches) =>
        new(hits)
        {
            Correction = correction,
            Total = plan.Request.CountTotal ? matches.Ordinals.Count : null,
            Facets = matches.Facets,
        };
}
