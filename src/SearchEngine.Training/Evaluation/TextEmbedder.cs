using Microsoft.Extensions.AI;

namespace SearchEngine.Training.Evaluation;

/// <summary>Embeds texts, in their order. Queries may be embedded differently from documents.</summary>
/// <param name="texts">The texts.</param>
/// <param name="asQueries">True for queries, which may get an instruction.</param>
/// <param name="cancellationToken">Stops the work.</param>
/// <returns>One vector per text, all of one length.</returns>
public delegate Task<IReadOnlyList<ReadOnlyMemory<float>>> TextEmbedder(
    IReadOnlyList<string> texts,
    bool asQueries,
    CancellationToken cancellationToken
);

/// <summary>Makes <see cref="TextEmbedder"/>s.</summary>
public static class TextEmbedders
{
    /// <summary>Texts given to a generator at once; it may batch them further.</summary>
    private const int ChunkSize = 512;

    /// <summary>
    /// An embedder over any generator; queries and documents alike unless <paramref name="queryOptions"/> says otherwise.
    /// </summary>
    /// <param name="generator">The generator; it must be safe for the thread that evaluates.</param>
    /// <param name="queryOptions">Options passed for queries.</param>
    /// <param name="progress">Receives the number of texts done so far, of one call.</param>
    public static TextEmbedder From(
        IEmbeddingGenerator<string, Embedding<float>> generator,
        EmbeddingGenerationOptions? queryOptions = null,
        IProgress<int>? progress = null
    )
    {
        ArgumentNullException.ThrowIfNull(generator);
        return async (texts, asQueries, cancellationToken) =>
        {
            var vectors = new List<ReadOnlyMemory<float>>(texts.Count);
            foreach (var chunk in texts.Chunk(ChunkSize))
            {
                var embedded = await generator
                    .GenerateAsync(chunk, asQueries ? queryOptions : null, cancellationToken)
                    .ConfigureAwait(false);
                vectors.AddRange(embedded.Select(e => e.Vector));
                progress?.Report(vectors.Count);
            }

            return vectors;
        };
    }
}
