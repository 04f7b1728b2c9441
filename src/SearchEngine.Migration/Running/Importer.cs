namespace SearchEngine.Migration;

/// <summary>
/// Writes the rows of a foreign store into a collection, by key: records that are there already as the store has them are passed over, so
/// that
/// a second run, or one after an interruption, goes on where the first ended and embeds nothing again. Batches are atomic.
/// </summary>
public static class Importer
{
    /// <summary>Records per write: enough to share an fsync and a batch of embeddings.</summary>
    private const int BatchSize = 256;

    /// <summary>Imports.</summary>
    /// <param name="database">Where the collection is, or is made; it has an embedder where vectors are made anew.</param>
    /// <param name="store">The store, as it was when the mapping was decided.</param>
    /// <param name="mapping">What <see cref="ImportMapping.DecideAsync"/> decided.</param>
    /// <param name="progress">Gets the rows that are dealt with so far; they are durable.</param>
    /// <param name="cancellationToken">Stops between batches; what was written is kept.</param>
    /// <exception cref="MigrationException">The mapping has problems, the collection that exists does not fit, or a value cannot be read
    /// as its
    /// field's type.</exception>
    public static async Task<ImportReport> RunAsync(
        ISearchDatabase database,
        IForeignStore store,
        ImportMapping mapping,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(mapping);
        if (mapping.Problems.Count > 0)
            throw new MigrationException(string.Join("; ", mapping.Problems));
        var collection = await database.CollectionExistsAsync(mapping.Schema.Name, cancellationToken).ConfigureAwait(false)
            ? await ExistingAsync(database, mapping, cancellationToken).ConfigureAwait(false)
            : await database.CreateCollectionAsync(mapping.Schema, cancellationToken).ConfigureAwait(false);
        var report = new ImportReport(collection.Name, 0, 0);
        var documents = new List<Document>(BatchSize);
        await foreach (var row in store.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            documents.Add(DocumentOf(row, mapping));
            if (documents.Count < BatchSize)
                continue;
            report = report.Plus(
                await WriteAsync(collection, documents, mapping, cancellationToken).ConfigureAwait(false),
                documents.Count
            );
            documents.Clear();
            progress?.Report(report.Written + report.Unchanged);
        }

        if (documents.Count > 0)
        {
            report = report.Plus(
                await WriteAsync(collection, documents, mapping, cancellationToken).ConfigureAwait(false),
                documents.Count
            );
        }
        progress?.Report(report.Written + report.Unchanged);
        return report.Written + report.Unchanged == mapping.Rows
            ? report
            : throw new MigrationException(
                $"The store has {report.Written + report.Unchanged} rows now; it had {mapping.Rows} when the mapping was "
                    + "decided. Import again when nothing writes to it."
            );
    }

    /// <summary>Holds a mapping against the collection of its name, where there is one.</summary>
    /// <exception cref="MigrationException">It does not fit; the message says in what.</exception>
    public static async Task RequireFitAsync(ISearchDatabase database, ImportMapping mapping, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(mapping);
        if (await database.CollectionExistsAsync(mapping.Schema.Name, cancellationToken).ConfigureAwait(false))
            await ExistingAsync(database, mapping, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what is new or differs; returns how many.</summary>
    private static async Task<int> WriteAsync(
        ISearchCollection collection,
        List<Document> documents,
        ImportMapping mapping,
        CancellationToken cancellationToken
    )
    {
        var stored = (
            await collection
                .GetAsync([.. documents.Select(document => document.Key)], includeVectors: true, cancellationToken)
                .ConfigureAwait(false)
        ).ToDictionary(document => document.Key);
        var batch = new WriteBatch();
        foreach (var document in documents)
        {
            if (!stored.TryGetValue(document.Key, out var there))
            {
                batch.Upsert(document);
                continue;
            }

            if (StoredRecord.IsSame(there, document, mapping))
                continue;
            // A vector that the store no longer has goes; whatever else the record has beside the mapped fields stays.
            foreach (var (_, field) in mapping.Vectors.Where(item => there.Vectors.ContainsKey(item.Field.Name)))
                document.Vectors.TryAdd(field.Name, ReadOnlyMemory<float>.Empty);
            batch.Merge(document);
        }

        if (batch.Count > 0)
            await collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        return batch.Count;
    }

    private static async Task<ISearchCollection> ExistingAsync(
        ISearchDatabase database,
        ImportMapping mapping,
        CancellationToken cancellationToken
    )
    {
        var collection = await database.GetCollectionAsync(mapping.Schema.Name, cancellationToken).ConfigureAwait(false);
        if (ExistingSchema.Difference(collection.Schema, mapping.Schema) is { } difference)
        {
            throw new MigrationException(
                $"Collection '{collection.Name}' exists and does not fit: {difference}. Choose another name with --collection."
            );
        }
        return collection;
    }

    private static Document DocumentOf(ForeignRow row, ImportMapping mapping)
    {
        var document = new Document(RowValues.KeyOf(row.Values.GetValueOrDefault(mapping.KeyColumn!), mapping.Schema.KeyKind));
        foreach (var (column, field) in mapping.Fields)
        {
            var value = row.Values.GetValueOrDefault(column);
            try
            {
                document[field.Name] = RowValues.FieldOf(value, field);
            }
            catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
            {
                throw new MigrationException(
                    $"{row.Place}: the value of '{column}' cannot be read as {field.Type}. --field {column}:TYPE names another "
                        + "type; a second run goes on from here.",
                    e
                );
            }
        }

        foreach (var (column, field) in mapping.Vectors)
        {
            if (RowValues.VectorOf(row.Values.GetValueOrDefault(column)) is { } vector)
                document.Vectors[field.Name] = vector;
        }

        return document;
    }
}
