using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel;

public partial class SearchEngineCollection<TKey, TRecord>
{
    /// <inheritdoc />
    /// <exception cref="VectorStoreException">The collection does not exist, or the database failed.</exception>
    /// <exception cref="ArgumentException">A vector has another length than its property says.</exception>
    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertBatchAsync([record], cancellationToken);
    }

    /// <summary>
    /// Inserts or replaces records, in batches of <see cref="SearchEngineCollectionOptions.UpsertBatchSize"/>. Each batch is atomic: after
    /// a crash
    /// all of it is there or none, and where one of its records is refused none of it is stored; the batches before it are.
    /// </summary>
    /// <inheritdoc cref="UpsertAsync(TRecord, CancellationToken)" path="/exception" />
    public override Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        return UpsertAllAsync(records, cancellationToken);
    }

    /// <inheritdoc />
    /// <exception cref="VectorStoreException">The collection does not exist, or the database failed.</exception>
    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return DeleteManyAsync([ToRecordKey(key)], cancellationToken);
    }

    /// <summary>Deletes the records of the keys as one atomic batch; keys that are not there are passed over.</summary>
    /// <inheritdoc cref="DeleteAsync(TKey, CancellationToken)" path="/exception" />
    public override Task DeleteAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var recordKeys = ToRecordKeys(keys);
        return recordKeys.Count == 0 ? Task.CompletedTask : DeleteManyAsync(recordKeys, cancellationToken);
    }

    /// <summary>Deletes every record that matches; returns how many there were.</summary>
    /// <inheritdoc cref="DeleteAsync(TKey, CancellationToken)" path="/exception" />
    public Task<long> DeleteAsync(Expression<Func<TRecord, bool>> filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var documentFilter = Translate(filter)!;
        return _runner.RunAsync(
            Operations.Delete,
            Name,
            (ISearchCollection collection) => collection.DeleteAsync(documentFilter, cancellationToken),
            cancellationToken
        );
    }

    private Task<WriteResult> DeleteManyAsync(IReadOnlyCollection<RecordKey> keys, CancellationToken cancellationToken) =>
        _runner.RunAsync(
            Operations.Delete,
            Name,
            (ISearchCollection collection) => collection.DeleteAsync(keys, cancellationToken),
            cancellationToken
        );

    private async Task UpsertAllAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken)
    {
        foreach (var batch in records.Chunk(_options.UpsertBatchSize))
        {
            if (Array.Exists(batch, static record => record is null))
                throw new ArgumentException("A record is null.", nameof(records));
            await UpsertBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task UpsertBatchAsync(TRecord[] records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < records.Length; i++)
            _mapper.CheckNames(records[i], i);
        var vectors = await EmbedAsync(records, cancellationToken).ConfigureAwait(false);
        await _runner
            .RunAsync(
                Operations.Upsert,
                Name,
                async (ISearchCollection collection) =>
                {
                    CheckEmbeddingModel(collection);
                    var newKeys = new List<(TRecord Record, RecordKey Key)>();
                    var batch = await ToBatchAsync(collection, records, vectors, newKeys, cancellationToken).ConfigureAwait(false);
                    var result = await collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    foreach (var (record, key) in newKeys)
                        _mapper.WriteKey(record, key);
                    return result;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// What an upsert comes to: the record replaces what is stored, except for vectors that it was read without and for what the model does
    /// not have, which stay.
    /// </summary>
    private async Task<WriteBatch> ToBatchAsync(
        ISearchCollection collection,
        TRecord[] records,
        ReadOnlyMemory<float>?[]?[] vectors,
        List<(TRecord Record, RecordKey Key)> newKeys,
        CancellationToken cancellationToken
    )
    {
        var generated = new ReadOnlyMemory<float>?[_model.VectorProperties.Count];
        var keyProperty = _model.KeyProperty;
        var keys = keyProperty.IsAutoGenerated ? KeyGenerator.For(collection) : null;
        var isPartial = IsPartial(collection.Schema);
        var batch = new WriteBatch();
        var kept = new List<RecordKey>();
        for (var i = 0; i < records.Length; i++)
        {
            if (_mapper.ReadKey(records[i]) is { } key)
            {
                keys?.Observe(key);
            }
            else
            {
                key = await keys!.NextAsync(collection, keyProperty.Type, cancellationToken).ConfigureAwait(false);
                newKeys.Add((records[i], key));
            }

            for (var v = 0; v < generated.Length; v++)
                generated[v] = vectors[v]?[i];
            var document = _mapper.ToDocument(records[i], key, generated, out var keepsVectors);
            if (keepsVectors)
                kept.Add(key);
            else if (isPartial)
                _mapper.NameAbsent(records[i], document);
            if (keepsVectors || isPartial)
                batch.Merge(document);
            else
                batch.Upsert(document);
        }

        await CheckKeptAsync(collection, kept, cancellationToken).ConfigureAwait(false);
        return batch;
    }

    /// <summary>Whether the stored collection has fields that the model has not.</summary>
    private bool IsPartial(CollectionSchema schema) =>
        schema.Fields.Count > _model.DataProperties.Count || schema.Vectors.Count > _model.VectorProperties.Count;

    /// <summary>A record that was read without its vectors can only be put back to where they are.</summary>
    private async Task CheckKeptAsync(ISearchCollection collection, List<RecordKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return;
        var found = await collection.GetAsync(keys, includeVectors: false, cancellationToken).ConfigureAwait(false);
        if (found.Count == keys.Distinct().Count())
            return;
        var present = found.Select(document => document.Key).ToHashSet();
        var missing = keys.First(key => !present.Contains(key));
        throw new InvalidOperationException(
            $"The record with key '{missing}' was read without its vectors, and collection '{Name}' has no record of that key to keep them from. "
                + "Read it with IncludeVectors, or give it its vectors, before it is written to another place."
        );
    }

    /// <summary>The generated vectors: by vector property (null where it has its own), then by record.</summary>
    private async Task<ReadOnlyMemory<float>?[]?[]> EmbedAsync(TRecord[] records, CancellationToken cancellationToken)
    {
        var properties = _model.VectorProperties;
        var vectors = new ReadOnlyMemory<float>?[]?[properties.Count];
        for (var v = 0; v < vectors.Length; v++)
        {
            var property = properties[v];
            if (!SearchEngineMapper<TRecord>.NeedsEmbedding(property))
                continue;
            var inputs = Array.ConvertAll(records, property.GetValueAsObject);
            vectors[v] = await EmbeddingResolver.EmbedDocumentsAsync(property, inputs, cancellationToken).ConfigureAwait(false);
        }

        return vectors;
    }
}
