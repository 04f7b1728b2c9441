using System.Threading.Channels;

namespace SearchEngine.Ingestion;

/// <summary>
/// Gathers parts into batches and embeds them, one batch ahead of the one that is stored. A text on which the embedder fails, or whose
/// vector cannot be stored, costs its file and no other; an embedder that fails on several files running ends the ingestion.
/// </summary>
internal sealed class EmbedStage(ISearchCollection collection, int batchChunks, Action<FilePart, string> fail)
{
    /// <summary>Files that may fail one after the other before it is the embedder that has failed.</summary>
    private const int MaxFailuresRunning = 3;

    private int _failuresRunning;

    internal async Task RunAsync(ChannelReader<FilePart> parts, ChannelWriter<BatchBuilder> batches, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            var batch = new BatchBuilder(collection.Schema);
            // Small files arrive faster than they are embedded: a batch waits until it is full or the readers are done.
            await foreach (var part in parts.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (batch.Chunks + part.Chunks.Count > batchChunks && !batch.IsEmpty)
                {
                    await PassOnAsync(batch, batches, cancellationToken).ConfigureAwait(false);
                    batch = new BatchBuilder(collection.Schema);
                }

                if (part.Job.IsFailed)
                {
                    fail(part, "");
                }
                else
                {
                    batch.Add(part);
                }
            }

            if (!batch.IsEmpty)
            {
                await PassOnAsync(batch, batches, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            batches.Complete(error);
        }
    }

    private async Task PassOnAsync(BatchBuilder batch, ChannelWriter<BatchBuilder> batches, CancellationToken cancellationToken)
    {
        if (await ProblemOfAsync(batch, cancellationToken).ConfigureAwait(false) is not { } problem)
        {
            _failuresRunning = 0;
            await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (batch.Parts.Count == 1)
        {
            if (++_failuresRunning >= MaxFailuresRunning)
            {
                throw problem;
            }

            batch.Parts[0].Job.MarkFailed();
            fail(batch.Parts[0], $"It could not be embedded: {problem.Message}");
            return;
        }

        foreach (var part in batch.Parts)
        {
            if (part.Job.IsFailed)
            {
                fail(part, "");
                continue;
            }

            var alone = new BatchBuilder(collection.Schema);
            alone.Add(part);
            await PassOnAsync(alone, batches, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Embeds a batch; what is wrong with its texts or vectors, or null.</summary>
    private async Task<Exception?> ProblemOfAsync(BatchBuilder batch, CancellationToken cancellationToken)
    {
        try
        {
            await collection.EmbedDocumentsAsync(batch.Batch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or SearchDatabaseException or OutOfMemoryException))
        {
            return e;
        }

        foreach (var document in batch.Documents)
        {
            if (document.Vectors.TryGetValue(IngestionSchema.VectorField, out var vector) && Flaw(vector.Span) is { } flaw)
            {
                return new ArgumentException($"the vector of '{document.Key}' {flaw}.");
            }
        }

        return null;
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
