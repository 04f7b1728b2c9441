namespace SearchEngine.Ingestion;

/// <summary>Vectors of a file's stored chunks by the digest of what was embedded: unchanged chunks of a changed file keep theirs.</summary>
internal sealed class StoredVectors
{
    /// <summary>Vectors kept in memory for one file; of larger files the chunks behind it are embedded again.</summary>
    private const long MaxBytes = 256L << 20;

    private const int ReadAtOnce = 256;

    private readonly Dictionary<string, ReadOnlyMemory<float>> _vectors = new(StringComparer.Ordinal);

    /// <summary>The stored vectors of a source; none where the collection keeps no digests.</summary>
    internal static async Task<StoredVectors> OfAsync(
        ISearchCollection collection,
        string source,
        int chunks,
        CancellationToken cancellationToken
    )
    {
        var stored = new StoredVectors();
        if (
            collection.Schema.FindField(IngestionSchema.DigestField) is null
            || collection.Schema.FindVector(IngestionSchema.VectorField) is not { } field
        )
        {
            return stored;
        }

        var most = (int)Math.Min(chunks, MaxBytes / (field.Dimension * sizeof(float)));
        for (var from = 0; from < most; from += ReadAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var keys = Enumerable.Range(from, Math.Min(ReadAtOnce, most - from)).Select(i => IngestionSchema.Key(source, i)).ToList();
            foreach (var document in await collection.GetAsync(keys, includeVectors: true, cancellationToken).ConfigureAwait(false))
            {
                if (
                    document[IngestionSchema.DigestField] is string digest
                    && document.Vectors.TryGetValue(IngestionSchema.VectorField, out var vector)
                )
                {
                    stored._vectors[digest] = vector;
                }
            }
        }

        return stored;
    }

    // The type is named: null alone would convert to an empty memory.
    internal ReadOnlyMemory<float>? Find(string digest) =>
        _vectors.TryGetValue(digest, out var vector) ? vector : (ReadOnlyMemory<float>?)null;
}
