using System.Diagnostics;
using SearchEngine.Moments;

namespace SearchEngine.Reading;

/// <summary>Has a reranker read the best candidates and puts them into their new order. Thread-safe.</summary>
internal sealed class RerankStep(CollectionSchema schema, ICandidateSource source, IReranker? standard)
{
    /// <summary>
    /// Passages handed over at a time, so that a search whose time is over has the scores of the best: enough for models that compute
    /// several together.
    /// </summary>
    private const int PassagesAtATime = 16;

    /// <summary>Reads and orders.</summary>
    /// <param name="plan">A search with <see cref="SearchRequest.Rerank"/>.</param>
    /// <param name="ranked">The candidates in their order.</param>
    /// <param name="lease">The moment in which the candidates are visible; null where they were fetched before.</param>
    /// <param name="cancellationToken">Stops the reader too.</param>
    /// <exception cref="ArgumentException">There is no reranker, no such field, or nothing to read.</exception>
    /// <exception cref="InvalidOperationException">The reranker gave too few numbers, or one that is none.</exception>
    public async Task<(IReadOnlyList<RankFusion.Fused> Ranked, RerankReport Report)> ReadAsync(
        SearchPlan plan,
        IReadOnlyList<RankFusion.Fused> ranked,
        ReadLease? lease,
        CancellationToken cancellationToken
    )
    {
        var options = plan.Request.Rerank!;
        var reranker = RerankerOf(options);
        var passages = Passages(FieldsOf(options, plan), ranked.Take(options.Candidates), lease);
        var query = plan.Request.Text is { Length: > 0 } text ? text : string.Join(' ', plan.Request.Keywords!);
        var watch = Stopwatch.StartNew();
        var scores = await ScoresAsync(reranker, query, passages, options.Budget, cancellationToken).ConfigureAwait(false);
        var report = new RerankReport(reranker.Name, scores.Count, passages.Count, watch.Elapsed.TotalSeconds);
        return (RerankOrder.Apply(ranked, passages.Count, scores, options.Weight ?? WeightOf(reranker), RerankOrder.LeastOf(plan)), report);
    }

    /// <summary>The reranker of a request.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IReranker RerankerOf(RerankOptions options) =>
        options.Reranker
        ?? standard
        ?? throw new ArgumentException(
            "The search asks for a reranker, but brings none, and the database has none: set RerankOptions.Reranker or SearchDatabaseOptions.Reranker."
        );

    private static double WeightOf(IReranker reranker) =>
        reranker.Weight is >= 0 and <= 1 and var weight
            ? weight
            : throw new InvalidOperationException(
                $"The reranker '{reranker.Name}' gives {reranker.Weight} as its weight: it must be 0 to 1."
            );

    private static async Task<List<double>> ScoresAsync(
        IReranker reranker,
        string query,
        List<string> passages,
        TimeSpan? budget,
        CancellationToken cancellationToken
    )
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (budget is { } limit)
            time.CancelAfter(limit);
        var scores = new List<double>(passages.Count);
        foreach (var chunk in passages.Chunk(budget is null ? Math.Max(1, passages.Count) : PassagesAtATime))
        {
            if (time.IsCancellationRequested && scores.Count > 0)
                break;
            try
            {
                var read = await reranker.ScoreAsync(query, chunk, time.Token).WaitAsync(time.Token).ConfigureAwait(false);
                if (read.Count != chunk.Length)
                {
                    throw new InvalidOperationException(
                        $"The reranker '{reranker.Name}' gave {read.Count} scores for {chunk.Length} passages."
                    );
                }
                scores.AddRange(read);
            }
            catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (scores.Exists(score => !double.IsFinite(score)))
            throw new InvalidOperationException($"The reranker '{reranker.Name}' gave a score that is not a finite number.");
        return scores;
    }

    private List<string> Passages(IReadOnlyList<string> fields, IEnumerable<RankFusion.Fused> candidates, ReadLease? lease)
    {
        if (lease is null)
            return Passages(fields, candidates);
        using var step = lease.Step();
        return Passages(fields, candidates);
    }

    private List<string> Passages(IReadOnlyList<string> fields, IEnumerable<RankFusion.Fused> candidates)
    {
        var passages = new List<string>();
        foreach (var candidate in candidates)
        {
            var document = source.Read(candidate.Ordinal, includeVectors: false);
            passages.Add(string.Join('\n', fields.SelectMany(field => TextsOf(document[field])).Distinct(StringComparer.Ordinal)));
        }

        return passages;
    }

    private static IEnumerable<string> TextsOf(object? value) =>
        value switch
        {
            string { Length: > 0 } text => [text],
            IEnumerable<string> texts => texts.Where(text => text.Length > 0),
            _ => [],
        };

    private IReadOnlyList<string> FieldsOf(RerankOptions options, SearchPlan plan)
    {
        if (options.Fields is { } named)
        {
            foreach (var name in named)
            {
                if (schema.FindField(name) is not { Type: DataFieldType.String })
                    throw new ArgumentException($"'{name}' is no text field of collection '{schema.Name}', so no reranker reads it.");
            }
            if (named.Count > 0)
                return named;
        }

        string[] texts = [.. schema.Fields.Where(field => field.IsFullText).Select(field => field.Name)];
        if (texts.Length > 0)
            return texts;
        return plan.Vector?.SourceField is { } source
            ? [source]
            : throw new ArgumentException(
                $"Collection '{schema.Name}' has no text for a reranker to read: name the fields (RerankOptions.Fields)."
            );
    }
}
