namespace SearchEngine.Sharding;

/// <summary>Collections as shards of a larger one.</summary>
public static class SearchCollectionSharding
{
    /// <summary>The collection as one shard of a larger one.</summary>
    public static ISearchShard AsShard(this SearchCollection collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return collection.Engine.Shard;
    }

    /// <summary>As <see cref="SearchCollection.WriteAsync"/>, with a version and metadata that come from outside.</summary>
    /// <exception cref="ArgumentException">An operation does not fit the schema.</exception>
    /// <exception cref="SearchDatabaseException">As the other; of a version conflict nothing is written, the stamp neither.</exception>
    public static Task<WriteResult> WriteAsync(
        this SearchCollection collection,
        WriteBatch batch,
        WriteStamp stamp,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(stamp);
        collection.Engine.ThrowIfNotWritable();
        return collection.Engine.WriteAsync(batch, cancellationToken, stamp);
    }

    /// <summary>The operations of a batch by the partition of their keys, in their order; metadata by the partition of its name.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="partitions">How many partitions there are.</param>
    public static IReadOnlyDictionary<int, WriteBatch> Partition(this WriteBatch batch, int partitions)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var parts = new SortedDictionary<int, WriteBatch>();
        foreach (var operation in batch.Operations)
        {
            var key = operation.Kind == WriteOperationKind.SetMetadata ? RecordKey.From(operation.MetadataName!) : operation.Key;
            var partition = key.PartitionOf(partitions);
            if (!parts.TryGetValue(partition, out var part))
                parts[partition] = part = new WriteBatch();
            part.Operations.Add(operation);
        }

        return parts;
    }

    /// <summary>The documents of a batch, in the order of its operations.</summary>
    public static IEnumerable<Document> Documents(this WriteBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Operations.Select(operation => operation.Document).OfType<Document>();
    }

    /// <summary>Whether an operation of a batch expects a version, so that the whole batch may be refused.</summary>
    public static bool HasExpectations(this WriteBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Operations.Exists(operation => operation.Expected is not null);
    }

    /// <summary>The names of the metadata that a batch sets.</summary>
    public static IEnumerable<string> MetadataNames(this WriteBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Operations.Where(operation => operation.Kind == WriteOperationKind.SetMetadata).Select(o => o.MetadataName!);
    }
}
