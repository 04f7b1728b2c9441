using SearchEngine.Lexical;
using SearchEngine.Moments;

namespace SearchEngine.Sharding;

/// <summary>A collection in this process as a shard of a larger one. Thread-safe.</summary>
internal sealed class CollectionShard(CollectionEngine engine) : ISearchShard
{
    private readonly SearchMoments _moments = new();
    private readonly CandidateFinder _finder = new(engine);

    public Task<ShardTerms> GetTermStatisticsAsync(ShardQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Run(
            lexical =>
            {
                var statistics = lexical.Statistics(SearchPlan.WordsOf(engine.Schema, query.Text, query.Keywords, query.Syntax));
                return new ShardTerms(statistics, query is { CorrectSpelling: true, Text: { } text } ? lexical.UnknownWords(text) : []);
            },
            () => new ShardTerms(TermStatistics.None, []),
            cancellationToken
        );
    }

    public Task<IReadOnlyList<IReadOnlyList<LexicalWordCount>>> GetNeighborsAsync(
        IReadOnlyList<string> words,
        CancellationToken cancellationToken = default
    ) =>
        Run<IReadOnlyList<IReadOnlyList<LexicalWordCount>>>(
            lexical => [.. words.Select(lexical.Neighbors)],
            () => [.. words.Select(_ => (IReadOnlyList<LexicalWordCount>)[])],
            cancellationToken
        );

    public Task<LexicalCompletions?> GetCompletionsAsync(string text, int limit, CancellationToken cancellationToken = default) =>
        Run(lexical => lexical.Completions(text, limit), () => null, cancellationToken);

    public Task<ShardTogether> CountTogetherAsync(
        IReadOnlyList<string> words,
        IReadOnlyList<string> others,
        CancellationToken cancellationToken = default
    ) =>
        Run(
            lexical =>
            {
                var (documents, counts) = lexical.CountTogether(words, others);
                return new ShardTogether(documents, counts);
            },
            () => new ShardTogether(0, new long[others.Count]),
            cancellationToken
        );

    public async Task<ShardCandidates> FindCandidatesAsync(ShardSearch search, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        engine.ThrowIfClosed();
        var plan = ShardPlans.OfShard(engine.Schema, search);
        while (true)
        {
            var moment = new SearchMoment(plan, engine.Timeline.Lease());
            try
            {
                var found = await _finder.FindAsync(search, plan, moment.Lease, cancellationToken).ConfigureAwait(false);
                return found with { Moment = _moments.Keep(moment) };
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.SnapshotTooOld)
            {
                moment.Dispose();
            }
            catch
            {
                moment.Dispose();
                throw;
            }
        }
    }

    public Task<IReadOnlyList<ShardRecord>> ReadAsync(ShardRead read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        engine.ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return read.Records.Length == 0
                ? Task.FromResult<IReadOnlyList<ShardRecord>>([])
                : Task.FromResult<IReadOnlyList<ShardRecord>>(Records(read));
        }
        finally
        {
            if (read.Release)
                _moments.Release(read.Moment);
        }
    }

    private ShardRecord[] Records(ShardRead read)
    {
        var moment =
            _moments.Find(read.Moment)
            ?? throw engine.Errors.Failed(
                SearchDatabaseError.SnapshotTooOld,
                $"The moment of a search of collection '{engine.Schema.Name}' is not known here: search again."
            );
        using var step = moment.Lease.Step();
        return Array.ConvertAll(
            read.Records,
            record =>
            {
                var document = engine.Source.Read(record, read.IncludeVectors);
                return new ShardRecord(
                    document,
                    read.Snippets ? engine.Source.SnippetOf(moment.Plan, record, document) : null,
                    read.Terms ? engine.Source.TermsOf(moment.Plan, record) : []
                );
            }
        );
    }

    /// <summary>Asks the keyword index; where the collection has none, there is nothing to say.</summary>
    private Task<T> Run<T>(Func<LexicalIndex, T> ask, Func<T> nothing, CancellationToken cancellationToken)
    {
        engine.ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        if (engine.Lexical is null || !engine.Schema.Fields.Any(field => field.IsFullText))
            return Task.FromResult(nothing());
        using var reading = engine.Timeline.Enter();
        return Task.FromResult(ask(engine.Lexical.Fresh()));
    }
}
