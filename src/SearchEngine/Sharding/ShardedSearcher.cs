using SearchEngine.Lexical;
using SearchEngine.Reading;
using SearchEngine.Writing;

namespace SearchEngine.Sharding;

/// <summary>
/// Searches a collection that lies in shards as if it were one: statistics of words, ranks and relative scores are those of all shards
/// together, and every step behind them (fusion, reranking, boosts, diversity, groups, pages) is the very code that a collection in one
/// piece runs. Flat vectors and keywords give the same hits, but for the order of equal ones; a graph search in parts finds no fewer. Each
/// shard is read in one moment; the moments of different shards are not the same one. Thread-safe.
/// </summary>
public sealed class ShardedSearcher
{
    /// <summary>Times that a search begins again because a shard's moment was given up or a replica was lost on the way.</summary>
    private const int MaxAttempts = 5;

    /// <summary>The candidates at which a search for more groups goes no deeper: they come from the shards as whole records.</summary>
    private const int DeepestForGroups = 4_096;

    private readonly CollectionSchema _schema;
    private readonly DocumentEmbedder _embedder;
    private readonly IReranker? _reranker;
    private readonly ShardWords _words;

    /// <summary>Makes the searcher of a collection.</summary>
    /// <param name="schema">The schema that all shards have.</param>
    /// <param name="embedder">Embeds queries; null where searches bring vectors.</param>
    /// <param name="reranker">Reads for searches that bring no reranker of their own; null for none.</param>
    public ShardedSearcher(CollectionSchema schema, EmbedderOptions? embedder = null, IReranker? reranker = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _schema = schema;
        _embedder = new DocumentEmbedder(schema, embedder, new CollectionErrors(schema.Name, "the cluster"));
        _reranker = reranker;
        _words = new ShardWords(schema);
    }

    /// <summary>Searches.</summary>
    /// <param name="request">The search.</param>
    /// <param name="shards">The shards, by number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The request does not fit the schema; the message names the field.</exception>
    /// <exception cref="SearchDatabaseException"><see cref="SearchDatabaseError.ShardUnavailable"/> where a shard cannot be reached and
    /// partial answers were not asked for, or none can.</exception>
    public async Task<SearchResults> FindAsync(
        SearchRequest request,
        IReadOnlyList<ISearchShard> shards,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(shards);
        var plan = SearchPlan.Make(_schema, request, _embedder.VectorWeight);
        plan.CheckVectors();
        var scatter = new ShardScatter(shards, request.AllowPartial);
        var (statistics, correction) = await _words.AskAsync(request, scatter, cancellationToken).ConfigureAwait(false);
        if (correction is not null)
            plan = SearchPlan.Make(_schema, request with { Text = correction.Text }, _embedder.VectorWeight);
        var queries = await new QueryVectors(_embedder, plan).EmbedAsync(cancellationToken).ConfigureAwait(false);
        var first = plan;
        IReadOnlyList<(int Shard, ShardCandidates Found)>? counted = null;
        for (var attempt = 1; ; )
        {
            try
            {
                var search = ShardPlans.OfSearch(plan, queries, statistics);
                if (counted is not null)
                    search = search with { CountTotal = false, Facets = [] };
                var found = await scatter
                    .AskAsync((_, shard) => shard.FindCandidatesAsync(search, cancellationToken))
                    .ConfigureAwait(false);
                counted ??= found;
                var results = await MergeAsync(plan, found, counted, shards, scatter, cancellationToken).ConfigureAwait(false);
                if (results is not null)
                    return results with { Correction = correction, MissingShards = scatter.Missing };
                plan = plan.Deeper(DeepestForGroups)!;
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.SnapshotTooOld && attempt < MaxAttempts)
            {
                // A replica that knows the moment no more, or is gone: the search sees the present.
                attempt++;
                (plan, counted) = (first, null);
            }
        }
    }

    /// <summary>Ways to go on with a text, as <see cref="ISearchCollection.SuggestAsync"/> gives them.</summary>
    public async Task<IReadOnlyList<Suggestion>> SuggestAsync(
        string text,
        int top,
        IReadOnlyList<ISearchShard> shards,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top, LexicalIndex.MaxSuggestions);
        return await _words
            .SuggestAsync(text, top, new ShardScatter(shards, allowsMissing: false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The results; null where they lack groups that a deeper search may find.</summary>
    private async Task<SearchResults?> MergeAsync(
        SearchPlan plan,
        IReadOnlyList<(int Shard, ShardCandidates Found)> found,
        IReadOnlyList<(int Shard, ShardCandidates Found)> counted,
        IReadOnlyList<ISearchShard> shards,
        ShardScatter scatter,
        CancellationToken cancellationToken
    )
    {
        var merged = new MergedCandidates(plan, found);
        using var source = new FetchedSource(_schema, merged, found, shards);
        var explainer = new HitExplainer(source);
        var assembler = new HitAssembler(source, explainer);
        IReadOnlyList<RankFusion.Fused> ranked = [.. HitAssembler.Rank(plan, merged.Candidates)];
        var read = ReadBySteps(plan, ranked);
        if (read > 0)
        {
            var form = new ShardRead(0, []) { IncludeVectors = plan.Request.Diversity is not null };
            await source.FetchAsync(ranked.Take(read).Select(c => c.Ordinal), form, scatter, cancellationToken).ConfigureAwait(false);
        }

        var groups = assembler.GroupsOf(plan.Request);
        if (
            groups is not null
            && plan.Deeper(DeepestForGroups) is not null
            && HitAssembler.LacksGroups(plan, merged.Candidates, groups, cancellationToken)
        )
        {
            return null;
        }

        RerankReport? report = null;
        if (plan.Request.Rerank is not null)
        {
            (ranked, report) = await new RerankStep(_schema, source, _reranker)
                .ReadAsync(plan, ranked, lease: null, cancellationToken)
                .ConfigureAwait(false);
        }

        var order = new OrderingSteps(new BoostStep(source), new DiversityStep(_schema, source)).Arrange(plan, ranked);
        await FetchPageAsync(plan, HitAssembler.PageOf(plan.Request, order, groups), merged, source, scatter, cancellationToken)
            .ConfigureAwait(false);
        var hits = assembler.Assemble(plan, merged.Candidates, order, groups);
        return new SearchResults(hits)
        {
            Rerank = report,
            Total = plan.Request.CountTotal ? counted.Sum(part => part.Found.Total) : null,
            Facets = FacetMerge.Merge(plan.Request.Facets, [.. counted.Select(part => part.Found.Facets)]),
            Verdict = plan.Request.ExplainKey is null
                ? null
                : new VerdictStep(_schema, source, explainer).Judge(plan, merged.Explained, merged.Candidates, order, hits),
        };
    }

    /// <summary>How many of the first candidates the steps behind the ranking read.</summary>
    private static int ReadBySteps(SearchPlan plan, IReadOnlyList<RankFusion.Fused> ranked)
    {
        var request = plan.Request;
        // Groups are made of all candidates, and what has too low a score makes room for those behind it.
        if (request.GroupBy is not null || request is { Diversity: not null, MinimumScore: not null })
            return ranked.Count;
        var read = Math.Max(request.Rerank?.Candidates ?? 0, request.Diversity?.Candidates ?? 0);
        return Math.Min(ranked.Count, Math.Max(read, SearchPlan.BoostWindow(request)));
    }

    private static async Task FetchPageAsync(
        SearchPlan plan,
        IEnumerable<(RankFusion.Fused Candidate, object? Group)> page,
        MergedCandidates merged,
        FetchedSource source,
        ShardScatter scatter,
        CancellationToken cancellationToken
    )
    {
        var request = plan.Request;
        var ordinals = page.Select(hit => hit.Candidate.Ordinal).ToList();
        if (merged.Explained is { } explained)
            ordinals.Add(explained.Ordinal);
        var form = new ShardRead(0, [])
        {
            IncludeVectors = request.IncludeVectors,
            Snippets = request.SnippetField is not null,
            Terms = plan.Keyword is not null && (request.Explain || merged.Explained is not null),
            Release = true,
        };
        await source.FetchAsync(ordinals, form, scatter, cancellationToken).ConfigureAwait(false);
    }
}
