using System.Numerics.Tensors;

namespace SearchEngine.Embeddings.Reranking;

/// <summary>
/// Scores passages by the token states of an embedder that is loaded already (late interaction, Khattab and Zaharia 2020): for each token of
/// the query the best cosine with a token of the passage, averaged over the query's tokens. From -1 to 1. Thread-safe; the embedder stays
/// its owner's.
/// </summary>
public sealed class LateInteraction(Llm2VecEmbeddingGenerator embedder)
{
    private readonly Llm2VecEmbeddingGenerator _embedder = embedder ?? throw new ArgumentNullException(nameof(embedder));

    /// <summary>What people read.</summary>
    public string Name => $"late interaction of {_embedder.ModelId}";

    /// <summary>Scores passages.</summary>
    /// <param name="query">The query; its prompt is put in front, as for a vector of it.</param>
    /// <param name="passages">Any number of texts.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>A number from -1 to 1 for each passage, in their order.</returns>
    /// <exception cref="ArgumentException">A text holds a token that the model has no embedding for.</exception>
    public async Task<IReadOnlyList<double>> ScoreAsync(
        string query,
        IReadOnlyList<string> passages,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(passages);
        EncoderInput[] inputs =
        [
            .. _embedder.TokensOf([query], EmbeddingRole.Query, cancellationToken),
            .. _embedder.TokensOf(passages, EmbeddingRole.Document, cancellationToken),
        ];
        (var states, var width) = await _embedder.StatesOfAsync(inputs, cancellationToken).ConfigureAwait(false);
        foreach (var text in states)
            Normalize(text, width);
        var scores = new double[passages.Count];
        Parallel.For(0, scores.Length, i => scores[i] = Score(states[0], states[i + 1], width));
        return scores;
    }

    /// <summary>The mean, over the query's tokens, of the best dot product with a token of the passage.</summary>
    /// <param name="query">(tokens, width)</param>
    /// <param name="passage">(tokens, width)</param>
    /// <param name="width">Elements of a state.</param>
    internal static double Score(ReadOnlySpan<float> query, ReadOnlySpan<float> passage, int width)
    {
        var sum = 0.0;
        for (var q = 0; q < query.Length; q += width)
        {
            var best = float.NegativeInfinity;
            for (var p = 0; p < passage.Length; p += width)
                best = Math.Max(best, TensorPrimitives.Dot(query.Slice(q, width), passage.Slice(p, width)));
            sum += best;
        }
        return sum / (query.Length / width);
    }

    private static void Normalize(Span<float> states, int width)
    {
        for (var t = 0; t < states.Length; t += width)
        {
            var state = states.Slice(t, width);
            var norm = TensorPrimitives.Norm<float>(state);
            if (norm > 0)
                TensorPrimitives.Divide(state, norm, state);
        }
    }
}
