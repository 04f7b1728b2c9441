namespace SearchEngine.Sharding;

/// <summary>Between searches and what of them each shard does.</summary>
internal static class ShardPlans
{
    /// <summary>The part of a search that each shard does.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="queries">The query vectors, in the order of the plan's targets.</param>
    /// <param name="statistics">The statistics of all shards; null where there are no words.</param>
    public static ShardSearch OfSearch(SearchPlan plan, IReadOnlyList<ReadOnlyMemory<float>> queries, Lexical.TermStatistics? statistics)
    {
        var request = plan.Request;
        return new ShardSearch
        {
            Mode = request.Mode,
            Depth = plan.Depth,
            Text = request.Text,
            Keywords = request.Keywords,
            Syntax = request.Syntax,
            TextFields = request.TextFields,
            Statistics = statistics,
            Vectors = [.. plan.Vectors.Zip(queries, (target, vector) => new VectorQuery(target.Field.Name) { Vector = vector })],
            Ef = request.Ef,
            ScoresUnion = plan.ScoresUnion,
            Filter = request.Filter,
            Sort = request.Sort,
            CountTotal = request.CountTotal,
            Facets = request.Facets,
            SnippetField = request.SnippetField,
            SnippetLength = request.SnippetLength,
            ExplainKey = request.ExplainKey,
        };
    }

    /// <summary>What a shard does, checked against its schema.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static SearchPlan OfShard(CollectionSchema schema, ShardSearch search)
    {
        if (search.Vectors.Any(query => query.Vector is null))
            throw new ArgumentException("A shard embeds nothing: give each vector query its vector.");
        var plan = SearchPlan.Make(
            schema,
            new SearchRequest
            {
                Mode = search.Mode,
                Top = search.Depth,
                Text = search.Text,
                Keywords = search.Keywords,
                Syntax = search.Syntax,
                TextFields = search.TextFields,
                VectorQueries = search.Mode == SearchMode.Keyword ? [] : search.Vectors,
                Ef = search.Ef,
                Filter = search.Filter,
                Sort = search.Sort,
                CountTotal = search.CountTotal,
                // Of values that are frequent in all shards together, each shard may hold few.
                Facets = [.. search.Facets.Select(facet => facet with { Top = int.MaxValue })],
                SnippetField = search.SnippetField,
                SnippetLength = search.SnippetLength,
                CorrectSpelling = false,
            }
        );
        return plan with
        {
            FirstDepth = search.Depth,
            Depth = search.Depth,
            Keyword = plan.Keyword is null ? null : plan.Keyword with { Top = search.Depth, Statistics = search.Statistics },
            SnippetQuery = plan.SnippetQuery is null ? null : plan.SnippetQuery with { Statistics = search.Statistics },
        };
    }
}
