using SearchEngine.Lexical;
using SearchEngine.Moments;
using SearchEngine.Reading;
using SearchEngine.Vectors;

namespace SearchEngine.Sharding;

/// <summary>Runs both rankers of a shard and scores what either brings by both. Thread-safe.</summary>
internal sealed class CandidateFinder(CollectionEngine engine)
{
    public async Task<ShardCandidates> FindAsync(ShardSearch search, SearchPlan plan, ReadLease lease, CancellationToken cancellationToken)
    {
        var queries = search.Vectors.Select(query => query.Vector!.Value).Take(plan.Vectors.Count).ToArray();
        for (var i = 0; i < queries.Length; i++)
            VectorFieldIndex.Validate(plan.Vectors[i].Field, queries[i].Span, "the query");
        var matching = Resolve(plan, lease, cancellationToken);
        var isEmpty = matching is not null && Ordinals.Count(matching) == 0;
        var matches = Matches(plan, lease, matching);
        // Keyword hits and distances are of different indexes: they are looked for at the same time.
        var lookup = new LexicalLookup();
        var words = isEmpty ? null : SideWork<IReadOnlyList<LexicalHit>>.Start(() => Words(plan, lease, matching, matches, lookup));
        VectorHit[][] nearest;
        try
        {
            nearest = isEmpty
                ? [.. queries.Select(_ => Array.Empty<VectorHit>())]
                : engine.Vectors.RankEach(plan, queries, lease, matching);
        }
        catch
        {
            if (words is not null)
                await words.CancelAsync().ConfigureAwait(false);
            throw;
        }

        var keyword = words is null ? [] : await words.ResultAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return Candidates(search, plan, queries, nearest, keyword, lookup, lease) with
        {
            SortValues = search.Sort is { } sort ? SortValues(sort, keyword) : [],
            Total = search.CountTotal ? matches!.Ordinals.Count : 0,
            Facets = matches?.Facets ?? [],
        };
    }

    private ulong[]? Resolve(SearchPlan plan, ReadLease lease, CancellationToken cancellationToken)
    {
        if (plan.Request.Filter is not { } filter)
            return null;
        using var step = lease.Step();
        return engine.Filters.Resolve(step.Moment, FilterBinder.Bind(engine.Schema, filter), cancellationToken);
    }

    private SearchMatches? Matches(SearchPlan plan, ReadLease lease, ulong[]? matching)
    {
        using var step = lease.Step();
        return engine.Counter.Matching(plan, step.Moment, matching);
    }

    private IReadOnlyList<LexicalHit> Words(
        SearchPlan plan,
        ReadLease lease,
        ulong[]? matching,
        SearchMatches? matches,
        LexicalLookup lookup
    )
    {
        if (plan.Request.Sort is not null)
        {
            using var step = lease.Step();
            return engine.Counter.Sorted(plan, matches!.Ordinals);
        }

        if (plan.Keyword is null)
            return [];
        return plan.Request.Mode == SearchMode.Keyword && matches is not null
            ? matches.Hits
            : engine.Words.Rank(plan.Keyword, lease, matching, lookup);
    }

    private ShardCandidates Candidates(
        ShardSearch search,
        SearchPlan plan,
        ReadOnlyMemory<float>[] queries,
        VectorHit[][] nearest,
        IReadOnlyList<LexicalHit> keyword,
        LexicalLookup lookup,
        ReadLease lease
    )
    {
        using var step = lease.Step();
        var places = new Dictionary<int, int>();
        foreach (var hit in nearest.SelectMany(ranking => ranking))
            places.TryAdd(hit.Ordinal, places.Count);
        foreach (var hit in keyword)
            places.TryAdd(hit.Ordinal, places.Count);
        var explained = -1;
        if (search.ExplainKey is { } key && engine.Keys.Find(step.Moment, key) is >= 0 and var ordinal)
        {
            places.TryAdd(ordinal, places.Count);
            explained = places[ordinal];
        }

        int[] records = [.. places.Keys];
        // Every vector's distance of every candidate, where they make one ranking or one score.
        var measures = queries.Length > 1 || search.ScoresUnion || explained >= 0;
        var distances = new float[queries.Length][];
        for (var i = 0; i < queries.Length; i++)
        {
            distances[i] = measures ? engine.Vectors.Measure(plan.Vectors[i].Field, queries[i].Span, records) : Unknown(records.Length);
            foreach (var hit in nearest[i])
                distances[i][places[hit.Ordinal]] = hit.Distance;
        }

        var scores = new float[records.Length];
        if ((search.ScoresUnion || explained >= 0) && plan.Keyword is not null)
            scores = [.. engine.Lexical!.Fresh().Score(plan.Keyword, records, lookup)];
        foreach (var hit in keyword)
            scores[places[hit.Ordinal]] = hit.Score;
        return new ShardCandidates
        {
            Moment = 0,
            Records = records,
            Nearest = Array.ConvertAll(nearest, ranking => Array.ConvertAll(ranking, hit => places[hit.Ordinal])),
            Distances = distances,
            Keyword = [.. keyword.Select(hit => places[hit.Ordinal])],
            Scores = scores,
            Explained = explained,
        };
    }

    private object?[] SortValues(SortOrder sort, IReadOnlyList<LexicalHit> hits)
    {
        var type = engine.Schema.FindField(sort.Field)!.Type;
        return
        [
            .. engine
                .Lexical!.Fresh()
                .Values(sort.Field, [.. hits.Select(hit => hit.Ordinal)])
                .Select(v => LexicalMapping.FromLexical(type, v)),
        ];
    }

    private static float[] Unknown(int count)
    {
        var distances = new float[count];
        Array.Fill(distances, float.NaN);
        return distances;
    }
}
