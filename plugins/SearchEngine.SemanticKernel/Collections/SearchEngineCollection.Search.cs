using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

public partial class SearchEngineCollection<TKey, TRecord>
{
    /// <inheritdoc />
    /// <remarks>
    /// Scores have the value and direction of the property's distance function. <see cref="VectorSearchOptions{TRecord}.ScoreThreshold"/>
    /// is inclusive
    /// and in the same direction. <see cref="SearchEngineSearchOptions{TRecord}"/> brings the engine's own options.
    /// </remarks>
    /// <exception cref="VectorStoreException">The collection does not exist, or the database failed.</exception>
    /// <exception cref="NotSupportedException">The search value is no vector and there is no generator; vectors are asked for that a
    /// generator made.</exception>
    /// <exception cref="InvalidOperationException">Several vector properties and none is named; the generator does not take such
    /// values.</exception>
    public override IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue,
        int top,
        VectorSearchOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new VectorSearchOptions<TRecord>();
        var property = _model.GetVectorPropertyOrSingle(options);
        var request = new SearchRequest
        {
            Mode = SearchMode.Vector,
            VectorField = property.StorageName,
            Top = top,
            Skip = options.Skip,
            Filter = Translate(options.Filter),
            IncludeVectors = CheckIncludeVectors(options.IncludeVectors),
            Ef = (options as SearchEngineSearchOptions<TRecord>)?.Ef ?? 0,
        };
        return SearchVectorsAsync(property, searchValue, request, options.ScoreThreshold, cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>
    /// The two rankings are fused as <see cref="FusionOptions"/> say; the score is the fused one, larger is better, and
    /// <see cref="HybridSearchOptions{TRecord}.ScoreThreshold"/> compares with it. <see cref="SearchEngineHybridSearchOptions{TRecord}"/>
    /// brings the
    /// engine's own options. Without keywords the vector ranking answers alone.
    /// </remarks>
    /// <inheritdoc cref="SearchAsync{TInput}" path="/exception" />
    public IAsyncEnumerable<VectorSearchResult<TRecord>> HybridSearchAsync<TInput>(
        TInput searchValue,
        ICollection<string> keywords,
        int top,
        HybridSearchOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default
    )
        where TInput : notnull
    {
        var (property, request) = ToHybridRequest(searchValue, keywords, top, options);
        return HybridAsync(property, searchValue, request, cancellationToken);
    }

    private (VectorPropertyModel Property, SearchRequest Request) ToHybridRequest<TInput>(
        TInput searchValue,
        ICollection<string> keywords,
        int top,
        HybridSearchOptions<TRecord>? options
    )
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentNullException.ThrowIfNull(keywords);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new HybridSearchOptions<TRecord>();
        var own = options as SearchEngineHybridSearchOptions<TRecord>;
        var property = _model.GetVectorPropertyOrSingle(new VectorSearchOptions<TRecord> { VectorProperty = options.VectorProperty });
        var textField =
            own is { AllTextProperties: true } && options.AdditionalProperty is null
                ? null
                : PropertyChoice.FullText(_model, options.AdditionalProperty).StorageName;
        return (
            property,
            new SearchRequest
            {
                Mode = SearchMode.Hybrid,
                VectorField = property.StorageName,
                Keywords = [.. keywords.Where(k => !string.IsNullOrWhiteSpace(k))],
                TextFields = own is { AllTextProperties: true } || textField is null ? null : [textField],
                SnippetField = own is { IncludeSnippet: true } ? textField ?? FirstTextField() : null,
                Top = top,
                Skip = options.Skip,
                Filter = Translate(options.Filter),
                IncludeVectors = CheckIncludeVectors(options.IncludeVectors),
                MinimumScore = options.ScoreThreshold,
                Ef = own?.Ef ?? 0,
                Fusion = _embeddings.Complete(own?.Fusion ?? _options.Fusion, property),
            }
        );
    }

    private async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchVectorsAsync<TInput>(
        VectorPropertyModel property,
        TInput searchValue,
        SearchRequest request,
        double? threshold,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where TInput : notnull
    {
        var distance = DistanceMapping.Find(property.DistanceFunction);
        var hits = await RunSearchAsync(
                Operations.Search,
                property,
                searchValue,
                collection =>
                {
                    var stored = collection.Schema.FindVector(property.StorageName);
                    if (stored is not null && stored.Metric != distance.Metric)
                    {
                        distance = property.DistanceFunction is null
                            ? DistanceMapping.FindDefault(stored.Metric)
                            : throw new InvalidOperationException(
                                $"Vector property '{property.ModelName}' asks for {property.DistanceFunction}; the stored collection compares by {stored.Metric}."
                            );
                    }

                    return threshold is { } t ? request with { MaximumDistance = distance.ToMaximumDistance(t) } : request;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var hit in hits)
        {
            var score = distance.ToScore(
                hit.Distance ?? throw new InvalidOperationException($"Search of '{Name}' returned a hit without a distance.")
            );
            if (threshold is { } t && !distance.Passes(score, t))
                continue;
            yield return new VectorSearchResult<TRecord>(_mapper.FromDocument(hit.Document, request.IncludeVectors), score);
        }
    }

    private async IAsyncEnumerable<VectorSearchResult<TRecord>> HybridAsync<TInput>(
        VectorPropertyModel property,
        TInput searchValue,
        SearchRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where TInput : notnull
    {
        foreach (var hit in await RunHybridAsync(property, searchValue, request, cancellationToken).ConfigureAwait(false))
            yield return new VectorSearchResult<TRecord>(_mapper.FromDocument(hit.Document, request.IncludeVectors), hit.Score);
    }

    private Task<IReadOnlyList<SearchHit>> RunHybridAsync<TInput>(
        VectorPropertyModel property,
        TInput searchValue,
        SearchRequest request,
        CancellationToken cancellationToken
    )
        where TInput : notnull => RunSearchAsync(Operations.HybridSearch, property, searchValue, _ => request, cancellationToken);

    private async Task<IReadOnlyList<SearchHit>> RunSearchAsync<TInput>(
        string operation,
        VectorPropertyModel property,
        TInput searchValue,
        Func<ISearchCollection, SearchRequest> request,
        CancellationToken cancellationToken
    )
        where TInput : notnull
    {
        var vector = await _embeddings.EmbedQueryAsync(property, searchValue, cancellationToken).ConfigureAwait(false);
        if (vector.Length != property.Dimensions)
        {
            throw new ArgumentException(
                $"The query vector has {vector.Length} components; the vectors of property '{property.ModelName}' have {property.Dimensions}.",
                nameof(searchValue)
            );
        }

        var hits = await _runner
            .RunAsync(
                operation,
                Name,
                async (ISearchCollection collection) =>
                {
                    CheckEmbeddingModel(collection);
                    var complete = request(collection) with { Vector = vector };

                    // More than there is cannot be found: callers who want everything say int.MaxValue, and the engine has a limit.
                    var top = (int)Math.Clamp(await collection.CountAsync(null, cancellationToken).ConfigureAwait(false), 1, complete.Top);
                    return await collection.SearchAsync(complete with { Top = top }, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        _runner.CountReturned(operation, Name, hits.Count);
        return hits;
    }
}
