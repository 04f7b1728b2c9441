namespace SearchEngine.Ingestion;

/// <summary>
/// Embeds passages; where that fails finds the texts that are to blame, by halves, so that they cost no other. An embedder that fails on a
/// plain sentence too is to blame itself.
/// </summary>
internal sealed class FaultFinder(ISearchCollection collection)
{
    /// <summary>What <c>NonFiniteVectorException</c> of the embeddings keeps its texts' numbers under.</summary>
    private const string TextIndicesKey = "TextIndices";

    /// <summary>A sentence that any model of texts embeds.</summary>
    private const string PlainText = "The library is open from nine to five.";

    /// <summary>Embeds passages that have no vector. Those in the result have none afterwards, all others have.</summary>
    /// <exception cref="Exception">The embedder's own, where it fails on everything.</exception>
    internal async Task<IReadOnlyList<EmbeddingFault>> EmbedAsync(IReadOnlyList<Document> documents, CancellationToken cancellationToken)
    {
        var faults = new List<EmbeddingFault>();
        if (await TryAsync(documents, faults, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            await RequireEmbedderAsync(problem, cancellationToken).ConfigureAwait(false);
            await DivideAsync(documents, problem, faults, cancellationToken).ConfigureAwait(false);
        }
        else if (faults.Count > 0)
        {
            var useless = new InvalidOperationException(
                $"The embedder gives no vectors that can be used, of a plain sentence neither: {faults[0].Problem.Message}.",
                faults[0].Problem
            );
            await RequireEmbedderAsync(useless, cancellationToken).ConfigureAwait(false);
        }

        return faults;
    }

    private async Task DivideAsync(
        IReadOnlyList<Document> documents,
        Exception problem,
        List<EmbeddingFault> faults,
        CancellationToken cancellationToken
    )
    {
        if (documents.Count == 1)
        {
            faults.Add(new EmbeddingFault(documents[0], problem, problem.Data.Contains(TextIndicesKey)));
            return;
        }

        var middle = documents.Count / 2;
        foreach (var half in new[] { documents.Take(middle).ToList(), documents.Skip(middle).ToList() })
        {
            if (await TryAsync(half, faults, cancellationToken).ConfigureAwait(false) is { } again)
            {
                await DivideAsync(half, again, faults, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Embeds what has no vector; gives what the embedder threw, or null.</summary>
    private async Task<Exception?> TryAsync(
        IReadOnlyList<Document> documents,
        List<EmbeddingFault> faults,
        CancellationToken cancellationToken
    )
    {
        var batch = new WriteBatch();
        foreach (var document in documents)
        {
            batch.Upsert(document);
        }

        try
        {
            await collection.EmbedDocumentsAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or SearchDatabaseException or OutOfMemoryException))
        {
            return e;
        }

        foreach (var document in documents)
        {
            if (
                document.Vectors.TryGetValue(IngestionSchema.VectorField, out var vector)
                && Flaw(vector.Span) is { } flaw
                && document.Vectors.Remove(IngestionSchema.VectorField)
            )
            {
                faults.Add(new EmbeddingFault(document, new ArgumentException($"its vector {flaw}"), IsOfNumbers: true));
            }
        }

        return null;
    }

    private async Task RequireEmbedderAsync(Exception problem, CancellationToken cancellationToken)
    {
        var plain = new Document(RecordKey.From("plain")) { EmbeddingTexts = { [IngestionSchema.VectorField] = PlainText } };
        var faults = new List<EmbeddingFault>();
        var failed = await TryAsync([plain], faults, cancellationToken).ConfigureAwait(false);
        if (failed is not null || faults.Count > 0)
        {
            throw problem;
        }
    }

    private static string? Flaw(ReadOnlySpan<float> vector)
    {
        foreach (var component in vector)
        {
            if (!float.IsFinite(component))
            {
                return $"holds {component}";
            }
        }

        return vector.IndexOfAnyExcept(0f) < 0 ? "is zero" : null;
    }
}
