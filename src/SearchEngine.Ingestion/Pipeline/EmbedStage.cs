using System.Threading.Channels;

namespace SearchEngine.Ingestion;

/// <summary>
/// Gathers parts into batches and embeds them, ahead of the one that is stored: two at a time, so that the embedder has work while a
/// batch's texts become tokens, and hands them on in order. A passage for which the model gives no numbers
/// is stored without a vector, to be found by its words, and told of; a text on which the embedder fails costs its file; neither costs
/// any other file, however many there are. An embedder that fails on everything ends the ingestion.
/// </summary>
/// <param name="collection">Where to.</param>
/// <param name="options">How many passages a batch has, and whether they are embedded in their context.</param>
/// <param name="fail">Told of a file that failed, once, and why.</param>
/// <param name="warn">Told of a passage that has no vector.</param>
internal sealed class EmbedStage(
    ISearchCollection collection,
    IngestionOptions options,
    Action<FilePart, string> fail,
    Action<IngestionIssue> warn
)
{
    private const int BatchesAtOnce = 2;

    private readonly FaultFinder _embedder = new(collection);
    private readonly Queue<(BatchBuilder Batch, Task<IReadOnlyList<EmbeddingFault>> Faults)> _running = new();

    internal async Task RunAsync(ChannelReader<FilePart> parts, ChannelWriter<BatchBuilder> batches, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            var batch = new BatchBuilder(collection.Schema);
            // Small files arrive faster than they are embedded: a batch waits until it is full or the readers are done.
            await foreach (var part in parts.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (batch.Chunks + part.Chunks.Count > options.BatchChunks && !batch.IsEmpty)
                {
                    await BeginAsync(batch, batches, cancellationToken).ConfigureAwait(false);
                    batch = new BatchBuilder(collection.Schema);
                }

                // What comes behind a part that failed is dropped: the file stays incomplete.
                if (!part.Job.IsFailed)
                {
                    batch.Add(part);
                }
            }

            await BeginAsync(batch, batches, cancellationToken).ConfigureAwait(false);
            while (_running.Count > 0)
            {
                await PassOnAsync(batches, cancellationToken).ConfigureAwait(false);
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
            foreach (var (_, rest) in _running)
            {
                await ((Task)rest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task BeginAsync(BatchBuilder batch, ChannelWriter<BatchBuilder> batches, CancellationToken cancellationToken)
    {
        if (options.EmbedPassages is { } embedPassages)
        {
            await Task.WhenAll(
                    batch
                        .Entries.SelectMany(e => PassageGroup.Of(e.Part, e.Documents))
                        .Select(g => g.EmbedAsync(embedPassages, cancellationToken))
                )
                .ConfigureAwait(false);
        }

        List<Document> documents = [.. batch.Entries.SelectMany(e => e.Documents)];
        _running.Enqueue((batch, _embedder.EmbedAsync(documents, cancellationToken)));
        if (_running.Count == BatchesAtOnce)
        {
            await PassOnAsync(batches, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the batch that was begun first, and hands it on.</summary>
    private async Task PassOnAsync(ChannelWriter<BatchBuilder> batches, CancellationToken cancellationToken)
    {
        var (batch, embedding) = _running.Peek();
        var faults = (await embedding.ConfigureAwait(false)).ToDictionary(f => f.Document);
        _running.Dequeue();
        // A part before may have failed after this one was added.
        foreach (var (part, own) in batch.Entries.ToList())
        {
            if (part.Job.IsFailed || !Keep(part, own, faults))
            {
                batch.Drop(part);
            }
        }

        if (!batch.IsEmpty)
        {
            await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deals with the faults of a part; false if it cannot be stored.</summary>
    private bool Keep(FilePart part, List<Document> documents, Dictionary<Document, EmbeddingFault> faults)
    {
        foreach (var (document, i) in documents.Select((d, i) => (d, i)))
        {
            if (!faults.TryGetValue(document, out var fault))
            {
                continue;
            }

            if (!fault.IsOfNumbers)
            {
                part.Job.MarkFailed();
                fail(part, $"It could not be embedded: {fault.Problem.Message}");
                return false;
            }

            // An empty vector is none, and none is asked for again.
            document.Vectors[IngestionSchema.VectorField] = ReadOnlyMemory<float>.Empty;
            var issue = new IngestionIssue(
                part.Job.File.FullPath,
                $"Passage {part.Start + i} has no vector and is found by its words only: {fault.Problem.Message.TrimEnd('.')}.",
                part.Chunks[i].Chunk.Line
            );
            part.Job.AddProblem(issue);
            warn(issue);
        }

        return true;
    }
}
