using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <content>What the abstraction has no words for.</content>
public partial class SearchEngineCollection<TKey, TRecord>
{
    /// <summary>How many records there are, or match the filter.</summary>
    /// <exception cref="VectorStoreException">The collection does not exist, or the database failed.</exception>
    public Task<long> CountAsync(Expression<Func<TRecord, bool>>? filter = null, CancellationToken cancellationToken = default)
    {
        var documentFilter = Translate(filter);
        return _runner.RunAsync(
            Operations.Count,
            Name,
            (ISearchCollection collection) => collection.CountAsync(documentFilter, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>All keys, in no particular order, read as they are taken: what is there can be compared with what should be.</summary>
    /// <inheritdoc cref="CountAsync" path="/exception" />
    public async IAsyncEnumerable<TKey> ListKeysAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var keys = await _runner
            .RunAsync(
                Operations.ListKeys,
                Name,
                (ISearchCollection collection) =>
                    Task.FromResult(collection.ListKeysAsync(cancellationToken).GetAsyncEnumerator(cancellationToken)),
                cancellationToken
            )
            .ConfigureAwait(false);
        await using (keys.ConfigureAwait(false))
        {
            while (await MoveNextAsync(keys, Operations.ListKeys).ConfigureAwait(false))
                yield return (TKey)keys.Current.Value;
        }
    }

    /// <summary>A hybrid search whose results say how each came by its score, and bring a snippet where the options ask for one.</summary>
    /// <inheritdoc cref="SearchAsync{TInput}" path="/exception" />
    public IAsyncEnumerable<SearchEngineSearchResult<TRecord>> ExplainAsync<TInput>(
        TInput searchValue,
        ICollection<string> keywords,
        int top,
        HybridSearchOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default
    )
        where TInput : notnull
    {
        var (property, request) = ToHybridRequest(searchValue, keywords, top, options);
        return ExplainCoreAsync(property, searchValue, request with { Explain = true }, cancellationToken);
    }

    /// <summary>A search by keywords alone (BM25): no vector, no generator. The text is analyzed as the stored texts were.</summary>
    /// <param name="text">The query.</param>
    /// <param name="top">Results at most, at least 1.</param>
    /// <param name="options">The vector options in it are passed over.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="VectorStoreException">The collection does not exist, or the database failed.</exception>
    /// <exception cref="InvalidOperationException">No full-text property, or several and none is named.</exception>
    public IAsyncEnumerable<SearchEngineSearchResult<TRecord>> KeywordSearchAsync(
        string text,
        int top,
        SearchEngineHybridSearchOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var all = options is { AllTextProperties: true };
        var field = all ? null : PropertyChoice.FullText(_model, options?.AdditionalProperty).StorageName;
        return KeywordCoreAsync(
            new SearchRequest
            {
                Mode = SearchMode.Keyword,
                Text = text,
                TextFields = field is null ? null : [field],
                SnippetField = options is { IncludeSnippet: true } ? field ?? FirstTextField() : null,
                Top = top,
                Skip = options?.Skip ?? 0,
                Filter = Translate(options?.Filter),
                IncludeVectors = CheckIncludeVectors(options?.IncludeVectors),
                MinimumScore = options?.ScoreThreshold,
                Explain = true,
            },
            cancellationToken
        );
    }

    /// <summary>
    /// A search of the engine's own, with all that <see cref="SearchRequest"/> has and the abstraction has not: totals, facets, an order by a
    /// field, groups, a reranker, diversity, boosts, several vectors, what became of one record. Fields are named as they are stored
    /// (a property's StorageName, else its name); texts are embedded by the properties' generators.
    /// </summary>
    /// <param name="request">The search.</param>
    /// <param name="filter">What records must fit, beside the request's own filter; null for nothing.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="ArgumentException">The request does not fit the collection; the message names the part.</exception>
    /// <exception cref="NotSupportedException">There is no generator for a text, or vectors are asked for that a generator made.</exception>
    /// <inheritdoc cref="CountAsync" path="/exception" />
    public async Task<SearchEngineSearchResults<TRecord>> FindAsync(
        SearchRequest request,
        Expression<Func<TRecord, bool>>? filter = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckIncludeVectors(request.IncludeVectors);
        if (Translate(filter) is { } translated)
            request = request with { Filter = request.Filter is { } given ? given & translated : translated };
        request = await new RequestEmbedder(_model, _embeddings).CompleteAsync(request, cancellationToken).ConfigureAwait(false);
        var results = await _runner
            .RunAsync(
                Operations.Find,
                Name,
                (ISearchCollection collection) =>
                {
                    CheckEmbeddingModel(collection);
                    return collection.FindAsync(request, cancellationToken);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        _runner.CountReturned(Operations.Find, Name, results.Hits.Count);
        return new SearchEngineSearchResults<TRecord>([.. results.Hits.Select(hit => ToResult(hit, request))])
        {
            Total = results.Total,
            Facets = results.Facets,
            Correction = results.Correction,
            Rerank = results.Rerank,
            Verdict = results.Verdict,
        };
    }

    /// <summary>Brings everything written so far into one checkpoint on disk, so that opening the collection replays nothing.</summary>
    /// <inheritdoc cref="CountAsync" path="/exception" />
    public Task CheckpointAsync(CancellationToken cancellationToken = default) =>
        _runner.RunAsync(
            Operations.Checkpoint,
            Name,
            async (ISearchDatabase database) =>
            {
                var collection = await database.GetCollectionAsync(Name, cancellationToken).ConfigureAwait(false);
                await collection.RequireLocal("A checkpoint").CheckpointAsync(cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken
        );

    /// <summary>
    /// Copies the collection as it is now into a folder that does not exist yet, while searches go on. <see cref="RestoreSnapshotAsync"/>
    /// puts it back.
    /// </summary>
    /// <exception cref="ArgumentException">The folder exists.</exception>
    /// <inheritdoc cref="CountAsync" path="/exception" />
    public Task CreateSnapshotAsync(string directory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return _runner.RunAsync(
            Operations.Snapshot,
            Name,
            async (ISearchDatabase database) =>
            {
                var collection = await database.GetCollectionAsync(Name, cancellationToken).ConfigureAwait(false);
                await collection
                    .RequireLocal("A snapshot in a folder")
                    .CreateSnapshotAsync(directory, null, cancellationToken)
                    .ConfigureAwait(false);
                return true;
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Takes a snapshot folder of this collection in; the collection must not exist. It gets the name that it had when the snapshot was
    /// made.
    /// </summary>
    /// <exception cref="VectorStoreException">It exists, the snapshot is incomplete, or the database failed.</exception>
    public Task RestoreSnapshotAsync(string directory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return _runner.RunAsync(
            Operations.Restore,
            Name,
            (ISearchDatabase database) =>
                database.RequireLocal("A snapshot in a folder").RestoreCollectionAsync(directory, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>Checks the collection's views against each other; takes a while on a large collection, changes nothing.</summary>
    /// <inheritdoc cref="CountAsync" path="/exception" />
    public Task<VerificationReport> VerifyAsync(CancellationToken cancellationToken = default) =>
        _runner.RunAsync(
            Operations.Verify,
            Name,
            async (ISearchDatabase database) =>
            {
                var collection = await database.GetCollectionAsync(Name, cancellationToken).ConfigureAwait(false);
                return await ((IVerifiableCollection)collection).VerifyAsync(null, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken
        );

    /// <summary>The engine's collection under this one, for everything else it can do.</summary>
    /// <inheritdoc cref="CountAsync" path="/exception" />
    public Task<SearchCollection> GetSearchCollectionAsync(CancellationToken cancellationToken = default) =>
        _runner.RunAsync(
            Operations.Get,
            Name,
            async (ISearchDatabase database) =>
                (await database.GetCollectionAsync(Name, cancellationToken).ConfigureAwait(false)).RequireLocal("A SearchCollection"),
            cancellationToken
        );

    private async IAsyncEnumerable<SearchEngineSearchResult<TRecord>> ExplainCoreAsync<TInput>(
        VectorPropertyModel property,
        TInput searchValue,
        SearchRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where TInput : notnull
    {
        foreach (var hit in await RunHybridAsync(property, searchValue, request, cancellationToken).ConfigureAwait(false))
            yield return ToResult(hit, request);
    }

    private async IAsyncEnumerable<SearchEngineSearchResult<TRecord>> KeywordCoreAsync(
        SearchRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var hits = await _runner
            .RunAsync(
                Operations.KeywordSearch,
                Name,
                (ISearchCollection collection) => collection.SearchAsync(request, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        _runner.CountReturned(Operations.KeywordSearch, Name, hits.Count);
        foreach (var hit in hits)
            yield return ToResult(hit, request);
    }

    private string? FirstTextField() =>
        _model.DataProperties.FirstOrDefault(p => p.IsFullTextIndexed && p.Type == typeof(string))?.StorageName;

    private SearchEngineSearchResult<TRecord> ToResult(SearchHit hit, SearchRequest request) =>
        new(_mapper.FromDocument(hit.Document, request.IncludeVectors), hit.Score, hit.Explanation)
        {
            Snippet = hit.Snippet,
            Distance = hit.Distance,
            Group = hit.Group,
        };
}
