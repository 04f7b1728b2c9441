using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

public partial class SearchEngineCollection<TKey, TRecord>
{
    /// <inheritdoc />
    /// <exception cref="VectorStoreException">The collection does not exist, or the database failed.</exception>
    public override Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var includeVectors = CheckIncludeVectors(options?.IncludeVectors);
        var recordKey = ToRecordKey(key);
        return _runner.RunAsync(
            Operations.Get,
            Name,
            async (ISearchCollection collection) =>
                await collection.GetAsync(recordKey, includeVectors, cancellationToken).ConfigureAwait(false) is { } document
                    ? _mapper.FromDocument(document, includeVectors)
                    : null,
            cancellationToken
        );
    }

    /// <summary>The records of those keys that exist, in the order of the keys, read as one batch.</summary>
    /// <inheritdoc cref="GetAsync(TKey, RecordRetrievalOptions?, CancellationToken)" path="/exception" />
    public override IAsyncEnumerable<TRecord> GetAsync(
        IEnumerable<TKey> keys,
        RecordRetrievalOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        var includeVectors = CheckIncludeVectors(options?.IncludeVectors);
        return GetManyAsync(ToRecordKeys(keys), includeVectors, cancellationToken);
    }

    /// <summary>
    /// Records that match a filter, in the order asked for; without one by their place in the collection, which is stable while nothing is
    /// written, so that paging with Skip sees each record once.
    /// </summary>
    /// <inheritdoc cref="GetAsync(TKey, RecordRetrievalOptions?, CancellationToken)" path="/exception" />
    public override IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var query = new RecordQuery
        {
            Filter = Translate(filter),
            OrderBy = ToSortKeys(options),
            Skip = options?.Skip ?? 0,
            Top = top,
            IncludeVectors = CheckIncludeVectors(options?.IncludeVectors),
        };
        return QueryAsync(query, cancellationToken);
    }

    private async IAsyncEnumerable<TRecord> GetManyAsync(
        List<RecordKey> keys,
        bool includeVectors,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (keys.Count == 0)
            yield break;
        var documents = await _runner
            .RunAsync(
                Operations.Get,
                Name,
                (ISearchCollection collection) => collection.GetAsync(keys, includeVectors, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        _runner.CountReturned(Operations.Get, Name, documents.Count);
        foreach (var document in documents)
            yield return _mapper.FromDocument(document, includeVectors);
    }

    private async IAsyncEnumerable<TRecord> QueryAsync(RecordQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Records are read as the caller takes them: a query over a whole collection does not hold it in memory.
        var (documents, moved) = await _runner
            .RunAsync(
                Operations.Query,
                Name,
                async (ISearchCollection collection) =>
                {
                    var enumerator = collection.QueryAsync(query, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    try
                    {
                        return (enumerator, await enumerator.MoveNextAsync().ConfigureAwait(false));
                    }
                    catch
                    {
                        await enumerator.DisposeAsync().ConfigureAwait(false);
                        throw;
                    }
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var rows = 0L;
        await using (documents.ConfigureAwait(false))
        {
            while (moved)
            {
                rows++;
                yield return _mapper.FromDocument(documents.Current, query.IncludeVectors);
                moved = await MoveNextAsync(documents, Operations.Query).ConfigureAwait(false);
            }
        }

        _runner.CountReturned(Operations.Query, Name, rows);
    }

    private async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> enumerator, string operation)
    {
        try
        {
            return await enumerator.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (OperationRunner.IsEngineFailure(e))
        {
            throw _runner.Wrap(e, operation, Name);
        }
    }

    /// <summary>A vector that a generator made of another input cannot be put back into the property that held the input.</summary>
    private bool CheckIncludeVectors(bool? includeVectors) =>
        includeVectors is true && _model.EmbeddingGenerationRequired
            ? throw new NotSupportedException(VectorDataStrings.IncludeVectorsNotSupportedWithEmbeddingGeneration)
            : includeVectors ?? false;

    private List<SortKey> ToSortKeys(FilteredRecordRetrievalOptions<TRecord>? options)
    {
        var sortKeys = new List<SortKey>();
        if (options?.OrderBy is not { } orderBy)
            return sortKeys;
        foreach (var sort in orderBy(new()).Values)
        {
            var property = _model.GetDataOrKeyProperty(sort.PropertySelector);
            var field = property switch
            {
                KeyPropertyModel => DocumentFilter.KeyField,
                DataPropertyModel => property.StorageName,
                _ => throw new InvalidOperationException($"Records cannot be ordered by the vector property '{property.ModelName}'."),
            };
            sortKeys.Add(new SortKey(field, Descending: !sort.Ascending));
        }

        return sortKeys;
    }

    private DocumentFilter? Translate(Expression<Func<TRecord, bool>>? filter) =>
        filter is null ? null : new SearchEngineFilterTranslator(_model).Translate(filter);

    private RecordKey ToRecordKey(TKey key)
    {
        object value = key;
        var type = _model.KeyProperty.Type;
        return value.GetType() == type
            ? RecordKey.FromObject(value)
            : throw new ArgumentException(
                $"The keys of collection '{Name}' are of type '{type.Name}'; got '{value.GetType().Name}'.",
                nameof(key)
            );
    }

    private List<RecordKey> ToRecordKeys(IEnumerable<TKey> keys)
    {
        var result = new List<RecordKey>();
        foreach (var key in keys)
        {
            if (key is null)
                throw new ArgumentException("A key is null.", nameof(keys));
            result.Add(ToRecordKey(key));
        }

        return result;
    }
}
